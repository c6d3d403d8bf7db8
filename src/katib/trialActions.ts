/** What can be done with a trial's parameters. */
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import {
  type IOptimizationJob,
  type ITrainJob,
  optimizationJobs,
  trainJobs,
  trials as trialKind,
  tuningExperiments
} from '../client/kubernetes/kinds';
import { insertCell } from '../ui/cells';
import { formatNumber } from '../ui/format';
import { kubernetesOf } from '../ui/kubernetes/connection';
import { registerModel } from '../ui/registering';
import type { ITrialRef, KatibContext } from './context';
import { EXPERIMENT_LABEL, studyOfExperiment, trialOf } from './model/experiment';
import { studyOfOptimizationJob, trialOfTrainJob } from './model/optimizationJob';
import { parameterCode } from './model/parameterCode';
import type { IStudy, ITrial } from './model/study';
import { likeTrainJob, runKind, trainJobOfTrial } from './model/trainJob';

/** The Trainer panel's command that opens the form of a training job, `{job}`. */
const CREATE_JOB = 'kubeflow-trainer:create-job';

/** A trial with what is known of its experiment. */
interface IRead {
  trial: Omit<ITrial, 'number'>;
  study?: Pick<IStudy, 'name' | 'objective' | 'parameters'>;
  /** A TrainJob that tries the same, or the kind of what the trial runs, which cannot be made one of. */
  job: ITrainJob | string;
}

/** Opens the form of a training job with a trial's parameters. Rejects with an `Error` in words. */
export async function trainWith(context: KatibContext, ref: ITrialRef): Promise<void> {
  const { trans, commands } = context;
  if (!commands.hasCommand(CREATE_JOB)) {
    throw new Error(
      trans.__(
        'Training jobs are made in the Trainer panel, which is switched off. Enable the plugin jupyterlab-kubeflow:trainer.'
      )
    );
  }
  const { job } = await readTrial(context, ref);
  if (typeof job === 'string') {
    throw new Error(
      trans.__(
        'The trial runs a %1, which cannot be made a training job. Copy its parameters to a cell instead.',
        job || trans.__('kind that it does not tell')
      )
    );
  }
  await commands.execute(CREATE_JOB, { job: job as unknown as ReadonlyPartialJSONObject });
}

/** Puts a trial's parameters into a new cell below the active one, or into the clipboard where no notebook is open. */
export async function copyParameters(context: KatibContext, ref: ITrialRef): Promise<void> {
  const { trans, services } = context;
  const { trial, study } = await readTrial(context, ref);
  if (Object.keys(trial.parameters).length === 0) {
    throw new Error(trans.__('The trial %1 tells no parameters.', ref.name));
  }
  const value = trial.objective;
  const comment =
    study && value !== undefined
      ? trans.__(
          'Parameters of the trial %1 of %2: %3 %4',
          ref.name,
          study.name,
          study.objective.metric,
          formatNumber(value)
        )
      : trans.__('Parameters of the trial %1', ref.name);
  const code = parameterCode(trial.parameters, study?.parameters ?? [], comment);
  const panel = services.notebooks?.currentWidget;
  if (!panel) {
    Clipboard.copyToSystem(code);
    Notification.info(
      trans.__('No notebook is open, so the parameters were copied to the clipboard.'),
      { autoClose: 5000 }
    );
    return;
  }
  await insertCell(context, panel, code);
}

/** Hands a trial's model over to the form of Model Registry, with its parameters and the last values of its metrics. */
export async function registerTrial(context: KatibContext, ref: ITrialRef): Promise<void> {
  const { trial } = await readTrial(context, ref);
  const metrics = Object.entries(trial.metrics).flatMap(([name, { latest }]) =>
    latest === undefined ? [] : [[name, String(latest)]]
  );
  await registerModel(context.commands, {
    source: {
      kind: 'trial',
      name: ref.name,
      namespace: ref.namespace,
      id: trial.uid,
      ...(ref.kind === 'OptimizationJob' && { class: 'optimizationjob' })
    },
    properties: { ...trial.parameters, ...Object.fromEntries(metrics) }
  });
}

async function readTrial(context: KatibContext, ref: ITrialRef): Promise<IRead> {
  const { client } = kubernetesOf(context.kubeflow);
  const { namespace, name } = ref;
  if (ref.kind === 'OptimizationJob') {
    const job = await client.resource(trainJobs).get({ namespace, name });
    const owner =
      ref.experiment ??
      job.metadata?.ownerReferences?.find(each => each.kind === 'OptimizationJob')?.name;
    const of: IOptimizationJob | undefined = owner
      ? await client.resource(optimizationJobs).get({ namespace, name: owner })
      : undefined;
    const study = of && studyOfOptimizationJob(of, []);
    return {
      trial: trialOfTrainJob(
        job,
        study?.objective.metric ?? '',
        (study?.parameters ?? []).map(each => each.name)
      ),
      study,
      job: likeTrainJob(job)
    };
  }
  const object = await client.resource(trialKind).get({ namespace, name });
  const owner = ref.experiment ?? object.metadata?.labels?.[EXPERIMENT_LABEL];
  // The parameters stand in the trial itself; the experiment only says how to write them.
  const experiment = owner
    ? await client
        .resource(tuningExperiments)
        .get({ namespace, name: owner })
        .catch(() => undefined)
    : undefined;
  return {
    trial: trialOf(object),
    study: experiment && studyOfExperiment(experiment, []),
    job: trainJobOfTrial(object) ?? runKind(object)
  };
}
