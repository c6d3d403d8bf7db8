/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';

import { makeNodes, makePod, terminated } from '../testing/trainer';
import { attemptText, retryWords } from './causeWords';
import { retriesOf, retryNow } from './retries';

const trans = nullTranslator.load('jupyterlab_kubeflow');

it('tells the attempt, of how many, and why the pod before it failed', () => {
  const { job, failed } = makeNodes('digits', { status: { failed: 3 } });
  const [retry] = retriesOf([job], [failed(2, 1, terminated(7)), failed(1, 0, terminated(1))]);
  expect(retry).toMatchObject({
    cause: { kind: 'exit', exitCode: 7, place: { index: 1 }, retry: { attempt: 4, of: 7 } }
  });
  expect(attemptText(retry!.cause, trans)).toBe('attempt 4 of 7, last: exit code 7');
  expect(retryWords(retry!.cause, trans)).toMatch(/until it has failed 7 times/);
});

it('counts pods that the Job has not counted yet, and each index by itself where that has a limit', () => {
  const { job, failed } = makeNodes('digits', { spec: { backoffLimitPerIndex: 2 } });
  const pods = [failed(1, 0, terminated(1)), failed(2, 1, terminated(1))];
  expect(retriesOf([job], pods)[0]!.cause.retry).toEqual({ attempt: 2, of: 3 });
  const { job: together } = makeNodes('digits', { spec: { backoffLimit: 4 } });
  expect(retriesOf([together], pods)[0]!.cause.retry).toEqual({ attempt: 3, of: 5 });
});

it('blames the pod that failed rather than one that was ended with it', () => {
  const { job, failed } = makeNodes('digits');
  const pods = [failed(1, 0, terminated(3)), failed(2, 1, terminated(143))];
  expect(retriesOf([job], pods)[0]!.cause).toMatchObject({ kind: 'exit', exitCode: 3 });
});

it.each([
  ['another attempt is not left', { spec: { backoffLimit: 0 } }],
  ['the Job has failed', { status: { conditions: [{ type: 'Failed', status: 'True' }] } }]
])('tells nothing when %s', (_, change) => {
  const { job, failed } = makeNodes('digits', change);
  expect(retriesOf([job], [failed(1, 0, terminated(1))])).toEqual([]);
});

it('tells nothing of pods of another Job, or that have not failed', () => {
  const { job, failed, of } = makeNodes('digits');
  const other = makeNodes('other');
  const succeeded = makePod('digits', 0, 'Succeeded', terminated(0), {
    metadata: { ownerReferences: [of] }
  });
  expect(retriesOf([other.job], [failed(1, 0, terminated(1))])).toEqual([]);
  expect(retriesOf([job], [succeeded])).toEqual([]);
});

it('is over when all pods of the Job are ready', () => {
  const { job, failed, of } = makeNodes('digits');
  const retries = retriesOf([job], [failed(1, 0, terminated(1))]);
  const ready = (index: number) =>
    makePod('digits', index, 'Running', {}, { metadata: { ownerReferences: [of] } });
  expect(retryNow(retries, [ready(0)])).toBe(retries[0]);
  expect(retryNow(retries, [ready(0), ready(1)])).toBeUndefined();
});
