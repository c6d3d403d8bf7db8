/** What the Katib panel, the tabs of its tuning experiments and trials, and the commands share. */
import type { Phase } from '../client/kubernetes/kind';
import { type IPanelParts, PanelContext } from '../ui/panelContext';
import type { IStudy } from './model/study';

/** The panel's commands. Arguments are described by each command's `describedBy`. */
export namespace CommandIDs {
  export const showPanel = 'kubeflow-katib:show-panel';
  export const refresh = 'kubeflow-katib:refresh';
  export const filter = 'kubeflow-katib:filter';
  /** Opens an experiment's tab: `{name?, namespace?, kind?, section?}`; without a name, what is selected in the panel. */
  export const openExperiment = 'kubeflow-katib:open-experiment';
  /** Opens a trial's tab: `{name, namespace?, kind?, experiment?, section?}`. */
  export const openTrial = 'kubeflow-katib:open-trial';
  /** Asks for another budget, and goes on with an experiment that has used its own up: `{name?, namespace?, kind?}`. */
  export const editBudget = 'kubeflow-katib:edit-budget';
  export const stopExperiment = 'kubeflow-katib:stop-experiment';
  /** Opens the form with an experiment's values: `{name?, namespace?, kind?}`. */
  export const cloneExperiment = 'kubeflow-katib:clone-experiment';
  export const deleteExperiment = 'kubeflow-katib:delete-experiment';
  /** Opens the form of a training job with a trial's parameters: `{name, namespace?, kind?, experiment?}`. */
  export const trainWith = 'kubeflow-katib:train-with-trial';
  /** Opens the form of Model Registry for a trial's model: the same arguments; where there is a registry. */
  export const registerModel = 'kubeflow-katib:register-model';
  /** Puts a trial's parameters into a cell: the same arguments. */
  export const copyParameters = 'kubeflow-katib:copy-parameters';
}

/** The commands of the form, which `create/commands.ts` adds. */
export namespace CreateCommandIDs {
  /** Opens the form: `{path?, cell?, experiment?, trainJob?}`, the last two as the API's objects. */
  export const createExperiment = 'kubeflow-katib:create-experiment';
  /** Opens the form for a notebook or a script: `{path?, origin?}`. */
  export const tuneNotebook = 'kubeflow-katib:tune-notebook';
}

/** The kinds of tuning experiments. */
export type StudyKind = IStudy['kind'];

/** Which tuning experiment. */
export interface IStudyRef {
  readonly kind: StudyKind;
  readonly namespace: string;
  readonly name: string;
}

/** Which trial: a Trial of Katib, or the TrainJob that is one of an OptimizationJob. */
export interface ITrialRef extends IStudyRef {
  /** The name of its experiment, where it is known. */
  readonly experiment?: string;
}

/** A tuning experiment that is selected in the panel. */
export interface ISelected extends IStudyRef {
  readonly phase: Phase;
}

/** The rights on tuning experiments that commands need. */
export const RIGHTS = ['create', 'patch', 'delete'] as const;
export type Right = (typeof RIGHTS)[number];

/** The panel has a section for each kind, where the connection has both. */
export class KatibContext extends PanelContext<ISelected, StudyKind, Right> {
  constructor(parts: IPanelParts) {
    super(parts, 'katib', ['Experiment', 'OptimizationJob']);
  }
}
