/** What the Trainer panel, the tabs of its jobs, the form and the commands share. */
import type { ITrainJob } from '../client/kubernetes/kinds';
import { tuningExperiments } from '../client/kubernetes/kinds/katib';
import { optimizationJobs } from '../client/kubernetes/kinds/trainer';
import { ServedKind } from '../ui/kubernetes/served';
import { type IPanelParts, PanelContext } from '../ui/panelContext';
import type { IPresence } from '../ui/sidePanel';

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
  /** Opens the form of a tuning experiment whose trials are like a job: `{namespace?, name?}`; where the connection has such experiments. */
  export const tuneJob = 'kubeflow-trainer:tune-job';
  /** Opens the form of Model Registry for the model that a job has trained: `{namespace?, name?}`; where there is a registry. */
  export const registerModel = 'kubeflow-trainer:register-model';
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

/** What is selected is the jobs themselves. */
export class TrainerContext extends PanelContext<ITrainJob, Section, Right> {
  constructor(parts: IPanelParts) {
    super(parts, 'trainer', ['jobs', 'runtimes']);
    this.tuning = new ServedKind(parts.kubeflow, tuningExperiments, optimizationJobs);
    this.tuning.subscribe(() => this.commands.notifyCommandChanged());
  }

  /** Whether the connection has tuning experiments. */
  readonly tuning: IPresence;
}
