import type { Phase } from '../client/kubernetes/kind';
import { addCommand, type Args, describe, text } from '../ui/commands';
import { addPanelCommands, ObjectCommands } from '../ui/objectCommands';
import { canRegister } from '../ui/registering';
import {
  CommandIDs,
  CreateCommandIDs,
  type IStudyRef,
  type ITrialRef,
  type KatibContext,
  type Right,
  type StudyKind
} from './context';
import { selectedOf, type StudyObject } from './kinds';
import { immutableReason } from './reasons';

/** What the commands need beside the context. */
export interface ICommandHost {
  /** Reveals the sidebar panel. */
  showPanel: () => void;
  /** Opens or activates an experiment's tab, at a section. */
  openExperiment: (ref: IStudyRef, section?: string) => void;
  /** Closes an experiment's tab. */
  closeExperiment: (ref: IStudyRef) => void;
  /** Opens or activates a trial's tab, at a section. */
  openTrial: (ref: ITrialRef, section?: string) => void;
  /** What the experiment's tab in front is opened with. */
  front: () => Args | undefined;
  /** What the trial's tab in front is opened with. */
  frontTrial: () => Args | undefined;
}

/** What a command about an experiment may be given beside its name: it saves asking. */
interface IAbout extends IStudyRef {
  phase?: Phase;
}

/** The id of an experiment's tab. */
export function idOf({ kind, namespace, name }: IStudyRef): string {
  return `kubeflow-study-${kind}-${namespace}/${name}`;
}

/** The id of a trial's tab. */
export function trialIdOf({ kind, namespace, name }: ITrialRef): string {
  return `kubeflow-trial-${kind}-${namespace}/${name}`;
}

/** The arguments by which commands are about an experiment; `refusal` disables them and says why. */
export function argsOf(object: StudyObject, refusal?: string): { [key: string]: string } {
  return { ...selectedOf(object), ...(refusal ? { refusal } : {}) };
}

/** Adds the panel's commands. The heavy parts are loaded when a command first needs them. */
export function addCommands(context: KatibContext, host: ICommandHost): void {
  const { trans, commands } = context;
  const add = addCommand.bind(undefined, context);
  const actions = () => import('./actions');
  const studies = new ObjectCommands<IAbout, Right>(context, {
    refOf: args => {
      const ref = refOf(context, args);
      return ref && { ...ref, phase: text(args, 'phase') as Phase | undefined };
    },
    front: host.front,
    selected: () => context.selection
  });
  const { about } = studies;
  const immutable = (args: Args) =>
    about(args).some(({ kind }) => kind === 'OptimizationJob') ? immutableReason(trans) : undefined;
  const isOne = (args: Args, phases?: readonly Phase[]) => {
    const [only, ...more] = about(args);
    return (
      only !== undefined &&
      more.length === 0 &&
      (!phases || !only.phase || phases.includes(only.phase))
    );
  };
  const registers = () => canRegister({ commands, connection: context.kubeflow.connection });
  const canCreate = () => commands.hasCommand(CreateCommandIDs.createExperiment);
  const study = describe({
    name: trans.__('The experiment; without it, that of the tab in front or the selected ones'),
    namespace: trans.__('Its namespace; without it, the active one'),
    kind: trans.__('Experiment, which is meant without it, or OptimizationJob'),
    phase: trans.__('Its state, where it is known'),
    refusal: trans.__('Why it may not be done'),
    from: trans.__('“list” means the experiments that are selected in the panel')
  });
  const trial = describe({
    name: trans.__('The trial; without it, that of the tab in front'),
    namespace: trans.__('Its namespace; without it, the active one'),
    kind: trans.__(
      'The kind of its experiment: Experiment, which is meant without it, or OptimizationJob'
    ),
    experiment: trans.__('The name of its experiment')
  });
  const trialRef = (args: Args): ITrialRef | undefined => {
    const given = text(args, 'name') ? args : host.frontTrial();
    const ref = given && refOf(context, given);
    const experiment = given && text(given, 'experiment');
    return ref && { ...ref, ...(experiment ? { experiment } : {}) };
  };

  addPanelCommands(context, {
    show: host.showPanel,
    ask: request => context.ask(request),
    ids: CommandIDs,
    words: {
      showPanel: [
        trans.__('Show Katib panel'),
        trans.__('Show the tuning experiments of the active connection')
      ],
      refresh: [trans.__('Refresh tuning experiments'), trans.__('Read tuning experiments again')],
      filter: [
        trans.__('Filter tuning experiments'),
        trans.__('Put the keyboard into the filter of the Katib panel')
      ]
    }
  });
  add(CommandIDs.openExperiment, {
    label: trans.__('Open tuning experiment'),
    caption: trans.__('Show the best trial, charts and trials of a tuning experiment'),
    describedBy: describe({
      name: trans.__('The experiment; without it, the selected ones'),
      namespace: trans.__('Its namespace; without it, the active one'),
      kind: trans.__('Experiment, which is meant without it, or OptimizationJob'),
      section: trans.__(
        'What the tab shows first: overview, parallel, objective, curves, trials, suggestion, events or yaml'
      ),
      from: trans.__('“list” means the experiments that are selected in the panel')
    }),
    isEnabled: args => about(args).length > 0,
    execute: args => {
      for (const { kind, namespace, name } of about(args)) {
        host.openExperiment({ kind, namespace, name }, text(args, 'section'));
      }
    }
  });
  add(CommandIDs.openTrial, {
    label: trans.__('Open trial'),
    caption: trans.__('Show the parameters, metrics, logs and events of a trial'),
    describedBy: describe({
      name: trans.__('The trial'),
      namespace: trans.__('Its namespace; without it, the active one'),
      kind: trans.__(
        'The kind of its experiment: Experiment, which is meant without it, or OptimizationJob'
      ),
      experiment: trans.__('The name of its experiment'),
      section: trans.__('What the tab shows first: overview, curves, logs, events or yaml')
    }),
    isEnabled: args => text(args, 'name') !== undefined,
    execute: args => {
      const ref = trialRef(args);
      if (ref) {
        host.openTrial(ref, text(args, 'section'));
      }
    }
  });
  add(CommandIDs.editBudget, {
    ...studies.gated(trans.__('Edit budget and resume…'), 'patch', args => isOne(args), immutable),
    caption: trans.__('Change how many trials there are; more than before resume what has ended'),
    describedBy: study,
    execute: async args => (await actions()).editBudget(context, about(args)[0]!)
  });
  add(CommandIDs.stopExperiment, {
    ...studies.gated(
      trans.__('Stop tuning experiment…'),
      'patch',
      args => isOne(args, ['pending', 'running', 'unknown']),
      immutable
    ),
    caption: trans.__('Begin no more trials than those that Katib cannot do without'),
    describedBy: study,
    execute: async args => (await actions()).stopExperiment(context, about(args)[0]!)
  });
  add(CommandIDs.cloneExperiment, {
    ...studies.gated(
      trans.__('Clone tuning experiment…'),
      'create',
      args => isOne(args) && canCreate()
    ),
    caption: trans.__('Create another experiment like this one, with its values to change'),
    describedBy: study,
    execute: async args => (await actions()).cloneExperiment(context, about(args)[0]!)
  });
  add(CommandIDs.deleteExperiment, {
    ...studies.gated(
      trans.__('Delete tuning experiment…'),
      'delete',
      args => about(args).length > 0
    ),
    caption: trans.__('Delete an experiment with its trials and their results'),
    describedBy: study,
    execute: async args => {
      const { deleteExperiments } = await actions();
      for (const ref of await deleteExperiments(context, about(args))) {
        host.closeExperiment(ref);
      }
    }
  });
  add(CommandIDs.trainWith, {
    label: trans.__('Train with these…'),
    caption: trans.__('Create a training job with the parameters of this trial'),
    describedBy: trial,
    isEnabled: args => trialRef(args) !== undefined,
    execute: async args => (await actions()).trainWith(context, trialRef(args)!)
  });
  add(CommandIDs.registerModel, {
    label: trans.__('Register model…'),
    caption: trans.__('Register the model of this trial, with its parameters and metrics'),
    describedBy: trial,
    isVisible: registers,
    isEnabled: args => trialRef(args) !== undefined && registers(),
    execute: async args => (await actions()).registerTrial(context, trialRef(args)!)
  });
  add(CommandIDs.copyParameters, {
    label: trans.__('Copy parameters to cell'),
    caption: trans.__('Put the parameters of this trial into a new cell of the notebook used last'),
    describedBy: trial,
    isEnabled: args => trialRef(args) !== undefined,
    execute: async args => (await actions()).copyParameters(context, trialRef(args)!)
  });
}

/** What arguments name; undefined when they name nothing. */
function refOf(context: KatibContext, args: Args): IStudyRef | undefined {
  const name = text(args, 'name');
  const kind: StudyKind =
    text(args, 'kind') === 'OptimizationJob' ? 'OptimizationJob' : 'Experiment';
  const namespace = text(args, 'namespace') ?? context.namespace;
  return name === undefined ? undefined : { kind, namespace, name };
}
