/** What is known of the metrics of trials: read a few at a time, and again when there may be more. */
import type { ITrial } from '../model/study';
import type { ISeries } from './props';

/** So many are read at once: a browser has few connections for all of JupyterLab. */
const AT_ONCE = 3;

/** What is known of one trial's metrics. */
export interface IKnown {
  /** What was read last. */
  readonly series?: ISeries;
  /** Why it could not be read the last time. */
  readonly error?: unknown;
}

/** The metrics of trials as they were read. */
export class TrialSeries {
  /** What is known, by the trials' uids. A new object after each change. */
  readonly snapshot = (): ReadonlyMap<string, IKnown> => this.known;

  /** Calls `listener` after each change; returns the function that ends this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /**
   * Reads the metrics of these trials that were not read since the trial has changed. What was asked for before and is not among them is
   * dropped. Never rejects: a failure is in the snapshot.
   * @param again - reads those that go on, and those that failed, even if nothing has changed
   */
  async read(
    trials: readonly ITrial[],
    series: (trial: ITrial) => Promise<ISeries>,
    again: boolean
  ): Promise<void> {
    this.queue = trials.filter(trial => {
      const isOld = this.versions.get(trial.uid) !== versionOf(trial);
      return isOld || (again && (goesOn(trial) || this.known.get(trial.uid)?.error !== undefined));
    });
    await Promise.all(Array.from({ length: AT_ONCE - this.reading }, () => this.readOn(series)));
  }

  private async readOn(series: (trial: ITrial) => Promise<ISeries>): Promise<void> {
    this.reading += 1;
    for (let trial = this.queue.shift(); trial; trial = this.queue.shift()) {
      const { uid } = trial;
      this.versions.set(uid, versionOf(trial));
      try {
        this.set(uid, { series: await series(trial) });
      } catch (error) {
        this.set(uid, { series: this.known.get(uid)?.series, error: error ?? new Error() });
      }
    }
    this.reading -= 1;
  }

  private set(uid: string, known: IKnown): void {
    this.known = new Map(this.known).set(uid, known);
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  private known: ReadonlyMap<string, IKnown> = new Map();
  private readonly versions = new Map<string, string>();
  private readonly listeners = new Set<() => void>();
  private queue: ITrial[] = [];
  private reading = 0;
}

/** Whether a trial may report more. */
export function goesOn({ state }: ITrial): boolean {
  return state === 'running' || state === 'pending';
}

function versionOf({ state, metrics }: ITrial): string {
  return `${state} ${JSON.stringify(metrics)}`;
}
