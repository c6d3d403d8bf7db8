/** What can be done to runs and pipelines. Each asks where something would be lost, and tells all open views afterwards. */
import { Notification } from '@jupyterlab/apputils';

import { isNotFound } from '../client/errors';
import type {
  ICreateRun,
  IPipeline,
  IPipelinesClient,
  IPipelineVersion,
  IRun
} from '../client/pipelines';
import { confirmDestructive } from '../ui/confirm';
import { isFinal } from '../ui/state';
import { errorMessage } from '../ui/viewState';
import { specParameters } from './artifacts';
import { CommandIDs, type PipelinesContext } from './context';
import { RETRIED, retryRefusal } from './runs';

/** Runs something for each item, goes on when one fails, and says which ones did. */
export async function forEach<T extends { name: string }>(
  items: readonly T[],
  run: (item: T) => Promise<void>
): Promise<T[]> {
  const done: T[] = [];
  for (const item of items) {
    try {
      await run(item);
      done.push(item);
    } catch (error) {
      Notification.error(`${item.name}: ${errorMessage(error)}`, { autoClose: false });
    }
  }
  return done;
}

/** Terminates a run unless it has ended, be it only a moment ago. */
async function end(client: IPipelinesClient, run: IRun): Promise<void> {
  if (!isFinal(run.state)) {
    try {
      await client.terminateRun(run.id);
    } catch (error) {
      if (!isFinal((await client.getRun(run.id)).state)) {
        throw error;
      }
    }
  }
}

/** Terminates the runs among these that go on, after asking. */
export async function terminateRuns(
  context: PipelinesContext,
  runs: readonly IRun[]
): Promise<void> {
  const { trans, client } = context;
  const live = runs.filter(run => !isFinal(run.state));
  const first = live[0];
  if (
    !first ||
    !(await confirmDestructive(trans, {
      title:
        live.length === 1
          ? trans.__('Terminate run “%1”?', first.name)
          : trans.__('Terminate %1 runs?', live.length),
      body: trans.__(
        'Its tasks are stopped and cannot go on. What they have written so far stays.'
      ),
      action: trans._n('Terminate run', 'Terminate runs', live.length)
    }))
  ) {
    return;
  }
  await forEach(live, run => end(client, run));
  tellOf(context, live, {});
}

/** Retries those among these runs that KFP can retry; says why not when it can retry none. */
export async function retryRuns(context: PipelinesContext, runs: readonly IRun[]): Promise<void> {
  const { trans, client, watcher } = context;
  const refused = runs.map(run => retryRefusal(run, trans));
  const ready = runs.filter((_, index) => refused[index] === undefined);
  const [first] = runs;
  if (first && ready.length === 0) {
    Notification.warning(trans.__('Run %1 cannot be retried: %2.', first.name, refused[0]));
  }
  const done = await forEach(ready, run => client.retryRun(run.id));
  if (done.length > 0) {
    tellOf(context, done, RETRIED);
  }
  done.forEach(run => watcher.watch(run.id));
}

/** Puts runs into the archive, or takes them out of it. */
export async function archiveRuns(
  context: PipelinesContext,
  runs: readonly IRun[],
  archived: boolean
): Promise<void> {
  const { client } = context;
  const done = await forEach(runs, run =>
    archived ? client.archiveRun(run.id) : client.unarchiveRun(run.id)
  );
  tellOf(context, done, { archived });
}

function tellOf(context: PipelinesContext, runs: readonly IRun[], change: Partial<IRun>): void {
  context.tell({ kind: 'runs', ids: new Set(runs.map(run => run.id)), change });
}

/** Deletes runs after asking. One that goes on is terminated first; one that is gone already counts as deleted. */
export async function deleteRuns(context: PipelinesContext, runs: readonly IRun[]): Promise<void> {
  const { trans, client, watcher } = context;
  const first = runs[0];
  if (!first) {
    return;
  }
  const live = runs.filter(run => !isFinal(run.state));
  const body =
    live.length > 0
      ? trans.__(
          'The record of its tasks, logs and outputs goes with it. What is still running is terminated first.'
        )
      : trans.__('The record of its tasks, logs and outputs goes with it.');
  const sure = await confirmDestructive(trans, {
    title:
      runs.length === 1
        ? trans.__('Delete run “%1”?', first.name)
        : trans.__('Delete %1 runs?', runs.length),
    body,
    action: trans._n('Delete run', 'Delete runs', runs.length)
  });
  if (!sure) {
    return;
  }
  const done = await forEach(runs, async run => {
    try {
      await end(client, run);
      await client.deleteRun(run.id);
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
    }
    watcher.forget(run.id);
  });
  context.tell({ kind: 'runs-deleted', ids: new Set(done.map(run => run.id)) });
}

/** Deletes pipelines after asking. */
export async function deletePipelines(
  context: PipelinesContext,
  pipelines: readonly IPipeline[]
): Promise<void> {
  const { trans, client } = context;
  const first = pipelines[0];
  if (
    !first ||
    !(await confirmDestructive(trans, {
      title:
        pipelines.length === 1
          ? trans.__('Delete pipeline “%1”?', first.displayName)
          : trans.__('Delete %1 pipelines?', pipelines.length),
      body: trans.__('All its versions go with it. Runs that were made from it stay.'),
      action: trans._n('Delete pipeline', 'Delete pipelines', pipelines.length)
    }))
  ) {
    return;
  }
  await forEach(pipelines, pipeline => client.deletePipeline(pipeline.id));
  context.tell({ kind: 'pipelines' });
}

/** Follows a run that was just created: it is watched, listed and opened. */
async function follow(context: PipelinesContext, run: IRun | null): Promise<void> {
  if (run) {
    context.watcher.watch(run.id);
    context.tell({ kind: 'refresh' });
    await context.commands.execute(CommandIDs.openRun, { runId: run.id, name: run.name });
  }
}

/** A run's name without the date that it was given. */
export function undated(name: string): string {
  return name.replace(/[-\s]\d{4}-\d{2}-\d{2}.*$/, '');
}

/** What another run is created from that is to be like this one. */
export function sourceOf(run: IRun): Pick<ICreateRun, 'version' | 'pipelineSpec'> {
  return run.pipelineId
    ? { version: { pipelineId: run.pipelineId, versionId: run.pipelineVersionId } }
    : { pipelineSpec: run.pipelineSpec };
}

/** Opens the submit dialog with a run's spec and parameters. */
export async function runAgain(context: PipelinesContext, runId: string): Promise<void> {
  const { trans, client } = context;
  const run = await client.getRun(runId);
  const { defaultRunName, showSubmitDialog } = await import('../ui/form');
  const created = await showSubmitDialog({
    title: trans.__('Run %1 again', run.name),
    name: defaultRunName(undated(run.name)),
    parameters: specParameters(run.pipelineSpec, run.parameters),
    experiments: client,
    submit: values =>
      client.createRun({
        name: values.name,
        experimentId: values.experimentId ?? run.experimentId,
        parameters: values.parameters,
        caching: values.caching,
        ...sourceOf(run)
      }),
    trans
  });
  await follow(context, created);
}

/** A version of a pipeline, by default its newest; `undefined` when it has none, which is said. */
export async function versionOf(
  context: PipelinesContext,
  pipeline: Pick<IPipeline, 'id' | 'displayName'>,
  versionId?: string
): Promise<IPipelineVersion | undefined> {
  const { trans, client } = context;
  const id =
    versionId ??
    (await client.listVersions(pipeline.id, { pageSize: 1, sortBy: 'created_at desc' })).items[0]
      ?.id;
  if (!id) {
    Notification.warning(
      trans.__('Pipeline %1 has no version. Upload one first.', pipeline.displayName)
    );
    return undefined;
  }
  return client.getVersion(pipeline.id, id);
}

/** Opens the submit dialog for a pipeline's version, by default its newest. */
export async function runPipeline(
  context: PipelinesContext,
  pipeline: Pick<IPipeline, 'id' | 'displayName'>,
  versionId?: string
): Promise<void> {
  const { trans, client } = context;
  const version = await versionOf(context, pipeline, versionId);
  if (!version) {
    return;
  }
  const { defaultRunName, showSubmitDialog } = await import('../ui/form');
  const created = await showSubmitDialog({
    title: trans.__('Run pipeline %1', pipeline.displayName),
    name: defaultRunName(pipeline.displayName),
    parameters: specParameters(version.pipelineSpec),
    experiments: client,
    submit: values =>
      client.createRun({
        name: values.name,
        experimentId: values.experimentId,
        parameters: values.parameters,
        caching: values.caching,
        version: { pipelineId: pipeline.id, versionId: version.id }
      }),
    trans
  });
  await follow(context, created);
}

/** Lets the user choose a compiled pipeline and uploads it under its file's name. */
export async function uploadPipeline(context: PipelinesContext): Promise<void> {
  const { trans, client } = context;
  const file = await chooseFile('.yaml,.yml,.json,.zip,.tar.gz,.tgz');
  if (!file) {
    return;
  }
  const name = file.name.replace(/\.(ya?ml|json|zip|tar\.gz|tgz)$/i, '');
  try {
    const pipeline = await client.uploadPipeline(file, name);
    context.tell({ kind: 'pipelines' });
    await context.commands.execute(CommandIDs.openPipeline, {
      pipelineId: pipeline.id,
      name: pipeline.displayName
    });
  } catch (error) {
    Notification.error(trans.__('%1 was not uploaded. %2', file.name, errorMessage(error)), {
      autoClose: false
    });
  }
}

function chooseFile(accept: string): Promise<File | null> {
  return new Promise(resolve => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null), { once: true });
    input.addEventListener('cancel', () => resolve(null), { once: true });
    input.click();
  });
}
