/** What the Katib panel, the tabs of its tuning experiments and trials, and the commands share. */
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

import type { Phase } from '../client/kubernetes/kind';
import { Kept, oneOf } from '../ui/kept';
import type { IListRequest } from '../ui/kubernetes/useListRequests';
import type { IKubeflow } from '../ui/tokens';
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
export type Right = 'create' | 'patch' | 'delete';

/** Parts of the application that are not there everywhere. */
export interface IKatibServices {
  readonly app: JupyterFrontEnd | null;
  readonly documents: IDocumentManager | null;
  readonly browsers: IFileBrowserFactory | null;
  readonly notebooks: INotebookTracker | null;
  readonly editors: IEditorServices | null;
  readonly settings: ISettingRegistry | null;
  readonly state: IStateDB | null;
}

/** The kinds, in the order of the panel's sections. */
export const STUDY_KINDS: readonly StudyKind[] = ['Experiment', 'OptimizationJob'];

const SECTION_KEY = 'jupyterlab-kubeflow:katib-panel';

/**
 * Given to each view of the panel and to the form. The cluster is `useKubernetes(context.kubeflow)` in components, else
 * `kubernetesOf(context.kubeflow)`.
 */
export class KatibContext {
  constructor(
    readonly kubeflow: IKubeflow,
    readonly commands: CommandRegistry,
    readonly trans: TranslationBundle,
    readonly services: IKatibServices
  ) {
    this.section = new Kept<StudyKind>(
      services.state,
      SECTION_KEY,
      'Experiment',
      oneOf(STUDY_KINDS)
    );
  }

  /** The section that the panel shows, where the connection has both kinds. */
  readonly section: Kept<StudyKind>;

  /** What is selected in the panel; commands without arguments are about it. */
  get selection(): readonly ISelected[] {
    return this._selection;
  }

  /** Why the user may not do something to what the panel shows, as a sentence; what is not here may be done. */
  refusals: Partial<Record<Right, string>> = {};

  /** What the user has asked the lists for. What the server changes they see by themselves. */
  get asked(): ISignal<this, IListRequest> {
    return this._asked;
  }

  /** Remembers the panel's selection. */
  select(chosen: readonly ISelected[]): void {
    this._selection = chosen;
    this.commands.notifyCommandChanged();
  }

  /** Asks the lists for something. */
  ask(request: IListRequest): void {
    this._asked.emit(request);
  }

  private _selection: readonly ISelected[] = [];
  private readonly _asked = new Signal<this, IListRequest>(this);
}
