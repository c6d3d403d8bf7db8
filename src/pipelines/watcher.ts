import { Notification } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';

import { isNotFound } from '../client/errors';
import type { IPipelinesClient, IRun } from '../client/pipelines';
import type { GraphState } from '../graph/schema';
import { elapsed } from '../ui/format';
import { isFinal, stateLabel } from '../ui/state';

/** Milliseconds between two looks at the runs submitted from here. */
const INTERVAL = 10_000;
const STATE_KEY = 'jupyterlab-kubeflow:watched-runs';

/** What a watcher needs. */
export interface IRunWatcherOptions {
  client: Pick<IPipelinesClient, 'getRun'>;
  trans: TranslationBundle;
  /** Remembers the runs over a reload. */
  state: IStateDB | null;
  /** Opens a run's detail tab. */
  open: (run: IRun) => void;
}

/**
 * Says when a run ends that this user saw unfinished. It asks by itself, slowly, only for runs that were submitted from here; of all others
 * it learns what open views have read anyway.
 */
export class RunWatcher implements IDisposable {
  constructor(private readonly options: IRunWatcherOptions) {
    this.poll = new Poll({
      auto: false,
      factory: () => this.look(),
      frequency: { interval: INTERVAL, backoff: true, max: 12 * INTERVAL },
      standby: () => (this.submitted.size === 0 ? true : false)
    });
    void this.restore();
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  /** Watches a run that was submitted from here. */
  watch(runId: string): void {
    this.submitted.add(runId);
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

  private async look(): Promise<void> {
    for (const id of [...this.submitted]) {
      try {
        this.saw([await this.options.client.getRun(id)]);
      } catch (error) {
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
    void this.options.state?.save(STATE_KEY, [...this.submitted]);
  }

  private async restore(): Promise<void> {
    const saved = await this.options.state?.fetch(STATE_KEY).catch(() => undefined);
    if (Array.isArray(saved)) {
      for (const id of saved) {
        this.watch(String(id));
      }
    }
  }

  private readonly poll: Poll<void>;
  private readonly submitted = new Set<string>();
  private readonly unfinished = new Set<string>();
}
