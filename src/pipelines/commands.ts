import type { IPipeline, IRun } from '../client/pipelines';
import { type Args, describe, text } from '../ui/commands';
import { addPanelCommands } from '../ui/objectCommands';
import { isFinal } from '../ui/state';
import { CommandTools, type ICommandHost } from './commandTools';
import { CommandIDs, type PipelinesContext } from './context';
import { addRecurringCommands } from './recurringCommands';
import { retryRefusal } from './runs';

/** Adds the panel's commands. The heavy parts are loaded when a command first needs them. */
export function addCommands(context: PipelinesContext, host: ICommandHost): void {
  const { trans, client } = context;
  const run = describe({
    runId: trans.__('The run; without it, the tab in front or the selected runs'),
    state: trans.__('The run’s state, where it is known'),
    from: trans.__('“list” means the runs that are selected in the panel')
  });
  const pipeline = describe({
    pipelineId: trans.__('The pipeline; without it, the tab in front or the selected ones'),
    name: trans.__('The name of the pipeline'),
    versionId: trans.__('The version; without it, the newest one'),
    from: trans.__('“list” means the pipelines that are selected in the panel')
  });

  const tools = new CommandTools(context, host);
  const about = tools.about.bind(tools);
  const has = tools.has.bind(tools);
  const add = tools.add.bind(tools);
  /** The runs that a command is about, read where the list does not hold them. */
  const runsOf = (args: Args): Promise<IRun[]> => {
    const known = new Map(context.selection.runs.map(item => [item.id, item]));
    return Promise.all(about(args, 'runId').map(id => known.get(id) ?? client.getRun(id)));
  };
  /** The runs of the panel's list that a command is about. */
  const listed = (args: Args): IRun[] => {
    const ids = new Set(about(args, 'runId'));
    return context.selection.runs.filter(item => ids.has(item.id));
  };
  /** For each run that a command is about, why it cannot be retried; one whose state is not known may be. */
  const refusals = (args: Args): (string | undefined)[] => {
    const known = new Map(listed(args).map(item => [item.id, item]));
    const state = text(args, 'state') as IRun['state'] | undefined;
    return about(args, 'runId').map(id => {
      const item = state ? { state, rawState: '' } : known.get(id);
      return item && retryRefusal(item, trans);
    });
  };
  const actions = () => import('./actions');

  addRecurringCommands(context, host, tools);
  addPanelCommands(context, {
    show: host.showPanel,
    ask: request => context.tell(request),
    ids: CommandIDs,
    words: {
      showPanel: [
        trans.__('Show Pipelines panel'),
        trans.__('Show the runs and pipelines of the active connection')
      ],
      refresh: [trans.__('Refresh pipelines'), trans.__('Read runs and pipelines again')],
      filter: [
        trans.__('Filter pipelines'),
        trans.__('Put the keyboard into the filter of the Pipelines panel')
      ]
    }
  });
  add(CommandIDs.openRun, {
    label: trans.__('Open run'),
    caption: trans.__('Show the graph, logs and outputs of a run'),
    describedBy: describe({
      runId: trans.__('The run; without it, the selected runs'),
      name: trans.__('The name of the run, shown until it is read'),
      section: trans.__('What a tab that is opened begins with: graph, logs, io or yaml'),
      from: trans.__('“list” means the runs that are selected in the panel')
    }),
    isEnabled: has('runId'),
    execute: args =>
      about(args, 'runId').forEach(id =>
        host.openRun(id, text(args, 'name'), text(args, 'section'))
      )
  });
  add(CommandIDs.runAgain, {
    label: trans.__('Run again…'),
    caption: trans.__('Create a new run from the same pipeline, with its parameters to change'),
    describedBy: run,
    isEnabled: args => about(args, 'runId').length === 1,
    execute: async args => (await actions()).runAgain(context, about(args, 'runId')[0]!)
  });
  add(CommandIDs.terminateRun, {
    label: trans.__('Terminate run…'),
    caption: trans.__('Stop the tasks of a run that goes on'),
    describedBy: run,
    isEnabled: args => {
      const known = listed(args);
      return about(args, 'runId').length > known.length || known.some(item => !isFinal(item.state));
    },
    execute: async args => (await actions()).terminateRuns(context, await runsOf(args))
  });
  add(CommandIDs.retryRun, {
    label: args => {
      const [refusal, ...others] = refusals(args);
      return refusal && others.length === 0
        ? trans.__('Retry run (%1)', refusal)
        : trans.__('Retry run');
    },
    caption: trans.__('Go on with a failed or cancelled run from the tasks that did not succeed'),
    describedBy: run,
    isEnabled: args => has('runId')(args) && refusals(args).some(refusal => !refusal),
    execute: async args => (await actions()).retryRuns(context, await runsOf(args))
  });
  add(CommandIDs.archiveRun, {
    label: trans.__('Archive run'),
    caption: trans.__('Put a run aside; nothing of it is lost'),
    describedBy: run,
    isEnabled: has('runId'),
    isVisible: args => !listed(args).some(item => item.archived),
    execute: async args => (await actions()).archiveRuns(context, await runsOf(args), true)
  });
  add(CommandIDs.restoreRun, {
    label: trans.__('Restore run'),
    caption: trans.__('Take a run out of the archive'),
    describedBy: run,
    isEnabled: has('runId'),
    isVisible: args => args['from'] !== 'list' || listed(args).some(item => item.archived),
    execute: async args => (await actions()).archiveRuns(context, await runsOf(args), false)
  });
  add(CommandIDs.deleteRun, {
    label: trans.__('Delete run…'),
    caption: trans.__('Delete a run with the record of its tasks'),
    describedBy: run,
    isEnabled: has('runId'),
    execute: async args => (await actions()).deleteRuns(context, await runsOf(args))
  });
  add(CommandIDs.watchRun, {
    label: trans.__('Tell when run ends'),
    caption: trans.__('Show a notification when a run has ended'),
    describedBy: describe({ runId: trans.__('The run') }, ['runId']),
    isVisible: () => false,
    execute: args => {
      const id = text(args, 'runId');
      if (id) {
        context.watcher.watch(id);
        context.tell({ kind: 'refresh' });
      }
    }
  });
  add(CommandIDs.openNotebook, {
    label: trans.__('Open executed notebook'),
    caption: trans.__('Open the notebook that a run has executed, read-only'),
    describedBy: describe({
      runId: trans.__('The run; without it, the tab in front or the selected one'),
      path: trans.__('Path of the notebook in the drive KubeflowRuns; without it, the first one'),
      from: trans.__('“list” means the run that is selected in the panel')
    }),
    isEnabled: args => host.documents !== null && about(args, 'runId').length === 1,
    execute: async args => {
      const { openNotebook } = await import('./openNotebook');
      const path = text(args, 'path');
      await openNotebook(context, host.documents!, about(args, 'runId')[0]!, path);
    }
  });
  add(CommandIDs.openPipeline, {
    label: trans.__('Open pipeline'),
    caption: trans.__('Show the graph and the versions of a pipeline'),
    describedBy: pipeline,
    isEnabled: has('pipelineId'),
    execute: args =>
      tools.pipelines(args).forEach(item => host.openPipeline(item.id, item.displayName))
  });
  add(CommandIDs.runPipeline, {
    label: args =>
      args['from'] === 'list' ? trans.__('Run pipeline…') : trans.__('Run a pipeline…'),
    caption: trans.__('Create a run from a pipeline, with its parameters'),
    describedBy: pipeline,
    execute: async args => {
      const { runPipeline } = await actions();
      const chosen =
        tools.pipelines(args)[0] ??
        (await (
          await import('./choosePipeline')
        ).choosePipeline(context, trans.__('Run a pipeline')));
      if (chosen) {
        await runPipeline(context, chosen, text(args, 'versionId'));
      }
    }
  });
  add(CommandIDs.uploadPipeline, {
    label: trans.__('Upload pipeline…'),
    caption: trans.__('Upload a compiled pipeline from a file'),
    describedBy: describe({}),
    execute: async () => (await actions()).uploadPipeline(context)
  });
  add(CommandIDs.deletePipeline, {
    label: trans.__('Delete pipeline…'),
    caption: trans.__('Delete a pipeline with all its versions'),
    describedBy: pipeline,
    isEnabled: has('pipelineId'),
    execute: async args =>
      (await actions()).deletePipelines(context, tools.pipelines(args) as IPipeline[])
  });
}
