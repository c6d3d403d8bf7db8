import { Notification } from '@jupyterlab/apputils';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';

import { ApiError } from '../client/errors';
import { makeRun } from '../testing/pipelines';
import { makeConnection } from '../testing/pipelinesContext';
import { RunWatcher } from './watcher';

const trans = nullTranslator.load('jupyterlab_kubeflow');

function make(getRun = jest.fn()) {
  const open = jest.fn();
  return {
    open,
    getRun,
    watcher: new RunWatcher({
      client: { getRun },
      connection: makeConnection(),
      trans,
      state: null,
      open
    })
  };
}

const messages = () => Notification.manager.notifications.map(item => item.message);

afterEach(() => Notification.dismiss());

describe('RunWatcher', () => {
  it('says when a run that was seen unfinished ends, once, and opens it', () => {
    const { watcher, open } = make();
    watcher.saw([makeRun(1, { state: 'running' })]);
    expect(messages()).toEqual([]);
    watcher.saw([makeRun(1)]);
    watcher.saw([makeRun(1)]);
    expect(messages()).toEqual(['Run digits-1: Succeeded after 41 s']);
    Notification.manager.notifications[0]!.options.actions![0]!.callback(new MouseEvent('click'));
    expect(open).toHaveBeenCalledWith(makeRun(1));
    watcher.dispose();
  });

  it('says nothing of runs that were already over', () => {
    const { watcher } = make();
    watcher.saw([makeRun(1), makeRun(2, { state: 'failed' })]);
    expect(messages()).toEqual([]);
    watcher.dispose();
  });

  it('asks by itself for runs that were submitted from here', async () => {
    const asked = new Promise<void>(resolve => {
      const { watcher, getRun } = make(
        jest.fn(async () => {
          queueMicrotask(() => queueMicrotask(resolve));
          return makeRun(7, { state: 'failed' });
        })
      );
      watcher.watch('run-7');
      void Promise.resolve().then(() => expect(getRun).not.toHaveBeenCalledTimes(2));
    });
    await asked;
    expect(messages()).toEqual(['Run digits-7: Failed after 41 s']);
  });

  it('says nothing of a run that the user deleted', () => {
    const { watcher } = make();
    watcher.saw([makeRun(1, { state: 'running' })]);
    watcher.forget('run-1');
    watcher.saw([makeRun(1, { state: 'cancelled' })]);
    expect(messages()).toEqual([]);
    watcher.dispose();
  });

  describe('with two connections', () => {
    const notFound = new ApiError({
      service: 'pipelines',
      status: 404,
      reason: 'NotFound',
      message: 'no'
    });

    /** A server per profile that knows one run, and ten seconds that pass at will. */
    function setUp() {
      jest.useFakeTimers();
      const connection = makeConnection({ active: 'cluster' });
      const runs: Record<string, string> = { cluster: 'run-1', local: 'run-2' };
      const asked: string[] = [];
      const getRun = async (id: string) => {
        asked.push(`${connection.state!.active}/${id}`);
        if (runs[connection.state!.active] !== id) {
          throw notFound;
        }
        return makeRun(Number(id.slice(4)), { state: 'running' });
      };
      const state = new StateDB();
      const create = () =>
        new RunWatcher({ client: { getRun }, connection, trans, state, open: jest.fn() });
      const turn = async () => {
        asked.length = 0;
        await jest.advanceTimersByTimeAsync(15_000);
        return [...new Set(asked)];
      };
      return { connection, create, turn };
    }

    afterEach(() => jest.useRealTimers());

    it('asks each only for its own runs, also after a reload', async () => {
      const { connection, create, turn } = setUp();
      const before = create();
      before.watch('run-1');
      connection.set({ active: 'local' });
      before.watch('run-2');
      expect(await turn()).toEqual(['local/run-2']);
      before.dispose();

      const after = create();
      expect(await turn()).toEqual(['local/run-2']);
      connection.set({ active: 'cluster' });
      expect(await turn()).toEqual(['cluster/run-1']);
      after.dispose();
    });
  });
});
