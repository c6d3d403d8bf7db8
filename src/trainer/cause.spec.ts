/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';

import type { Event } from '../client/kubernetes/kinds';
import { makePod, terminated } from '../testing/trainer';
import { errorLine, failureOf, isWait, waitOf } from './cause';
import { causeMessage, causeRemedy, causeText } from './causeWords';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const MISSING = `Traceback (most recent call last):
  File "/workspace/train.py", line 1, in <module>
    import lightgbm.basic
ModuleNotFoundError: No module named 'lightgbm.basic'
`;

describe('failureOf', () => {
  it('blames the node that failed first, not those that were ended with it', () => {
    const cause = failureOf([
      makePod('digits', 0, 'Failed', terminated(143, { finishedAt: '2026-01-01T10:00:01Z' })),
      makePod('digits', 1, 'Failed', terminated(3)),
      makePod('digits', 2, 'Failed', terminated(1, { finishedAt: '2026-01-01T10:00:59Z' }))
    ])!;
    expect(cause).toMatchObject({ kind: 'exit', exitCode: 3, place: { step: 'node', index: 1 } });
    expect(causeText(cause, trans)).toBe('exit code 3');
  });

  it.each([
    ['OOMKilled', terminated(137, { reason: 'OOMKilled' }), 'out of memory'],
    ['a killed process', terminated(137), 'killed (exit code 137)'],
    ['a missing module', terminated(1, { message: MISSING }), 'module lightgbm.basic is missing'],
    [
      'a missing program',
      terminated(128, { reason: 'StartError', message: 'no such file: trainx' }),
      'its command could not be started'
    ],
    [
      'an error of Python',
      terminated(1, { message: 'Traceback…\nValueError: lr must be positive' }),
      'exit code 1: ValueError: lr must be positive'
    ],
    [
      'the memory of a GPU',
      terminated(1, { message: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate' }),
      'out of GPU memory'
    ]
  ])('tells %s', (_, state, text) => {
    const cause = failureOf([makePod('digits', 0, 'Failed', state)])!;
    expect(causeText(cause, trans)).toBe(text);
    expect(causeRemedy(cause, trans)).toBeTruthy();
  });

  it('reads the log where the container has left no message', () => {
    const pod = makePod('digits', 0, 'Failed', terminated(1));
    const said = new Map([[pod.metadata!.name!, MISSING]]);
    expect(failureOf([pod], said)).toMatchObject({
      kind: 'missing-module',
      subject: 'lightgbm.basic'
    });
  });

  it('tells the deadline and the eviction of a pod', () => {
    const over = (reason: string) =>
      makePod('digits', 0, 'Failed', terminated(143), { status: { reason, message: 'Why.' } });
    expect(failureOf([over('DeadlineExceeded')])).toMatchObject({ kind: 'deadline' });
    expect(failureOf([over('Evicted')])).toMatchObject({ kind: 'evicted', message: 'Why.' });
  });

  it('says nothing of what has not failed', () => {
    expect(failureOf([makePod('digits', 0, 'Succeeded', terminated(0))])).toBeUndefined();
    expect(failureOf([])).toBeUndefined();
  });
});

it('errorLine takes the last error, without module, rank and what the launcher says', () => {
  const log = `
[rank1]: RuntimeError: first
[rank1]: torch.distributed.DistBackendError: NCCL error
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
SystemExit: 1
exit 1
`;
  expect(errorLine(log)).toBe('DistBackendError: NCCL error');
  expect(errorLine('epoch 1\nloss 0.3')).toBeUndefined();
});

describe('waitOf', () => {
  const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });

  it('tells that an image cannot be pulled', () => {
    const cause = waitOf([makePod('digits', 0, 'Pending', waiting('ImagePullBackOff'))])!;
    expect(causeText(cause, trans)).toBe('image pytorch/pytorch cannot be pulled');
  });

  it('says nothing of a container that is being made', () => {
    const pod = makePod('digits', 0, 'Pending', waiting('ContainerCreating'));
    expect(waitOf([pod])).toBeUndefined();
  });

  it('tells why the scheduler has no room', () => {
    const message =
      '0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available.';
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }
    ];
    const pod = makePod('digits', 0, 'Pending', {}, { status: { conditions } });
    const cause = waitOf([pod])!;
    expect(causeText(cause, trans)).toBe('3 Insufficient nvidia.com/gpu');
    expect(causeRemedy(cause, trans)).toMatch(/starts by itself when there is room/);
    expect(isWait(cause)).toBe(true);
  });

  const unscheduled = (message: string) => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }
    ];
    return waitOf([makePod('digits', 0, 'Pending', {}, { status: { conditions } })])!;
  };

  it('tells a volume claim that is missing from having no room', () => {
    const cause = unscheduled('0/1 nodes are available: persistentvolumeclaim "nah" not found');
    expect(causeText(cause, trans)).toBe('the volume claim nah does not exist');
    expect(causeRemedy(cause, trans)).toMatch(/^Create the volume claim nah.* clone the job/);
    expect(isWait(cause)).toBe(false);
  });

  it.each([
    [
      '0/1 nodes are available: the pod asks for 1 nvidia.com/gpu, and this machine has 0. Ask for fewer, or run it on a cluster.',
      'the pod asks for 1 nvidia.com/gpu, and this machine has 0'
    ],
    [
      '0/1 nodes are available: spec.volumes[0].nfs: Local Kubeflow has no such volumes. Use a persistentVolumeClaim or an emptyDir.',
      'spec.volumes[0].nfs: Local Kubeflow has no such volumes'
    ]
  ])('leaves it to the message to say what to do where it does: %s', (message, text) => {
    const cause = unscheduled(message);
    expect(causeText(cause, trans)).toBe(text);
    expect(causeRemedy(cause, trans)).toBeUndefined();
    expect(causeMessage(cause, trans)).toBe(message);
    expect(isWait(cause)).toBe(false);
  });

  it.each([
    ['CreateContainerError', 'Error response from daemon: no command specified', /with a command/],
    [
      'CreateContainerError',
      'The container runs the entry point of its image. Local Kubeflow runs no images: give the container a command that this machine has, or run it on a cluster.',
      undefined
    ],
    ['CreateContainerConfigError', 'secret "token" not found', /^Create the secret token,/],
    ['CreateContainerConfigError', 'configmap "c" not found', /^Create the config map c,/],
    ['CreateContainerConfigError', "couldn't find key k in Secret team-a/token", /^Add the key/],
    ['CreateContainerError', 'context deadline exceeded', /The events of the pod/]
  ])('tells what to do about %s: %s, and says the message once', (reason, message, remedy) => {
    const cause = waitOf([makePod('digits', 0, 'Pending', waiting(reason, message))])!;
    expect(causeText(cause, trans)).toBe(message);
    expect(causeMessage(cause, trans)).toBeUndefined();
    const found = causeRemedy(cause, trans);
    expect(remedy ? found : [found]).toEqual(remedy ? expect.stringMatching(remedy) : [undefined]);
  });

  it.each([
    'admission webhook "vjobset.kb.io" denied the request: JobSet name is too long, job names generated for this JobSet will exceed 63 characters',
    'metadata.name must be no more than 63 characters'
  ])('says in few words that a name is too long, and what to do: %s', message => {
    const refused = { type: 'Warning', reason: 'TrainJobResourcesCreationFailed', message };
    const cause = waitOf([], [refused as Event])!;
    expect(causeText(cause, trans)).toBe('its name is too long');
    expect(causeRemedy(cause, trans)).toBe('Clone it under a shorter name.');
    expect(causeMessage(cause, trans)).toBe(message);
  });

  it('says a message once that tells no more than the few words', () => {
    const message = '0/1 nodes are available: 2 pods go first: all 2 cores are in use.';
    expect(causeMessage(unscheduled(message), trans)).toBeUndefined();
  });

  it('tells the quota that refuses pods, from the event, and why anything else is not made', () => {
    const event = (reason: string, message: string) =>
      ({ type: 'Warning', reason, message }) as Event;
    const quota = event(
      'FailedCreate',
      'Error creating: pods "digits-node-0-0" is forbidden: exceeded quota: team, requested: cpu=2, used: cpu=3, limited: cpu=4'
    );
    expect(causeText(waitOf([], [quota])!, trans)).toBe(
      'quota team is used up: it asks for cpu=2, used are cpu=3 of cpu=4'
    );
    const refused = event('TrainJobResourcesCreationFailed', 'admission webhook denied it');
    expect(waitOf([], [refused])).toEqual({
      kind: 'refused',
      message: 'admission webhook denied it'
    });
  });

  describe('a quota that refuses some of the pods', () => {
    const quota = (at: string) =>
      ({
        type: 'Warning',
        reason: 'FailedCreate',
        message: 'exceeded quota: team, requested: pods=1, used: pods=4, limited: pods=4',
        lastTimestamp: `2026-01-01T${at}Z`,
        involvedObject: { kind: 'Job' }
      }) as unknown as Event;
    const pod = (index: number, at: string) =>
      makePod('digits', index, 'Running', {}, { created: `2026-01-01T${at}Z` });
    const two = [pod(0, '10:00:01'), pod(1, '10:00:01')];

    it('is told while pods are missing', () => {
      expect(waitOf(two, [quota('10:00:01')], { nodes: 3 })).toMatchObject({ kind: 'quota' });
    });

    it.each([
      ['all pods are there', [...two, pod(2, '10:00:01')], {}],
      ['a pod was made since', [pod(0, '10:00:01'), pod(1, '10:05:00')], {}],
      ['the job was resumed since', [], { since: '2026-01-01T10:05:00Z' }]
    ])('is not told any more when %s', (_, pods, expected) => {
      expect(waitOf(pods, [quota('10:00:02')], { nodes: 3, ...expected })).toBeUndefined();
    });

    it('is not taken from the events of a pod', () => {
      const of = (kind: string) => ({ ...quota('10:00:02'), involvedObject: { kind } }) as Event;
      expect(waitOf([], [of('Pod')])).toBeUndefined();
      expect(waitOf([], [of('Job')])).toBeDefined();
    });
  });
});
