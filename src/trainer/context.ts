/** What the Trainer panel, the tabs of its jobs, the form and the commands share. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ITrainJob } from '../client/kubernetes/kinds';
import { Kept, oneOf } from '../ui/kept';
import type { IListRequest } from '../ui/kubernetes/useListRequests';
import type { IKubeflow } from '../ui/tokens';

/** The panel's commands. Arguments are described by each command's `describedBy`. */
export namespace CommandIDs {
  export const showPanel = 'kubeflow-trainer:show-panel';
  export const refresh = 'kubeflow-trainer:refresh';
  export const filter = 'kubeflow-trainer:filter';
  /** Opens the form: `{path?, cell?, function?, job?}`, see `ICreateSeed`. */
  export const createJob = 'kubeflow-trainer:create-job';
  /** Opens a job's tab: `{namespace?, name?, section?}`; without a name, what is selected in the panel. */
  export const openJob = 'kubeflow-trainer:open-job';
  export const suspendJob = 'kubeflow-trainer:suspend-job';
  export const resumeJob = 'kubeflow-trainer:resume-job';
  /** Opens the form with a job's values: `{namespace?, name?}`. */
  export const cloneJob = 'kubeflow-trainer:clone-job';
  export const deleteJob = 'kubeflow-trainer:delete-job';
}

/** Which TrainJob. */
export interface IJobRef {
  /** The active one when left out. */
  namespace?: string;
  name: string;
}

/** What the form begins with; all empty for a new job from nothing. */
export interface ICreateSeed {
  /** A Python file or a notebook, as the contents API names it. */
  path?: string;
  /** The id of a cell of that notebook. */
  cell?: string;
  /** The name of a function in it. */
  function?: string;
  /** A TrainJob to make another one like it from. */
  job?: ITrainJob;
}

/** The rights on TrainJobs that commands need. */
export const RIGHTS = ['create', 'patch', 'delete'] as const;
export type Right = (typeof RIGHTS)[number];

/** The sections of the panel. */
export type Section = 'jobs' | 'runtimes';

/** Parts of the application that are not there everywhere. */
export interface ITrainerServices {
  readonly app: JupyterFrontEnd | null;
  readonly documents: IDocumentManager | null;
  readonly browsers: IFileBrowserFactory | null;
  readonly notebooks: INotebookTracker | null;
  readonly editors: IEditorServices | null;
  readonly settings: ISettingRegistry | null;
  readonly state: IStateDB | null;
}

const SECTIONS: readonly Section[] = ['jobs', 'runtimes'];
const SECTION_KEY = 'jupyterlab-kubeflow:trainer-panel';

/**
 * Given to each view of the panel and to the form. The cluster is `useKubernetes(context.kubeflow)` in components, else
 * `kubernetesOf(context.kubeflow)`.
 */
export class TrainerContext {
  constructor(
    readonly kubeflow: IKubeflow,
    readonly commands: CommandRegistry,
    readonly trans: TranslationBundle,
    readonly services: ITrainerServices
  ) {
    this.section = new Kept<Section>(services.state, SECTION_KEY, 'jobs', oneOf(SECTIONS));
  }

  /** The section that the panel shows. */
  readonly section: Kept<Section>;

  /** The jobs that are selected in the panel; commands without arguments are about them. */
  get selection(): readonly ITrainJob[] {
    return this._selection;
  }

  /** Why the user may not do something to the jobs of the panel, as a sentence; what is not here may be done. */
  refusals: Partial<Record<Right, string>> = {};

  /** What the user has asked the lists for. What the server changes they see by themselves. */
  get asked(): ISignal<this, IListRequest> {
    return this._asked;
  }

  /** Remembers the panel's selection. */
  select(jobs: readonly ITrainJob[]): void {
    this._selection = jobs;
    this.commands.notifyCommandChanged();
  }

  /** Asks the lists for something. */
  ask(request: IListRequest): void {
    this._asked.emit(request);
  }

  private _selection: readonly ITrainJob[] = [];
  private readonly _asked = new Signal<this, IListRequest>(this);
}
