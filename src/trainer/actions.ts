/** What can be done to TrainJobs. Each asks where something would be lost; open views see by themselves what the server changes. */
import { Notification } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { isForbidden } from '../client/errors';
import { healthOf } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds';
import { confirmDestructive } from '../ui/confirm';
import { kubernetesOf } from '../ui/kubernetes/connection';
import { deleteObjects } from '../ui/kubernetes/deleteObjects';
import { forbiddenWords } from '../ui/kubernetes/problem';
import { registerModel } from '../ui/registering';
import { errorMessage } from '../ui/viewState';
import { checkpointVolumes } from './checkpoints';
import { TUNE } from './commands';
import type { IJobRef, TrainerContext } from './context';

type Ref = Required<IJobRef>;

/** A TrainJob as it is now. Rejects with `ApiError`. */
export function readJob(context: TrainerContext, ref: Ref): Promise<ITrainJob> {
  const { namespace, name } = ref;
  return kubernetesOf(context.kubeflow).client.resource(trainJobs).get({ namespace, name });
}

/** Hands a job over to the form of tuning experiments, as what each trial is to be like. */
export async function tuneJob(context: TrainerContext, ref: Ref): Promise<void> {
  const trainJob = (await readJob(context, ref)) as unknown as ReadonlyPartialJSONObject;
  await context.commands.execute(TUNE, { trainJob });
}

/** Hands the model that a job has trained over to the form of Model Registry: its last metrics, and the volume that it keeps things in. */
export async function registerJob(context: TrainerContext, ref: Ref): Promise<void> {
  const job = await readJob(context, ref);
  const [volume] = checkpointVolumes(job);
  const metrics = job.status?.trainerStatus?.metrics ?? [];
  await registerModel(context.commands, {
    ...(volume && { uri: `pvc://${volume.claim}/` }),
    source: {
      kind: 'train-job',
      name: ref.name,
      namespace: ref.namespace,
      id: job.metadata?.uid
    },
    properties: Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
  });
}

/** Suspends the jobs among these that have not ended, after asking: what is not in a checkpoint is lost. */
export async function suspendJobs(context: TrainerContext, refs: readonly Ref[]): Promise<void> {
  const { trans } = context;
  const jobs = (await readJobs(context, refs)).filter(job =>
    ['pending', 'running', 'unknown'].includes(healthOf(trainJobs, job).phase)
  );
  const [first] = jobs;
  if (!first) {
    Notification.info(
      trans.__('There is nothing to suspend: %1 has ended or is suspended.', refs[0]?.name)
    );
    return;
  }
  const kept = jobs.every(job => checkpointVolumes(job).length > 0);
  const agreed = await confirmDestructive(trans, {
    title:
      jobs.length === 1
        ? trans.__('Suspend training job “%1”?', first.metadata?.name)
        : trans.__('Suspend %1 training jobs?', jobs.length),
    body: kept
      ? trans.__(
          'The nodes are ended. After resuming, the training goes on from the last checkpoint that its code has written to the volume. Logs go with the pods.'
        )
      : trans.__(
          'The nodes are ended, and what they hold is lost. No volume for checkpoints is mounted: after resuming, the training begins anew, unless its code finds what it has saved elsewhere. Logs go with the pods.'
        ),
    action: trans._n('Suspend training job', 'Suspend training jobs', jobs.length)
  });
  if (agreed) {
    await setSuspended(context, jobs, true);
  }
}

/** Resumes the jobs among these that are suspended. */
export async function resumeJobs(context: TrainerContext, refs: readonly Ref[]): Promise<void> {
  const jobs = (await readJobs(context, refs)).filter(job => job.spec.suspend);
  if (jobs.length === 0) {
    Notification.info(
      context.trans.__('There is nothing to resume: %1 is not suspended.', refs[0]?.name)
    );
  }
  await setSuspended(context, jobs, false);
}

/** Deletes jobs after asking; answers those that are gone or going. */
export async function deleteJobs(
  context: TrainerContext,
  refs: readonly Ref[]
): Promise<readonly Ref[]> {
  const { trans } = context;
  const jobs = await readJobs(context, refs);
  const note = jobs.some(job => checkpointVolumes(job).length > 0)
    ? trans.__('Logs go with the pods. Volume claims with checkpoints stay.')
    : trans.__('Logs go with the pods.');
  const done = await deleteObjects(
    kubernetesOf(context.kubeflow),
    trans,
    jobs.map(object => ({ kind: trainJobs as never, object })),
    note
  );
  return done.map(({ object }) => ({
    namespace: object.metadata?.namespace ?? '',
    name: object.metadata?.name ?? ''
  }));
}

/** The jobs as they are now: those of the panel as the panel has them. */
function readJobs(context: TrainerContext, refs: readonly Ref[]): Promise<ITrainJob[]> {
  const known = new Map(
    context.selection.map(job => [`${job.metadata?.namespace}/${job.metadata?.name}`, job])
  );
  return Promise.all(
    refs.map(ref => known.get(`${ref.namespace}/${ref.name}`) ?? readJob(context, ref))
  );
}

async function setSuspended(
  context: TrainerContext,
  jobs: readonly ITrainJob[],
  suspend: boolean
): Promise<void> {
  const { trans, kubeflow } = context;
  const resource = kubernetesOf(kubeflow).client.resource(trainJobs);
  for (const { metadata } of jobs) {
    const { name = '', namespace } = metadata ?? {};
    try {
      await resource.patch({ name, namespace }, { type: 'merge', body: { spec: { suspend } } });
    } catch (error) {
      const access = { verb: 'patch', kind: trainJobs, namespace } as const;
      const why = isForbidden(error) ? forbiddenWords(access, error, trans) : errorMessage(error);
      Notification.error(
        suspend
          ? trans.__('%1 was not suspended. %2', name, why)
          : trans.__('%1 was not resumed. %2', name, why),
        { autoClose: false }
      );
    }
  }
}
