/** @jest-environment node */
import Ajv from 'ajv';

import { condition, makeJob, makePod, RUNNING, terminated } from '../../testing/trainer';
import schema from '../schema.json';
import { graphFromTrainJob } from './trainJob';

const validate = new Ajv({ strict: false }).compile(schema);
const step = (name: string, completions: number, dependsOn: string[] = []) => ({
  name,
  template: { spec: { completions } },
  dependsOn: dependsOn.map(name => ({ name, status: 'Complete' }))
});
const jobSet = {
  spec: {
    replicatedJobs: [step('dataset-initializer', 1), step('node', 2, ['dataset-initializer'])]
  }
};
const states = (...args: Parameters<typeof graphFromTrainJob>) => {
  const document = graphFromTrainJob(...args);
  expect(validate(document) ? [] : validate.errors).toEqual([]);
  return Object.fromEntries(document.nodes.map(({ id, state }) => [id, state]));
};

it('has a node for each step, and in a step of several nodes one for each of them', () => {
  const document = graphFromTrainJob(makeJob('digits', { status: RUNNING }), {
    jobSet,
    pods: [
      makePod('digits', 0, 'Succeeded', terminated(0), { step: 'dataset-initializer' }),
      makePod('digits', 0, 'Running', { running: { startedAt: '2026-01-01T10:00:20Z' } })
    ]
  });
  expect(validate(document)).toBe(true);
  expect(document.title).toBe('digits');
  expect(document.edges).toEqual([
    {
      id: 'root.dataset-initializer->root.node',
      from: 'root.dataset-initializer',
      to: 'root.node'
    }
  ]);
  expect(document.nodes).toMatchObject([
    {
      id: 'root.dataset-initializer',
      kind: 'importer',
      label: 'dataset initializer',
      state: 'succeeded',
      startTime: '2026-01-01T10:00:10Z',
      endTime: '2026-01-01T10:00:51Z'
    },
    { id: 'root.node', kind: 'dag', label: 'node ×2', state: 'running' },
    {
      id: 'root.node.0',
      label: 'node 0',
      parent: 'root.node',
      state: 'running',
      refs: { step: 'node', index: '0', podName: 'digits-node-0-0-abcde' }
    },
    { id: 'root.node.1', state: 'pending' }
  ]);
});

it('shows a job that was not made yet by its runtime', () => {
  const labelled = { 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' };
  const runtime = {
    spec: {
      mlPolicy: { numNodes: 4 },
      template: {
        spec: {
          replicatedJobs: [
            step('model-initializer', 1),
            { name: 'node', template: { metadata: { labels: labelled } } }
          ]
        }
      }
    }
  };
  const job = makeJob('digits', { spec: { trainer: {} } });
  expect(Object.keys(states(job, { runtime }))).toEqual([
    'root.model-initializer',
    'root.node',
    ...[0, 1, 2, 3].map(index => `root.node.${index}`)
  ]);
  expect(states(makeJob('digits'))).toMatchObject({ 'root.node.1': 'pending' });
});

it('tells which node failed and why, and shows the last pod of each place', () => {
  const failed = makePod('digits', 1, 'Failed', terminated(137, { reason: 'OOMKilled' }), {
    metadata: { name: 'second', creationTimestamp: '2026-01-01T10:05:00Z' }
  });
  const first = makePod(
    'digits',
    1,
    'Running',
    {},
    {
      metadata: { name: 'first', creationTimestamp: '2026-01-01T10:00:00Z' }
    }
  );
  const document = graphFromTrainJob(makeJob('digits', { conditions: [condition('Failed')] }), {
    jobSet,
    pods: [failed, first]
  });
  expect(document.nodes.find(({ id }) => id === 'root.node.1')).toMatchObject({
    state: 'failed',
    detail: 'OOMKilled, exit code 137',
    refs: { podName: 'second' }
  });
  expect(document.nodes.find(({ id }) => id === 'root.node')?.state).toBe('failed');
  expect(document.nodes.find(({ id }) => id === 'root.node.0')?.state).toBe('cancelled');
});

it('shows a suspended job as paused, and one that has ended without its pods', () => {
  const one = { spec: { replicatedJobs: [step('node', 1)] } };
  const suspended = makeJob('a', { conditions: [condition('Suspended')] });
  expect(states(suspended, { jobSet: one })).toEqual({ 'root.node': 'paused' });
  const complete = makeJob('a', { conditions: [condition('Complete')] });
  expect(states(complete, { jobSet: one })).toEqual({ 'root.node': 'succeeded' });
  const labels = { 'jobset.sigs.k8s.io/replicatedjob-name': 'node' };
  const job = { metadata: { labels }, status: { conditions: [condition('Failed')] } };
  expect(states(makeJob('a'), { jobSet: one, jobs: [job] })).toEqual({ 'root.node': 'failed' });
});

it('does not blame a node whose pod was removed when another one had failed', () => {
  const labels = { 'jobset.sigs.k8s.io/replicatedjob-name': 'node' };
  const job = { metadata: { labels }, status: { conditions: [condition('Failed')] } };
  const parts = { jobSet, jobs: [job], pods: [makePod('a', 1, 'Failed', terminated(1))] };
  expect(states(makeJob('a', { conditions: [condition('Failed')] }), parts)).toMatchObject({
    'root.node.0': 'cancelled',
    'root.node.1': 'failed',
    'root.node': 'failed'
  });
});

it('reads anything', () => {
  expect(validate(graphFromTrainJob(null, { jobSet: 3, pods: [null, 'x'] }))).toBe(true);
});
