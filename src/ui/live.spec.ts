import { PromiseDelegate } from '@lumino/coreutils';

import { type ILiveState, LiveModel } from './live';

/** Waits until the model's state satisfies `test`. */
function until<T>(model: LiveModel<T>, test: (state: ILiveState<T>) => boolean): Promise<void> {
  return new Promise(resolve => {
    const check = () => {
      if (test(model.state)) {
        end();
        resolve();
      }
    };
    const end = model.subscribe(check);
    check();
  });
}

describe('LiveModel', () => {
  it('reads nothing until it is visible, then again and again', async () => {
    let reads = 0;
    const model = new LiveModel({ read: async () => ++reads, interval: () => 1 });
    expect(reads).toBe(0);
    model.setVisible(true);
    await until(model, state => (state.data ?? 0) >= 3);
    expect(model.state.status).toBe('live');
    expect(model.state.since).toBeDefined();
    model.dispose();
  });

  it('stops and cancels the read under way when hidden', async () => {
    const started = new PromiseDelegate<AbortSignal>();
    const model = new LiveModel<number>({
      read: (_, signal) => {
        started.resolve(signal);
        return new Promise(() => undefined);
      },
      interval: () => 1
    });
    model.setVisible(true);
    const signal = await started.promise;
    model.setVisible(false);
    expect(signal.aborted).toBe(true);
    expect(model.state.status).toBe('paused');
    model.dispose();
  });

  it('keeps the last data while offline and says since when', async () => {
    let broken = false;
    const model = new LiveModel({
      read: async () => {
        if (broken) {
          throw new Error('gone');
        }
        return 'data';
      },
      interval: () => Infinity
    });
    model.setVisible(true);
    await until(model, state => state.status === 'live');
    const since = model.state.since;
    broken = true;
    await model.refresh();
    expect(model.state).toMatchObject({ data: 'data', status: 'offline', since });
    expect(model.state.error).toEqual(new Error('gone'));
    broken = false;
    await model.refresh();
    expect(model.state).toMatchObject({ status: 'live', error: null });
    model.dispose();
  });

  it('does not read when asked to while hidden', async () => {
    const read = jest.fn(async () => 1);
    const model = new LiveModel({ read, interval: () => Infinity });
    await model.refresh();
    expect(read).not.toHaveBeenCalled();
    model.dispose();
  });
});
