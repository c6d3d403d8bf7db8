import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IConnection } from '../client/connection';
import type { IPipeline, IPipelinesClient, IRecurringRun, IRun } from '../client/pipelines';
import { Kept } from '../ui/kept';
import type { IKubeflow } from '../ui/tokens';
import type { RunWatcher } from './watcher';

/** The panel's commands. Arguments are described by each command's `describedBy`. */
export namespace CommandIDs {
  export const showPanel = 'kubeflow-pipelines:show-panel';
  export const refresh = 'kubeflow-pipelines:refresh';
  export const filter = 'kubeflow-pipelines:filter';
  export const openRun = 'kubeflow-pipelines:open-run';
  export const runAgain = 'kubeflow-pipelines:run-again';
  export const terminateRun = 'kubeflow-pipelines:terminate-run';
  export const retryRun = 'kubeflow-pipelines:retry-run';
  export const archiveRun = 'kubeflow-pipelines:archive-run';
  export const restoreRun = 'kubeflow-pipelines:restore-run';
  export const deleteRun = 'kubeflow-pipelines:delete-run';
  export const watchRun = 'kubeflow-pipelines:watch-run';
  export const openNotebook = 'kubeflow-pipelines:open-notebook';
  export const openPipeline = 'kubeflow-pipelines:open-pipeline';
  export const runPipeline = 'kubeflow-pipelines:run-pipeline';
  export const uploadPipeline = 'kubeflow-pipelines:upload-pipeline';
  export const deletePipeline = 'kubeflow-pipelines:delete-pipeline';
  export const schedulePipeline = 'kubeflow-pipelines:schedule-pipeline';
  export const scheduleRun = 'kubeflow-pipelines:schedule-run';
  export const openRecurringRun = 'kubeflow-pipelines:open-recurring-run';
  export const showRunsOf = 'kubeflow-pipelines:show-runs-of-recurring-run';
  export const enableRecurringRun = 'kubeflow-pipelines:enable-recurring-run';
  export const disableRecurringRun = 'kubeflow-pipelines:disable-recurring-run';
  export const deleteRecurringRun = 'kubeflow-pipelines:delete-recurring-run';
}

/** The sections of the panel. */
export type Section = 'runs' | 'pipelines' | 'recurring';

/** What the panel shows: kept over a reload. */
export interface IPanelView {
  section: Section;
  /** The recurring run whose runs alone are listed. */
  runsOf?: { id: string; name: string };
}

/** What the user has done, so that open views need not wait for their next read. */
export type IChange =
  | { kind: 'refresh' }
  | { kind: 'filter' }
  | { kind: 'connection' }
  | { kind: 'runs'; ids: ReadonlySet<string>; change: Partial<IRun> }
  | { kind: 'runs-deleted'; ids: ReadonlySet<string> }
  | { kind: 'pipelines' }
  | { kind: 'recurring' }
  | { kind: 'recurring-deleted'; ids: ReadonlySet<string> };

/** What is selected in the panel's lists. */
export interface IPanelSelection {
  runs: readonly IRun[];
  pipelines: readonly IPipeline[];
  recurring: readonly IRecurringRun[];
}

const SECTIONS: readonly Section[] = ['runs', 'pipelines', 'recurring'];
const VIEW_KEY = 'jupyterlab-kubeflow:pipelines-panel';

/** What the panel, the detail tabs and the commands share. */
export class PipelinesContext {
  constructor(
    kubeflow: IKubeflow,
    readonly commands: CommandRegistry,
    readonly trans: TranslationBundle,
    readonly watcher: RunWatcher,
    readonly state: IStateDB | null,
    readonly editors: IEditorServices | null = null
  ) {
    this.client = kubeflow.pipelines;
    this.connection = kubeflow.connection;
    this.place = this.placeNow();
    this.view = new Kept<IPanelView>(state, VIEW_KEY, { section: 'runs' }, readView);
    this.connection.subscribe(() => {
      const place = this.placeNow();
      const moved = this.place !== undefined && place !== undefined && place !== this.place;
      this.place = place ?? this.place;
      if (moved) {
        const { section, runsOf } = this.view.value;
        if (runsOf) {
          this.view.set({ section });
        }
        this.tell({ kind: 'connection' });
      }
    });
  }

  readonly client: IPipelinesClient;
  readonly connection: IConnection;

  /** What the panel shows. */
  readonly view: Kept<IPanelView>;

  /** What is selected in the panel. */
  get selection(): IPanelSelection {
    return this._selection;
  }

  /** What has changed by what the user did. */
  get changed(): ISignal<this, IChange> {
    return this._changed;
  }

  /** Remembers the panel's selection; commands without arguments are about it. */
  select(change: Partial<IPanelSelection>): void {
    this._selection = { ...this._selection, ...change };
    this.commands.notifyCommandChanged();
  }

  /** Tells all open views what has changed. */
  tell(change: IChange): void {
    this._changed.emit(change);
  }

  private placeNow(): string | undefined {
    const { state } = this.connection;
    return state ? `${state.active}/${state.namespace}` : undefined;
  }

  private place: string | undefined;
  private _selection: IPanelSelection = { runs: [], pipelines: [], recurring: [] };
  private readonly _changed = new Signal<this, IChange>(this);
}

function readView(saved: unknown): IPanelView | undefined {
  const { section, runsOf } = (saved ?? {}) as Partial<IPanelView>;
  return section && SECTIONS.includes(section) ? { section, runsOf } : undefined;
}
