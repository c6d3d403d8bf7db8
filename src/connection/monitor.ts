import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';

import type { IConnection } from '../client/connection';

/** Milliseconds before the first retry of a broken connection; doubled at each further failure. */
const FIRST_RETRY = 5_000;

/** Milliseconds between two reads at most. */
const MAX_INTERVAL = 3_600_000;

/** Whether the last read failed or told that the connection does not work. */
export function isBroken({ state, error }: Pick<IConnection, 'state' | 'error'>): boolean {
  return error !== null || state?.status.ok === false;
}

/**
 * Milliseconds until the next read after `failures` reads in a row that found the connection broken: doubled each time, at most five
 * minutes, with up to a quarter of jitter so that many browsers do not ask at once.
 */
export function nextInterval(
  failures: number,
  interval: number,
  random: () => number = Math.random
): number {
  if (failures === 0) {
    return interval;
  }
  const wait = Math.min(FIRST_RETRY * 2 ** (failures - 1), 300_000);
  return Math.round(wait * (1 + random() / 4));
}

/** Reads the connection at an interval while the page is visible, and retries a broken one sooner, then ever later. */
export class ConnectionMonitor implements IDisposable {
  /** @param interval - milliseconds between two reads of a connection that works */
  constructor(
    private readonly connection: IConnection,
    private interval: number
  ) {
    this._poll = new Poll({
      auto: false,
      name: 'jupyterlab-kubeflow:connection',
      factory: () => this._read(),
      frequency: { interval, backoff: false, max: MAX_INTERVAL },
      standby: 'when-hidden'
    });
    this._unsubscribe = connection.subscribe(() => this._onChange());
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    this._unsubscribe();
    this._poll.dispose();
  }

  /** Reads for the first time, then again and again. */
  start(): Promise<void> {
    return this._poll.start();
  }

  /** Changes the interval (milliseconds). */
  setInterval(interval: number): void {
    this.interval = interval;
    this._schedule();
  }

  /**
   * Takes note of whether a request got through. Where this is not what the last read of the connection told, it is read again now, but
   * not sooner than five seconds after that read.
   */
  heard(reached: boolean): void {
    const waited = Date.now() - this._readAt;
    if (!this._reading && reached === isBroken(this.connection) && waited >= FIRST_RETRY) {
      this._readAt = Date.now();
      void this._poll.refresh();
    }
  }

  /** Reads now; the count of failures begins anew. */
  async refresh(): Promise<void> {
    this._failures = 0;
    await this._poll.refresh();
    await this._poll.tick;
  }

  private async _read(): Promise<void> {
    this._reading = true;
    try {
      await this.connection.refresh();
    } finally {
      this._reading = false;
      this._readAt = Date.now();
    }
    this._failures = isBroken(this.connection) ? this._failures + 1 : 0;
    this._schedule();
  }

  /** A connection that was switched to and does not work is retried as soon as one that broke. */
  private _onChange(): void {
    if (!this._reading && this._failures === 0 && isBroken(this.connection)) {
      this._failures = 1;
      this._schedule();
      void this._poll.schedule({ phase: 'started', interval: this._poll.frequency.interval });
    }
  }

  private _schedule(): void {
    const interval = nextInterval(this._failures, this.interval);
    this._poll.frequency = { ...this._poll.frequency, interval };
  }

  private readonly _poll: Poll;
  private readonly _unsubscribe: () => void;
  private _reading = false;
  /** When the connection was last read, in milliseconds since the epoch; never before the first read. */
  private _readAt = Infinity;
  private _failures = 0;
}
