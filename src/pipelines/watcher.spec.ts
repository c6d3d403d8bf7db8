import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { makeRun } from '../testing/pipelines';
import { RunWatcher } from './watcher';

const trans = nullTranslator.load('jupyterlab_kubeflow');

function make(getRun = jest.fn()) {
  const open = jest.fn();
  return {
    open,
    getRun,
    watcher: new RunWatcher({ client: { getRun }, trans, state: null, open })
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
});
