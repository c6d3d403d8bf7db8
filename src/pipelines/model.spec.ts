import type { IListOptions, IPage, IRun } from '../client/pipelines';
import { makeClient, makeRun, makeTask } from '../testing/pipelines';
import { RunsModel } from './model';

/** Waits until `test` holds, asked after each change. */
function until(model: RunsModel, test: () => boolean): Promise<void> {
  return new Promise(resolve => {
    const end = model.live.subscribe(() => check());
    const check = () => {
      if (test()) {
        end();
        resolve();
      }
    };
    check();
  });
}

/** Pages over runs, newest first, the token being the place of the next one. */
function pages(all: () => IRun[]) {
  return jest.fn(async (options: IListOptions = {}): Promise<IPage<IRun>> => {
    const from = Number(options.pageToken ?? 0);
    const to = from + (options.pageSize ?? 10);
    return {
      items: all().slice(from, to),
      total: all().length,
      nextPageToken: to < all().length ? String(to) : undefined
    };
  });
}

const newestFirst = (count: number) =>
  Array.from({ length: count }, (_, index) => makeRun(count - index));

describe('RunsModel', () => {
  it('shows the first page at once and reads the others after it', async () => {
    const all = newestFirst(10_000);
    const listRuns = pages(() => all);
    const model = new RunsModel(makeClient({ listRuns }));
    expect(listRuns).not.toHaveBeenCalled();
    const shown: number[] = [];
    model.live.subscribe(() => shown.push(model.live.state.data?.runs.length ?? 0));
    model.setVisible(true);
    await until(model, () => model.live.state.data?.next === null);
    expect(shown.find(count => count > 0)).toBe(50);
    expect(model.live.state.data!.total).toBe(10_000);
    expect(model.live.state.data!.runs).toHaveLength(10_000);
    model.dispose();
  });

  it('renews unfinished runs below the first page and drops deleted ones', async () => {
    const all = newestFirst(60);
    all[55] = { ...all[55]!, state: 'running' };
    all[56] = { ...all[56]!, state: 'running' };
    const getRun = jest.fn(async (id: string) => ({ ...makeRun(60 - 55), id }));
    const model = new RunsModel(makeClient({ listRuns: pages(() => all), getRun }));
    model.setVisible(true);
    await until(model, () => model.live.state.data?.next === null);
    await model.live.refresh();
    expect(getRun.mock.calls.map(([id]) => id).sort()).toEqual(['run-4', 'run-5']);
    expect(model.live.state.data!.runs.find(run => run.id === 'run-5')?.state).toBe('succeeded');
    model.remove(new Set(['run-60']));
    expect(model.live.state.data!.runs[0]!.id).toBe('run-59');
    model.dispose();
  });

  describe('when runs further down are changed from elsewhere', () => {
    /** A model that has read all of 500 runs, and the numbers of runs that it has shown since. */
    async function readAll(total?: () => number) {
      let all = newestFirst(500);
      const list = pages(() => all);
      const listRuns = jest.fn(async (options?: IListOptions) => {
        const page = await list(options);
        return { ...page, total: total?.() ?? page.total };
      });
      const model = new RunsModel(makeClient({ listRuns }));
      model.setVisible(true);
      await until(model, () => model.live.state.data?.next === null);
      const shown: number[] = [];
      model.live.subscribe(() => shown.push(model.live.state.data!.runs.length));
      const change = (next: (runs: IRun[]) => IRun[]) => (all = next(all));
      return { model, listRuns, shown, change };
    }

    it('drops those that were deleted, showing all others throughout', async () => {
      const { model, shown, change } = await readAll();
      change(runs => runs.filter(run => run.id !== 'run-7'));
      await model.live.refresh();
      await until(model, () => model.live.state.data!.runs.length === 499);
      expect(model.live.state.data!.runs.some(run => run.id === 'run-7')).toBe(false);
      expect(Math.min(...shown)).toBe(499);
      expect(model.live.state.data!.next).toBeNull();
      model.dispose();
    });

    it('renews those that were archived when asked to refresh', async () => {
      const { model, shown, change } = await readAll();
      change(runs => runs.map(run => (run.id === 'run-7' ? { ...run, archived: true } : run)));
      await model.refresh();
      const found = () => model.live.state.data!.runs.find(run => run.id === 'run-7');
      await until(model, () => found()!.archived);
      expect(Math.min(...shown)).toBe(500);
      model.dispose();
    });

    it('reads all but once where the server counts otherwise', async () => {
      const { model, listRuns } = await readAll(() => 600);
      await model.live.refresh();
      await model.live.refresh();
      await model.live.refresh();
      const calls = listRuns.mock.calls.length;
      await model.live.refresh();
      expect(listRuns).toHaveBeenCalledTimes(calls + 1);
      model.dispose();
    });
  });

  it('reads nothing more when hidden', async () => {
    const listRuns = pages(() => newestFirst(3));
    const model = new RunsModel(makeClient({ listRuns }));
    model.setVisible(true);
    await until(model, () => model.live.state.status === 'live');
    model.setVisible(false);
    const calls = listRuns.mock.calls.length;
    await model.live.refresh();
    expect(listRuns).toHaveBeenCalledTimes(calls);
    model.dispose();
  });

  it('tells which step failed, reading each failed run once', async () => {
    const failed = makeRun(1, { state: 'failed' });
    const getRun = jest.fn(async () => failed);
    const getTasks = jest.fn(async () => [makeTask('load', { state: 'failed' })]);
    const model = new RunsModel(
      makeClient({ listRuns: pages(() => [failed, makeRun(0)]), getRun, getTasks })
    );
    model.setVisible(true);
    await until(model, () => model.live.state.status === 'live');
    model.progress.show(model.live.state.data!.runs);
    await until(model, () => model.progress.get('run-1') !== undefined);
    expect(model.progress.get('run-1')).toEqual({ done: 1, total: 1, failed: 'load' });
    model.progress.show(model.live.state.data!.runs);
    expect(getTasks).toHaveBeenCalledTimes(1);
    model.dispose();
  });

  it('asks again which step failed when the server did not answer', async () => {
    const failed = makeRun(1, { state: 'failed' });
    const getRun = jest.fn(async () => failed);
    getRun.mockRejectedValueOnce(new Error('down'));
    const getTasks = async () => [makeTask('load', { state: 'failed' })];
    const model = new RunsModel(makeClient({ listRuns: pages(() => [failed]), getRun, getTasks }));
    model.setVisible(true);
    await until(model, () => model.live.state.status === 'live');
    let answers = 0;
    model.live.subscribe(() => (answers += 1));
    model.progress.show([failed]);
    await until(model, () => answers > 0);
    expect(model.progress.get('run-1')).toBeUndefined();
    model.progress.refresh();
    model.progress.show([failed]);
    await until(model, () => model.progress.get('run-1') !== undefined);
    expect(model.progress.get('run-1')?.failed).toBe('load');
    model.dispose();
  });
});
