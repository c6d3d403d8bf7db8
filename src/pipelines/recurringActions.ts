/** What can be done to recurring runs. Each asks where something would be lost, and tells all open views afterwards. */
import { isNotFound } from '../client/errors';
import type { ICreateRun, IPipeline, IRecurringRun } from '../client/pipelines';
import { confirmDestructive } from '../ui/confirm';
import type { IParameter } from '../ui/form';
import { forEach, sourceOf, undated, versionOf } from './actions';
import { specParameters } from './artifacts';
import { CommandIDs, type PipelinesContext } from './context';

/** What is needed of a recurring run to act on it. */
export type RecurringRunName = Pick<IRecurringRun, 'id' | 'name'>;

/** Lets recurring runs start runs, or keeps them from it. */
export async function switchRecurringRuns(
  context: PipelinesContext,
  items: readonly RecurringRunName[],
  enabled: boolean
): Promise<void> {
  const { client } = context;
  await forEach(items, ({ id }) =>
    enabled ? client.enableRecurringRun(id) : client.disableRecurringRun(id)
  );
  context.tell({ kind: 'recurring' });
}

/** Deletes recurring runs after asking; one that is gone already counts as deleted. */
export async function deleteRecurringRuns(
  context: PipelinesContext,
  items: readonly RecurringRunName[]
): Promise<void> {
  const { trans, client } = context;
  const [first] = items;
  if (
    !first ||
    !(await confirmDestructive(trans, {
      title:
        items.length === 1
          ? trans.__('Delete recurring run “%1”?', first.name)
          : trans.__('Delete %1 recurring runs?', items.length),
      body: trans.__('No further run is started. The runs that were started so far stay.'),
      action: trans._n('Delete recurring run', 'Delete recurring runs', items.length)
    }))
  ) {
    return;
  }
  const done = await forEach(items, async ({ id }) => {
    try {
      await client.deleteRecurringRun(id);
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
    }
  });
  context.tell({ kind: 'recurring-deleted', ids: new Set(done.map(item => item.id)) });
}

/** Opens the dialog that has a pipeline's version, by default its newest, run again and again. */
export async function schedulePipeline(
  context: PipelinesContext,
  pipeline: Pick<IPipeline, 'id' | 'displayName'>,
  versionId?: string
): Promise<void> {
  const version = await versionOf(context, pipeline, versionId);
  if (version) {
    await schedule(context, {
      title: context.trans.__('Schedule pipeline %1', pipeline.displayName),
      name: pipeline.displayName,
      parameters: specParameters(version.pipelineSpec),
      source: { version: { pipelineId: pipeline.id, versionId: version.id } }
    });
  }
}

/** Opens the dialog that has a run's pipeline run again and again with the run's parameters. */
export async function scheduleRun(context: PipelinesContext, runId: string): Promise<void> {
  const run = await context.client.getRun(runId);
  await schedule(context, {
    title: context.trans.__('Schedule run %1', run.name),
    name: undated(run.name),
    parameters: specParameters(run.pipelineSpec, run.parameters),
    source: { experimentId: run.experimentId, ...sourceOf(run) }
  });
}

async function schedule(
  context: PipelinesContext,
  what: {
    title: string;
    name: string;
    parameters: IParameter[];
    source: Pick<ICreateRun, 'version' | 'pipelineSpec' | 'experimentId'>;
  }
): Promise<void> {
  const { trans, client } = context;
  const { title, name, parameters, source } = what;
  const { showSubmitDialog } = await import('../ui/form');
  const created = await showSubmitDialog<IRecurringRun>({
    title,
    name,
    nameLabel: trans.__('Name'),
    action: trans.__('Schedule'),
    schedules: true,
    parameters,
    experiments: client,
    submit: ({ schedule: chosen, experimentId, ...values }) =>
      client.createRecurringRun({
        ...values,
        ...chosen!,
        ...source,
        experimentId: experimentId ?? source.experimentId
      }),
    trans
  });
  if (created) {
    context.tell({ kind: 'recurring' });
    await context.commands.execute(CommandIDs.openRecurringRun, {
      recurringRunId: created.id,
      name: created.name
    });
  }
}
