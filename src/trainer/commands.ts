import { healthOf, type Phase } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds/trainer';
import { addCommand, type Args, describe, describeWith, text } from '../ui/commands';
import { addPanelCommands, ObjectCommands } from '../ui/objectCommands';
import { canRegister } from '../ui/registering';
import {
  CommandIDs,
  type ICreateSeed,
  type IJobRef,
  type Right,
  type TrainerContext
} from './context';

/** What the commands need beside the context. */
export interface ICommandHost {
  /** Reveals the sidebar panel. */
  showPanel: () => void;
  /** Opens or activates a job's tab, at a section. */
  openJob: (ref: Required<IJobRef>, section?: string) => void;
  /** Closes a job's tab. */
  closeJob: (ref: Required<IJobRef>) => void;
  /** What the job's tab in front is opened with. */
  front: () => Args | undefined;
}

/** What a command about a job may be given beside its name: it saves asking. */
interface IAbout extends Required<IJobRef> {
  phase?: Phase;
}

/** The id of a job's tab. */
export function idOf({ namespace, name }: Required<IJobRef>): string {
  return `kubeflow-trainjob-${namespace}/${name}`;
}

/** The arguments by which commands are about a job; `refusal` disables them and says why. */
export function argsOf(job: ITrainJob, refusal?: string): { [key: string]: string } {
  const { namespace = '', name = '' } = job.metadata ?? {};
  const { phase } = healthOf(trainJobs, job);
  return { namespace, name, phase, ...(refusal ? { refusal } : {}) };
}

/** The form of Katib's panel: `{trainJob}`. */
export const TUNE = 'kubeflow-katib:create-experiment';

/** Whether jobs can be tuned: there are tuning experiments, and a panel that makes them. */
export function canTune({ tuning, commands }: TrainerContext): boolean {
  return tuning.found && commands.hasCommand(TUNE);
}

/** Adds the panel's commands. The heavy parts are loaded when a command first needs them. */
export function addCommands(context: TrainerContext, host: ICommandHost): void {
  const { trans, commands, kubeflow } = context;
  const registers = () => canRegister({ commands, connection: kubeflow.connection });
  const add = addCommand.bind(undefined, context);
  const actions = () => import('./actions');
  const jobs = new ObjectCommands<IAbout, Right>(context, {
    refOf: args => {
      const name = text(args, 'name');
      const namespace = text(args, 'namespace') ?? context.namespace;
      return name
        ? { namespace, name, phase: text(args, 'phase') as Phase | undefined }
        : undefined;
    },
    front: host.front,
    selected: () =>
      context.selection.map(object => {
        const { namespace = '', name = '' } = object.metadata ?? {};
        return { namespace, name, phase: healthOf(trainJobs, object).phase };
      })
  });
  const { about } = jobs;
  const isAbout = (args: Args, phases?: readonly Phase[]) =>
    about(args).some(each => !phases || !each.phase || phases.includes(each.phase));
  const job = describe({
    name: trans.__('The TrainJob; without it, that of the tab in front or the selected ones'),
    namespace: trans.__('Its namespace; without it, the active one'),
    phase: trans.__('Its state, where it is known'),
    refusal: trans.__('Why it may not be done'),
    from: trans.__('“list” means the TrainJobs that are selected in the panel')
  });

  addPanelCommands(context, {
    show: host.showPanel,
    ask: request => context.ask(request),
    ids: CommandIDs,
    words: {
      showPanel: [
        trans.__('Show Trainer panel'),
        trans.__('Show the training jobs of the active connection')
      ],
      refresh: [
        trans.__('Refresh training jobs'),
        trans.__('Read training jobs and runtimes again')
      ],
      filter: [
        trans.__('Filter training jobs'),
        trans.__('Put the keyboard into the filter of the Trainer panel')
      ]
    }
  });
  add(CommandIDs.createJob, {
    label: trans.__('Create training job…'),
    caption: trans.__('Create a TrainJob from a script, a notebook or a function'),
    describedBy: describeWith(
      {
        path: trans.__('A Python file or a notebook to train with'),
        cell: trans.__('The id of a cell of that notebook'),
        function: trans.__('The name of a function in it')
      },
      { job: trans.__('A TrainJob, as the API has it, to make another one like it from') }
    ),
    execute: async args => {
      const seed: ICreateSeed = {};
      if (args['job'] && typeof args['job'] === 'object') {
        seed.job = args['job'] as unknown as ITrainJob;
      }
      for (const key of ['path', 'cell', 'function'] as const) {
        const value = text(args, key);
        if (value) {
          seed[key] = value;
        }
      }
      const { openCreate } = await import('./create');
      await openCreate(context, seed);
    }
  });
  add(CommandIDs.openJob, {
    label: trans.__('Open training job'),
    caption: trans.__('Show the progress, graph, logs and events of a TrainJob'),
    describedBy: describe({
      name: trans.__('The TrainJob; without it, the selected ones'),
      namespace: trans.__('Its namespace; without it, the active one'),
      section: trans.__(
        'What the tab shows first: progress, graph, logs, events, resources, checkpoints or yaml'
      ),
      from: trans.__('“list” means the TrainJobs that are selected in the panel')
    }),
    isEnabled: args => isAbout(args),
    execute: args => {
      for (const { namespace, name } of about(args)) {
        host.openJob({ namespace, name }, text(args, 'section'));
      }
    }
  });
  add(CommandIDs.suspendJob, {
    ...jobs.gated(trans.__('Suspend training job…'), 'patch', args =>
      isAbout(args, ['pending', 'running', 'unknown'])
    ),
    caption: trans.__('End the nodes of a TrainJob; it can be resumed'),
    describedBy: job,
    execute: async args => (await actions()).suspendJobs(context, about(args))
  });
  add(CommandIDs.resumeJob, {
    ...jobs.gated(trans.__('Resume training job'), 'patch', args => isAbout(args, ['suspended'])),
    caption: trans.__('Start the nodes of a suspended TrainJob'),
    describedBy: job,
    execute: async args => (await actions()).resumeJobs(context, about(args))
  });
  add(CommandIDs.cloneJob, {
    ...jobs.gated(trans.__('Clone training job…'), 'create', args => about(args).length === 1),
    caption: trans.__('Create another TrainJob like this one, with its values to change'),
    describedBy: job,
    execute: async args => {
      const { readJob } = await actions();
      const seed = { job: await readJob(context, about(args)[0]!) };
      const { openCreate } = await import('./create');
      await openCreate(context, seed);
    }
  });
  add(CommandIDs.tuneJob, {
    label: trans.__('Tune training job…'),
    caption: trans.__('Search for the parameters by which a TrainJob trains best'),
    describedBy: job,
    isVisible: () => canTune(context),
    isEnabled: args => canTune(context) && about(args).length === 1,
    execute: async args => (await actions()).tuneJob(context, about(args)[0]!)
  });
  add(CommandIDs.registerModel, {
    label: trans.__('Register model…'),
    caption: trans.__('Register the model that a TrainJob has trained'),
    describedBy: job,
    isVisible: registers,
    isEnabled: args => registers() && about(args).length === 1,
    execute: async args => (await actions()).registerJob(context, about(args)[0]!)
  });
  add(CommandIDs.deleteJob, {
    ...jobs.gated(trans.__('Delete training job…'), 'delete', args => isAbout(args)),
    caption: trans.__('Delete a TrainJob with its nodes and their logs'),
    describedBy: job,
    execute: async args => {
      const { deleteJobs } = await actions();
      for (const ref of await deleteJobs(context, about(args))) {
        host.closeJob(ref);
      }
    }
  });
}
