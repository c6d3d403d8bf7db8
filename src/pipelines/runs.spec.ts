import { nullTranslator } from '@jupyterlab/translation';

import type { IRun } from '../client/pipelines';
import { makeRun, makeTask } from '../testing/pipelines';
import { failedTask, plannedTasks, progressOf } from './progress';
import {
  appendPage,
  applyFirstPage,
  changeRuns,
  filterRuns,
  RETRIED,
  retryRefusal,
  unfinished,
  withoutRuns
} from './runs';

const ids = (runs: readonly IRun[]) => runs.map(run => run.id);
const runs = (...numbers: number[]) => numbers.map(number => makeRun(number));

describe('applyFirstPage', () => {
  const list = applyFirstPage(undefined, {
    items: runs(5, 4, 3, 2),
    nextPageToken: 'more',
    total: 9
  });

  it('begins the list and remembers where to go on', () => {
    expect(ids(list.runs)).toEqual(['run-5', 'run-4', 'run-3', 'run-2']);
    expect(list).toMatchObject({ next: 'more', total: 9 });
  });

  it('puts new runs first and renews known ones', () => {
    const changed = { ...makeRun(5), state: 'failed' as const };
    const next = applyFirstPage(list, { items: [makeRun(6), changed], nextPageToken: 'x' });
    expect(ids(next.runs)).toEqual(['run-6', 'run-5', 'run-4', 'run-3', 'run-2']);
    expect(next.runs[1]!.state).toBe('failed');
    expect(next.next).toBe('more');
  });

  it('begins anew when it cannot know what lies between the page and the list', () => {
    const next = applyFirstPage(list, { items: runs(40, 39), nextPageToken: 'x' });
    expect(ids(next.runs)).toEqual(['run-40', 'run-39']);
    expect(next.next).toBe('x');
  });

  it('drops a run that is missing where it should be', () => {
    const next = applyFirstPage(list, { items: runs(5, 3), nextPageToken: 'x' });
    expect(ids(next.runs)).toEqual(['run-5', 'run-3', 'run-2']);
    expect(ids(applyFirstPage(list, { items: runs(3) }).runs)).toEqual(['run-3']);
    expect(ids(applyFirstPage(list, { items: [] }).runs)).toEqual([]);
  });

  it('renews and drops runs further down that were read by themselves', () => {
    const others = new Map([
      ['run-3', { ...makeRun(3), state: 'failed' as const }],
      ['run-2', null]
    ]);
    const next = applyFirstPage(list, { items: runs(5), nextPageToken: 'x' }, others);
    expect(ids(next.runs)).toEqual(['run-5', 'run-4', 'run-3']);
    expect(next.runs[2]!.state).toBe('failed');
  });
});

it('appendPage adds what is not there yet', () => {
  const list = applyFirstPage(undefined, { items: runs(5, 4), nextPageToken: 'more' });
  const next = appendPage(list, { items: runs(4, 3) });
  expect(ids(next.runs)).toEqual(['run-5', 'run-4', 'run-3']);
  expect(next.next).toBeNull();
});

it('withoutRuns also corrects the total', () => {
  const list = { runs: runs(3, 2, 1), next: null, total: 3 };
  expect(withoutRuns(list, new Set(['run-2', 'other']))).toMatchObject({ total: 2 });
});

it('changeRuns shows a retried run as one that goes on', () => {
  const list = { runs: [makeRun(2, { state: 'failed', error: 'no' }), makeRun(1)], next: null };
  const { runs: changed } = changeRuns(list, new Set(['run-2']), RETRIED);
  expect(changed[0]).toMatchObject({ id: 'run-2', state: 'pending', rawState: 'PENDING' });
  expect(changed[0]!.error).toBeUndefined();
  expect(changed[0]!.finishedAt).toBeUndefined();
  expect(unfinished(changed)).toEqual(['run-2']);
});

it('retryRefusal says why a run cannot be retried', () => {
  const trans = nullTranslator.load('');
  const refusal = (state: IRun['state'], rawState = '') => retryRefusal({ state, rawState }, trans);
  expect(refusal('failed')).toBeUndefined();
  expect(refusal('cancelled')).toBeUndefined();
  expect(refusal('succeeded')).toBe('it has succeeded');
  expect(refusal('running')).toBe('it has not ended');
  expect(refusal('pending')).toBe('it has not ended');
  expect(refusal('running', 'CANCELING')).toBe('it is being terminated');
});

describe('filterRuns', () => {
  const all = [
    { ...makeRun(1), name: 'Digits', state: 'running' as const },
    { ...makeRun(2), name: 'fraud', state: 'failed' as const },
    { ...makeRun(3), name: 'digits old', archived: true },
    { ...makeRun(4), name: 'later', state: 'pending' as const }
  ];
  it('hides archived runs unless asked for', () => {
    expect(ids(filterRuns(all, { text: '', status: 'all' }))).toEqual(['run-1', 'run-2', 'run-4']);
    expect(ids(filterRuns(all, { text: '', status: 'archived' }))).toEqual(['run-3']);
  });
  it('matches names whatever the case, and states', () => {
    expect(ids(filterRuns(all, { text: ' DIGITS ', status: 'all' }))).toEqual(['run-1']);
    expect(ids(filterRuns(all, { text: '', status: 'failed' }))).toEqual(['run-2']);
    expect(ids(filterRuns(all, { text: '', status: 'unfinished' }))).toEqual(['run-1', 'run-4']);
    expect(unfinished(all)).toEqual(['run-1', 'run-4']);
  });
});

describe('progress', () => {
  it('counts tasks that do work, never fewer than the spec plans', () => {
    const tasks = [
      makeTask('root', { kind: 'root', state: 'running' }),
      makeTask('load', { state: 'succeeded' }),
      makeTask('loop', { kind: 'loop', state: 'running' }),
      makeTask('train', { state: 'running' })
    ];
    expect(progressOf(tasks)).toEqual({ done: 1, total: 2 });
    expect(progressOf(tasks, 7)).toEqual({ done: 1, total: 7 });
  });

  it('names the task that failed first, not the group around it', () => {
    const tasks = [
      makeTask('root', { kind: 'root', state: 'failed' }),
      makeTask('group', { kind: 'dag', state: 'failed', endTime: '2026-11-20T10:00:00Z' }),
      makeTask('late', { state: 'failed', endTime: '2026-11-20T10:00:02Z' }),
      makeTask('load', { state: 'failed', endTime: '2026-11-20T10:00:01Z' })
    ];
    expect(failedTask(tasks)?.name).toBe('load');
    expect(failedTask(tasks.slice(0, 2))?.name).toBe('group');
    expect(failedTask([])).toBeUndefined();
  });

  it('opens groups of a spec, also beside a platform spec', () => {
    const task = (name: string) => ({ componentRef: { name } });
    const spec = {
      root: { dag: { tasks: { a: task('comp-a'), loop: task('comp-loop') } } },
      components: {
        'comp-a': { executorLabel: 'exec-a' },
        'comp-loop': { dag: { tasks: { b: task('comp-a'), c: task('comp-a') } } }
      }
    };
    expect(plannedTasks(spec)).toBe(3);
    expect(plannedTasks({ pipeline_spec: spec, platform_spec: {} })).toBe(3);
    expect(plannedTasks(undefined)).toBe(0);
  });
});
