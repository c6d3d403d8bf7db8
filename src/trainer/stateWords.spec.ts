/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';

import { condition, makeJob, makePod, RUNNING, terminated } from '../testing/trainer';
import { failureOf, waitOf } from './cause';
import { type IKnown, stateWords } from './stateWords';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const NOW = Date.parse('2026-01-01T10:02:00Z');
const UNSCHEDULED = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'Unschedulable',
  message: '0/1 nodes are available: 1 Insufficient cpu.'
};
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
  [
    'Failed after 1 min: deadline exceeded',
    makeJob('a', { conditions: [condition('Failed', 'True', 'DeadlineExceeded')] }),
    {}
  ],
  [
    'Failed after 1 min',
    makeJob('a', { conditions: [condition('Failed', 'True', 'FailedJobs')] }),
    {}
  ],
  ['Succeeded after 1 min', makeJob('a', { conditions: [condition('Complete')] }), {}],
  ['Running for 2 min on 1 of 2 nodes', makeJob('a', { status: RUNNING }), { ready: 1, nodes: 2 }],
  ['Running for 2 min', makeJob('a', { status: RUNNING }), { ready: 1, nodes: 1 }],
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
  expect(words(job, known)).toBe(expected);
});
