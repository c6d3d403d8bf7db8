import type { IConnection, IConnectionState } from '../client/connection';
import { ConnectionMonitor, nextInterval } from './monitor';

const OK: IConnectionState = {
  active: 'local',
  namespace: 'kubeflow-user',
  profiles: [],
  components: {},
  status: { ok: true }
};

describe('nextInterval', () => {
  it('is the given interval while the connection works', () => {
    expect(nextInterval(0, 60_000)).toBe(60_000);
  });

  it('begins with 5 s for a broken one, doubles, and ends at 5 minutes', () => {
    const wait = (failures: number) => nextInterval(failures, 60_000, () => 0);
    expect([1, 2, 3, 4].map(wait)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(wait(50)).toBe(300_000);
  });

  it('spreads the retries by at most a quarter', () => {
    expect(nextInterval(1, 60_000, () => 1)).toBe(6_250);
  });
});

describe('ConnectionMonitor', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('retries a broken connection by itself and reads a healed one at the interval', async () => {
    let state: IConnectionState = { ...OK, status: { ok: false, reason: 'UpstreamUnreachable' } };
    let changed = () => undefined as void;
    const refresh = jest.fn(() => Promise.resolve());
    const connection = {
      get state() {
        return state;
      },
      error: null,
      refresh,
      subscribe: (listener: () => void) => {
        changed = listener;
        return () => undefined;
      }
    } as unknown as IConnection;
    const monitor = new ConnectionMonitor(connection, 60_000);
    await jest.advanceTimersByTimeAsync(100_000);
    expect(refresh).not.toHaveBeenCalled();
    void monitor.start();
    await jest.advanceTimersByTimeAsync(1);
    expect(refresh).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(7_000);
    expect(refresh).toHaveBeenCalledTimes(2);
    state = OK;
    await jest.advanceTimersByTimeAsync(13_000);
    expect(refresh).toHaveBeenCalledTimes(3);
    await jest.advanceTimersByTimeAsync(50_000);
    expect(refresh).toHaveBeenCalledTimes(3);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(refresh).toHaveBeenCalledTimes(4);
    const refreshed = monitor.refresh();
    await jest.advanceTimersByTimeAsync(100);
    await refreshed;
    expect(refresh).toHaveBeenCalledTimes(5);
    // The person switches to a connection that does not work.
    state = { ...OK, status: { ok: false } };
    changed();
    await jest.advanceTimersByTimeAsync(7_000);
    expect(refresh).toHaveBeenCalledTimes(6);
    monitor.dispose();
    await jest.advanceTimersByTimeAsync(600_000);
    expect(refresh).toHaveBeenCalledTimes(6);
  });

  it('reads soon after a request that belies what it knows, both ways, but not at each request', async () => {
    const gone = new Error('gone');
    let error: Error | null = null;
    let down = false;
    const refresh = jest.fn(async () => {
      error = down ? gone : null;
    });
    const connection = {
      state: OK,
      get error() {
        return error;
      },
      refresh,
      subscribe: () => () => undefined
    } as unknown as IConnection;
    const monitor = new ConnectionMonitor(connection, 60_000);
    const ask = async () => {
      monitor.heard(!down);
      await jest.advanceTimersByTimeAsync(1_000);
    };
    await ask();
    expect(refresh).not.toHaveBeenCalled();
    void monitor.start();
    await jest.advanceTimersByTimeAsync(6_000);
    await ask();
    expect(refresh).toHaveBeenCalledTimes(1);
    down = true;
    await ask();
    expect(refresh).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(100_000);
    const before = refresh.mock.calls.length;
    down = false;
    for (let i = 0; i < 6; i++) {
      await ask();
    }
    expect(error).toBeNull();
    expect(refresh.mock.calls.length - before).toBeLessThanOrEqual(1);
    // A service that does not answer though the connection does.
    await jest.advanceTimersByTimeAsync(6_000);
    const healed = refresh.mock.calls.length;
    for (let i = 0; i < 8; i++) {
      monitor.heard(false);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(refresh.mock.calls.length - healed).toBeLessThanOrEqual(2);
    monitor.dispose();
  });
});
