/** @jest-environment node */
import { condition, makeWorkload } from '../testing/trainer';
import { queuePlaces } from './queue';

const places = (...workloads: ReturnType<typeof makeWorkload>[]) =>
  Object.fromEntries(
    [...queuePlaces(workloads)].map(([uid, { position, waiting }]) => [uid, [position, waiting]])
  );

it('orders by priority, then by age, within each queue', () => {
  expect(
    places(
      makeWorkload('late', { created: '2026-01-01T11:00:00Z' }),
      makeWorkload('early', { created: '2026-01-01T09:00:00Z' }),
      makeWorkload('urgent', { created: '2026-01-01T12:00:00Z', spec: { priority: 100 } }),
      makeWorkload('elsewhere', { spec: { queueName: 'other' } })
    )
  ).toEqual({
    'uid-urgent': [1, 3],
    'uid-early': [2, 3],
    'uid-late': [3, 3],
    'uid-elsewhere': [1, 1]
  });
});

it('counts only what waits', () => {
  expect(
    places(
      makeWorkload('admitted', { conditions: [condition('QuotaReserved')] }),
      makeWorkload('finished', { conditions: [condition('Finished')] }),
      makeWorkload('stopped', { spec: { active: false } }),
      makeWorkload('waiting', { conditions: [condition('QuotaReserved', 'False', 'Pending')] })
    )
  ).toEqual({ 'uid-waiting': [1, 1] });
});

it('counts other kinds of work in the queue, and puts what was evicted for want of ready pods at its end', () => {
  const evicted = (reason: string) => ({
    created: '2026-01-01T08:00:00Z',
    conditions: [
      { ...condition('Evicted', 'True', reason), lastTransitionTime: '2026-01-02T00:00:00Z' }
    ]
  });
  expect(
    places(
      makeWorkload('slow', evicted('PodsReadyTimeout')),
      makeWorkload('preempted', evicted('Preempted')),
      makeWorkload('notebook', { kind: 'Job' }),
      makeWorkload('mine', { created: '2026-01-01T10:30:00Z' })
    )
  ).toEqual({ 'uid-preempted': [1, 4], 'uid-mine': [3, 4], 'uid-slow': [4, 4] });
});
