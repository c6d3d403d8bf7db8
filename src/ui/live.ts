import { Poll } from '@lumino/polling';
import type { IDisposable } from '@lumino/disposable';
import { useContext, useEffect, useMemo, useSyncExternalStore } from 'react';

import { VisibleContext } from './text';

/** How current data is; `unwatched` is as it was read, without following changes. */
export type LiveStatus = 'loading' | 'live' | 'unwatched' | 'paused' | 'offline';

/** What a view draws: the last data, how current it is, and why it is not. A new object after each change. */
export interface ILiveState<T> {
  /** The last data; `undefined` before the first answer. */
  readonly data: T | undefined;
  readonly status: LiveStatus;
  /** Why the last read failed. */
  readonly error: unknown;
  /** When the last successful read was answered, in milliseconds since the epoch. */
  readonly since: number | undefined;
  /** Why changes are not followed, where the data is `unwatched`. */
  readonly refusal?: unknown;
}

/** How a `LiveModel` reads. */
export interface ILiveOptions<T> {
  /** Reads the data anew; rejecting keeps the last data and backs off. */
  read: (last: T | undefined, signal: AbortSignal) => Promise<T>;
  /** Milliseconds between two reads, at most 30,000, given the data. `Infinity` when nothing can change any more. */
  interval: (data: T) => number;
}

/** The longest time between two tries while offline, in milliseconds. */
const MAX_BACKOFF = 30_000;
/** The first wait after a failure, in milliseconds; it grows with jitter. */
const RETRY = 2000;

/**
 * Data that renews itself while somebody looks at it: it reads only while visible, one read at a time, and backs off with jitter while the
 * reads fail, keeping the last data. Hiding or disposing it cancels the read under way.
 */
export class LiveModel<T> implements IDisposable {
  constructor(private readonly options: ILiveOptions<T>) {
    this.poll = new Poll({
      auto: false,
      factory: () => this.read(),
      frequency: { interval: 1000, backoff: true, max: MAX_BACKOFF }
    });
  }

  /** What there is to draw now. */
  get state(): ILiveState<T> {
    return this._state;
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  /** Whether somebody looks at it. */
  get visible(): boolean {
    return this._visible;
  }

  /** Starts reading, or rests until it is visible again. */
  setVisible(visible: boolean): void {
    if (visible === this._visible || this.isDisposed) {
      return;
    }
    this._visible = visible;
    if (visible) {
      this.set({ status: this._state.data === undefined ? 'loading' : this._state.status });
      this.schedule();
    } else {
      this.abort.abort();
      void this.poll.stop();
      this.settle();
      this.set({ status: 'paused' });
    }
  }

  /** Reads now when visible, and waits until that has ended. Never rejects: a failure is in `state.error`. */
  async refresh(): Promise<void> {
    if (this._visible && !this.isDisposed) {
      const settled = new Promise<void>(resolve => this.waiting.push(resolve));
      this.schedule();
      await settled;
    }
  }

  /** Changes the data at hand, for example by what the user has just done. */
  update(change: (data: T) => T): void {
    if (this._state.data !== undefined) {
      this.set({ data: change(this._state.data) });
    }
  }

  /** Calls `listener` after each change; returns the function that ends this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** For `useSyncExternalStore`. */
  readonly snapshot = (): ILiveState<T> => this._state;

  dispose(): void {
    this.abort.abort();
    this.listeners.clear();
    this.poll.dispose();
    this.settle();
  }

  /** Unlike `Poll.refresh`, this also replaces a read that has begun: it may not know yet what the caller has changed. */
  private schedule(): void {
    void this.poll.schedule({ interval: Poll.IMMEDIATE, phase: 'refreshed' });
  }

  private settle(): void {
    for (const resolve of this.waiting.splice(0)) {
      resolve();
    }
  }

  private async read(): Promise<void> {
    this.abort.abort();
    const abort = (this.abort = new AbortController());
    try {
      const data = await this.options.read(this._state.data, abort.signal);
      if (abort.signal.aborted) {
        return;
      }
      this.set({ data, status: this._visible ? 'live' : 'paused', error: null, since: Date.now() });
      this.poll.frequency = { ...this.poll.frequency, interval: this.options.interval(data) };
      this.settle();
    } catch (error) {
      if (abort.signal.aborted) {
        return;
      }
      this.set({ status: 'offline', error });
      this.poll.frequency = { ...this.poll.frequency, interval: RETRY };
      this.settle();
      throw error;
    }
  }

  private set(change: Partial<ILiveState<T>>): void {
    this._state = { ...this._state, ...change };
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  private readonly poll: Poll<void>;
  private readonly listeners = new Set<() => void>();
  private readonly waiting: (() => void)[] = [];
  private abort = new AbortController();
  private _state: ILiveState<T> = {
    data: undefined,
    status: 'loading',
    error: null,
    since: undefined
  };
  private _visible = false;
}

/** The state of a model, drawn anew after each change. */
export function useLive<T>(model: LiveModel<T>): ILiveState<T> {
  return useSyncExternalStore(model.subscribe, model.snapshot);
}

/** A model of the component: made anew when `deps` change, live while the view is on the screen, disposed with the component. */
export function useModel<M extends IDisposable & { setVisible(visible: boolean): void }>(
  create: () => M,
  deps: React.DependencyList
): M {
  const visible = useContext(VisibleContext);
  const model = useMemo(create, deps);
  useEffect(() => model.setVisible(visible), [model, visible]);
  useEffect(() => () => model.dispose(), [model]);
  return model;
}
