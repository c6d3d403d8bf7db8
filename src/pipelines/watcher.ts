import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';

import type { IConnection } from '../client/connection';
import { isNotFound } from '../client/errors';
import type { IPipelinesClient, IRun } from '../client/pipelines';
import type { GraphState } from '../graph/schema';
import { elapsed } from '../ui/format';
import { isFinal } from '../ui/state';
import { stateLabel } from '../ui/stateLabel';

/** Milliseconds between two looks at the runs submitted from here. */
const INTERVAL = 10_000;
const STATE_KEY = 'jupyterlab-kubeflow:watched-runs';

/** What a watcher needs. */
export interface IRunWatcherOptions {
  client: Pick<IPipelinesClient, 'getRun'>;
  /** Says whose runs the client reads. */
  connection: Pick<IConnection, 'state'>;
  trans: TranslationBundle;
  /** Remembers the runs over a reload. */
  state: IStateDB | null;
  /** Opens a run's detail tab. */
  open: (run: IRun) => void;
}

/** A run as it is remembered over a reload. */
interface IWatched {
  profile?: string;
  id: string;
}

/**
 * Says when a run ends that this user saw unfinished. It asks by itself, slowly, only for runs of the active
 * connection that were submitted from here; of all others it learns what open views have read anyway.
 */
export class RunWatcher implements IDisposable {
  constructor(private readonly options: IRunWatcherOptions) {
    this.poll = new Poll({
      auto: false,
      factory: () => this.look(),
      frequency: { interval: INTERVAL, backoff: true, max: 12 * INTERVAL },
      standby: () => this.within().length === 0
    });
    void this.restore();
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  /** Watches a run that was submitted from here over the active connection. */
  watch(runId: string): void {
    this.follow(runId, this.active);
  }

  private follow(runId: string, profile: string | undefined): void {
    this.submitted.set(runId, profile);
    this.unfinished.add(runId);
    this.save();
    void this.poll.start();
  }

  /** Takes note of runs that a view has read. */
  saw(runs: readonly IRun[]): void {
    for (const run of runs) {
      if (!isFinal(run.state)) {
        this.unfinished.add(run.id);
      } else if (this.unfinished.has(run.id)) {
        this.forget(run.id);
        this.notify(run);
      }
    }
  }

  /** Ends the watch without a word, for example because the user has just deleted the run. */
  forget(runId: string): void {
    this.unfinished.delete(runId);
    if (this.submitted.delete(runId)) {
      this.save();
    }
  }

  dispose(): void {
    this.poll.dispose();
  }

  /** The name of the active profile, once it is known. */
  private get active(): string | undefined {
    return this.options.connection.state?.active;
  }

  /** The runs that the active connection can tell of; one that was submitted before its name was known belongs to it. */
  private within(): string[] {
    const { active } = this;
    return active === undefined
      ? []
      : [...this.submitted.keys()].filter(id => (this.submitted.get(id) ?? active) === active);
  }

  private async look(): Promise<void> {
    const { active } = this;
    for (const id of this.within()) {
      try {
        this.saw([await this.options.client.getRun(id)]);
      } catch (error) {
        if (this.active !== active) {
          return;
        }
        if (!isNotFound(error)) {
          throw error;
        }
        this.forget(id);
      }
    }
    if (this.submitted.size === 0) {
      void this.poll.stop();
    }
  }

  private notify(run: IRun): void {
    const { trans, open } = this.options;
    const took = elapsed(run.createdAt, run.finishedAt, Date.now());
    const message = took
      ? trans.__('Run %1: %2 after %3', run.name, stateLabel(run.state, trans), took)
      : trans.__('Run %1: %2', run.name, stateLabel(run.state, trans));
    const types: Partial<Record<GraphState, 'success' | 'error'>> = {
      succeeded: 'success',
      failed: 'error'
    };
    Notification.emit(message, types[run.state] ?? 'info', {
      autoClose: run.state === 'failed' ? false : 8000,
      actions: [{ label: trans.__('Open run'), callback: () => open(run) }]
    });
  }

  private save(): void {
    void this.options.state?.save(
      STATE_KEY,
      [...this.submitted].map(([id, profile]) => (profile === undefined ? { id } : { profile, id }))
    );
  }

  private async restore(): Promise<void> {
    const saved = await this.options.state?.fetch(STATE_KEY).catch(() => undefined);
    if (Array.isArray(saved)) {
      for (const item of saved as readonly (Partial<IWatched> | null)[]) {
        if (typeof item?.id === 'string' && !this.submitted.has(item.id)) {
          this.follow(item.id, item.profile);
        }
      }
    }
  }

  private readonly poll: Poll<void>;
  /** The profiles of the runs that were submitted from here. */
  private readonly submitted = new Map<string, string | undefined>();
  private readonly unfinished = new Set<string>();
}
