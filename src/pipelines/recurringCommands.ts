import { type Args, describe, text } from '../ui/commands';
import type { CommandTools, ICommandHost } from './commandTools';
import { CommandIDs, type PipelinesContext } from './context';
import type { RecurringRunName } from './recurringActions';

/** Adds the commands about recurring runs. */
export function addRecurringCommands(
  context: PipelinesContext,
  host: ICommandHost,
  tools: CommandTools
): void {
  const { trans } = context;
  const recurringRun = describe({
    recurringRunId: trans.__(
      'The recurring run; without it, the tab in front or the selected ones'
    ),
    name: trans.__('The name of the recurring run'),
    from: trans.__('“list” means the recurring runs that are selected in the panel')
  });
  const has = tools.has('recurringRunId');
  const known = (args: Args) => {
    const ids = new Set(tools.about(args, 'recurringRunId'));
    return context.selection.recurring.filter(item => ids.has(item.id));
  };
  const named = (args: Args): RecurringRunName[] => {
    const names = new Map(context.selection.recurring.map(item => [item.id, item.name]));
    return tools
      .about(args, 'recurringRunId')
      .map(id => ({ id, name: text(args, 'name') ?? names.get(id) ?? id }));
  };
  const actions = () => import('./recurringActions');

  tools.add(CommandIDs.openRecurringRun, {
    label: trans.__('Open recurring run'),
    caption: trans.__('Show when a recurring run starts runs, and the last of them'),
    describedBy: recurringRun,
    isEnabled: has,
    execute: args => named(args).forEach(({ id, name }) => host.openRecurringRun(id, name))
  });
  tools.add(CommandIDs.showRunsOf, {
    label: trans.__('Show its runs'),
    caption: trans.__('List the runs that a recurring run has started'),
    describedBy: recurringRun,
    isEnabled: args => named(args).length === 1,
    execute: args => {
      const [item] = named(args);
      if (item) {
        context.view.set({ section: 'runs', runsOf: item });
        host.showPanel();
      }
    }
  });
  tools.add(CommandIDs.enableRecurringRun, {
    label: trans.__('Enable recurring run'),
    caption: trans.__('Let a recurring run start runs again'),
    describedBy: recurringRun,
    isEnabled: has,
    isVisible: args => args['from'] !== 'list' || known(args).some(item => !item.enabled),
    execute: async args => (await actions()).switchRecurringRuns(context, named(args), true)
  });
  tools.add(CommandIDs.disableRecurringRun, {
    label: trans.__('Disable recurring run'),
    caption: trans.__('Keep a recurring run from starting further runs'),
    describedBy: recurringRun,
    isEnabled: has,
    isVisible: args => args['from'] !== 'list' || known(args).some(item => item.enabled),
    execute: async args => (await actions()).switchRecurringRuns(context, named(args), false)
  });
  tools.add(CommandIDs.deleteRecurringRun, {
    label: trans.__('Delete recurring run…'),
    caption: trans.__('Delete a recurring run; the runs it has started stay'),
    describedBy: recurringRun,
    isEnabled: has,
    execute: async args => (await actions()).deleteRecurringRuns(context, named(args))
  });
  tools.add(CommandIDs.schedulePipeline, {
    label: args =>
      args['from'] === 'list' || text(args, 'pipelineId')
        ? trans.__('Schedule pipeline…')
        : trans.__('Schedule a pipeline…'),
    caption: trans.__(
      'Have a pipeline run again and again, at an interval or by a cron expression'
    ),
    describedBy: describe({
      pipelineId: trans.__('The pipeline; without it, the tab in front or the selected one'),
      name: trans.__('The name of the pipeline'),
      versionId: trans.__('The version; without it, the newest one'),
      from: trans.__('“list” means the pipeline that is selected in the panel')
    }),
    execute: async args => {
      const { schedulePipeline } = await actions();
      const title = trans.__('Schedule a pipeline');
      const chosen =
        tools.pipelines(args)[0] ??
        (await (await import('./choosePipeline')).choosePipeline(context, title));
      if (chosen) {
        await schedulePipeline(context, chosen, text(args, 'versionId'));
      }
    }
  });
  tools.add(CommandIDs.scheduleRun, {
    label: trans.__('Schedule run…'),
    caption: trans.__('Have the pipeline of a run run again and again with its parameters'),
    describedBy: describe({
      runId: trans.__('The run; without it, the tab in front or the selected one'),
      from: trans.__('“list” means the run that is selected in the panel')
    }),
    isEnabled: args => tools.about(args, 'runId').length === 1,
    execute: async args => (await actions()).scheduleRun(context, tools.about(args, 'runId')[0]!)
  });
}
