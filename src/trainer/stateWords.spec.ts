/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';

import { condition, makeJob, makePod, RUNNING, terminated } from '../testing/trainer';
import { deadlineOf, failureOf, waitOf } from './cause';
import { type IKnown, stateWords } from './stateWords';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const NOW = Date.parse('2026-01-01T10:02:00Z');
const UNSCHEDULED = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'Unschedulable',
  message: '0/1 nodes are available: 1 Insufficient cpu.'
};
const LATE = makeJob('a', { conditions: [condition('Failed', 'True', 'DeadlineExceeded')] });
const FAILED = {
  kind: 'exit',
  exitCode: 1,
  place: { step: 'node', index: 0 }
} as const;
const RETRIED = { ...FAILED, retry: { attempt: 4, of: 7 } };
const QUOTA = { kind: 'quota', message: '' } as const;
const words = (job: ReturnType<typeof makeJob>, known: Partial<IKnown> = {}) => {
  const { before, place, after } = stateWords(job, { ready: 0, ...known }, NOW, trans);
  return `${before}${place ? ` ${place}` : ''}${after}`;
};

it.each([
  [
    'Failed in node 1 after 1 min: exit code 1',
    makeJob('a', { conditions: [condition('Failed', 'True', 'FailedJobs')] }),
    { cause: failureOf([makePod('a', 1, 'Failed', terminated(1))]) }
  ],
  ['Failed after 1 min: took longer than its deadline', LATE, { cause: deadlineOf(LATE) }],
  [
    'Failed after 1 min',
    makeJob('a', { conditions: [condition('Failed', 'True', 'FailedJobs')] }),
    {}
  ],
  ['Succeeded after 1 min', makeJob('a', { conditions: [condition('Complete')] }), {}],
  ['Running for 2 min on 1 of 2 nodes', makeJob('a', { status: RUNNING }), { ready: 1, nodes: 2 }],
  ['Running for 2 min', makeJob('a', { status: RUNNING }), { ready: 1, nodes: 1 }],
  [
    'Running for 2 min on 2 nodes',
    makeJob('a', { status: RUNNING }),
    { ready: undefined, nodes: 2 }
  ],
  [
    'Running for 1 min 20 s on 2 of 2 nodes, having waited for 40 s',
    makeJob('a', { status: RUNNING }),
    { ready: 2, nodes: 2, began: '2026-01-01T10:00:40Z' }
  ],
  [
    'Succeeded after 20 s, having waited for 40 s',
    makeJob('a', { conditions: [condition('Complete')] }),
    { began: '2026-01-01T10:00:40Z' }
  ],
  [
    'Succeeded after 58 s',
    makeJob('a', { conditions: [condition('Complete')] }),
    { began: '2026-01-01T10:00:02Z' }
  ],
  [
    'Failed in node 0 after 20 s, having waited for 40 s: exit code 1',
    makeJob('a', { conditions: [condition('Failed', 'True', 'FailedJobs')] }),
    { began: '2026-01-01T10:00:40Z', cause: FAILED }
  ],
  [
    'Trying again in node 0: attempt 4 of 7, last: exit code 1',
    makeJob('a'),
    { cause: RETRIED, began: '2026-01-01T10:00:40Z' }
  ],
  [
    'Running for 2 min, but node 0 is tried again: attempt 4 of 7, last: exit code 1',
    makeJob('a', { status: RUNNING }),
    { cause: RETRIED }
  ],
  [
    'Waits for 2 min with 2 of 3 nodes: the quota is used up',
    makeJob('a'),
    { cause: QUOTA, ready: 2, nodes: 3 }
  ],
  ['Waits for 2 min: the quota is used up', makeJob('a'), { cause: QUOTA, ready: 0, nodes: 3 }],
  [
    'Cannot start: its name is too long',
    makeJob('a'),
    { cause: { kind: 'refused', message: 'JobSet name is too long' } }
  ],
  ['Suspended', makeJob('a', { conditions: [condition('Suspended')] }), {}],
  [
    'Waits in the queue training as 2 of 5',
    makeJob('a', { conditions: [condition('Suspended')] }),
    { queue: { queue: 'training', position: 2, waiting: 5 } }
  ],
  ['Starting for 2 min', makeJob('a'), {}],
  [
    'Waits for 2 min in node 0: image pytorch/pytorch cannot be pulled',
    makeJob('a'),
    { cause: waitOf([makePod('a', 0, 'Pending', { waiting: { reason: 'ErrImagePull' } })]) }
  ],
  [
    'Running for 2 min, but node 1 fails: exit code 1',
    makeJob('a', { status: RUNNING }),
    { cause: failureOf([makePod('a', 1, 'Failed', terminated(1))]) }
  ],
  [
    'Running for 2 min, but node 0 waits: 1 Insufficient cpu',
    makeJob('a', { status: RUNNING }),
    { cause: waitOf([makePod('a', 0, 'Pending', {}, { status: { conditions: [UNSCHEDULED] } })]) }
  ],
  [
    'Waits for 2 min: 1 Insufficient cpu',
    makeJob('a'),
    { cause: waitOf([makePod('a', 0, 'Pending', {}, { status: { conditions: [UNSCHEDULED] } })]) }
  ],
  ['Being deleted', makeJob('a', { metadata: { deletionTimestamp: '2026-01-01T10:01:00Z' } }), {}],
  [
    'Running for 1 min on 2 of 2 nodes',
    makeJob('a', { status: RUNNING, conditions: [condition('Suspended', 'False', 'Resumed')] }),
    { ready: 2, nodes: 2 }
  ]
])('%s', (expected, job, known) => {
  expect(words(job, known as Partial<IKnown>)).toBe(expected);
});
