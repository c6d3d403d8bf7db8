/** Trainer's OptimizationJob with its TrainJobs as a study. Pure; a TrainJob that has not changed is not read again. */
import { firstTrue } from '../../client/kubernetes/conditions';
import { healthOf } from '../../client/kubernetes/kind';
import {
  type IOptimizationJob,
  type ITrainJob,
  trainJobs
} from '../../client/kubernetes/kinds/trainer';
import { lastReport } from '../../client/kubernetes/trainerReports';
import { object, text } from '../../graph/wire';
import { bestTrial } from './best';
import { numbered } from './numbered';
import type { IMetricValue, IParameter, IStudy, ITrial, TrialState } from './study';
import { defined, numberOf, oldestFirst, timeOf } from './values';

/** What the variables begin with by which a trial's nodes get their parameters (Trainer's KEP-3562). */
const PREFIX = 'KUBEFLOW_TRAINER_OPT_';

/** The label by which Local Kubeflow counts the TrainJobs of an OptimizationJob; Trainer has documented none yet. */
const NUMBER_LABEL = 'trainer.kubeflow.org/optimizationjob-trial';

/** The study of an OptimizationJob and those of these TrainJobs that are its own. */
export function studyOfOptimizationJob(
  job: IOptimizationJob,
  objects: readonly ITrainJob[]
): IStudy {
  const { metadata, spec, status } = job;
  const { metric = '', direction } = spec.objectives[0] ?? {};
  const objective = {
    metric,
    direction: direction === 'Maximize' ? 'maximize' : 'minimize'
  } as const;
  const names = spec.parameters.map(({ name }) => name);
  const trials = objects
    .filter(each => isTrialOf(each, job))
    .sort(oldestFirst(placeOf))
    .map((each, index) => numbered(trialOfTrainJob(each, metric, names), index + 1));
  const ended = trials.filter(({ state }) => state === 'succeeded');
  const told = status?.result?.trainJobName;
  const best = trials.some(({ name }) => name === told)
    ? told
    : bestTrial(ended, objective.direction)?.name;
  return {
    kind: 'OptimizationJob',
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    objective,
    additionalMetrics: othersThan(metric, trials),
    algorithm: Object.keys(spec.searchAlgorithm ?? {})[0] ?? 'random',
    parameters: spec.parameters.map(parameterOf),
    trials,
    ...(best !== undefined && { best })
  };
}

/** Which of its trials a TrainJob is, where it says so. */
function placeOf({ metadata }: ITrainJob): number | undefined {
  return numberOf(metadata?.labels?.[NUMBER_LABEL]);
}

/** Whether a TrainJob is a trial of this job. */
export function isTrialOf({ metadata }: ITrainJob, job: IOptimizationJob): boolean {
  return Boolean(metadata?.ownerReferences?.some(owner => owner.uid === job.metadata?.uid));
}

/** What was made of each TrainJob, and for which metric and parameters. */
const known = new WeakMap<ITrainJob, { of: string; trial: Omit<ITrial, 'number'> }>();

/**
 * A TrainJob as a trial, without its number.
 * @param metric - the objective
 * @param names - the parameters
 */
export function trialOfTrainJob(
  job: ITrainJob,
  metric: string,
  names: readonly string[]
): Omit<ITrial, 'number'> {
  const of = JSON.stringify([metric, names]);
  const before = known.get(job);
  if (before?.of === of) {
    return before.trial;
  }
  const { metadata } = job;
  const metrics: Record<string, IMetricValue> = {};
  for (const [name, value] of Object.entries(lastReport(job)?.metrics ?? {})) {
    const latest = numberOf(value);
    // It tells the last report only: the best before that is not known.
    metrics[name] = latest === undefined ? {} : { latest };
  }
  const state = stateOf(job, metrics[metric]?.latest);
  const end = firstTrue(job, { Complete: 'succeeded', Failed: 'failed' });
  const condition = job.status?.conditions?.find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed')
  );
  const trial = defined({
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    state,
    reason: state === 'failed' ? end?.message || end?.reason : undefined,
    parameters: parametersOf(job, names),
    metrics,
    objective: metrics[metric]?.latest,
    start: timeOf(metadata?.creationTimestamp),
    end: timeOf(condition?.lastTransitionTime)
  });
  known.set(job, { of, trial });
  return trial;
}

function stateOf(job: ITrainJob, objective: number | undefined): TrialState {
  switch (healthOf(trainJobs, job).phase) {
    case 'succeeded':
      return objective === undefined ? 'metrics-unavailable' : 'succeeded';
    case 'failed':
      return 'failed';
    case 'running':
      return 'running';
    default:
      return 'pending';
  }
}

/** The values of the parameters: from the variables, else from an annotation that holds them as JSON. */
function parametersOf(job: ITrainJob, names: readonly string[]): Record<string, string> {
  const variables = new Map(
    (job.spec.trainer?.env ?? []).map(({ name, value }) => [name, value ?? ''])
  );
  const told = annotated(job, names);
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = variables.get(variableOf(name)) ?? told[name];
    if (value !== undefined) {
      values[name] = value;
    }
  }
  return values;
}

function variableOf(name: string): string {
  return `${PREFIX}${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** The first annotation that is a JSON object with all of these names. */
function annotated({ metadata }: ITrainJob, names: readonly string[]): Record<string, string> {
  for (const annotation of Object.values(metadata?.annotations ?? {})) {
    const values = annotation.startsWith('{') ? parsed(annotation) : {};
    if (names.length > 0 && names.every(name => name in values)) {
      return Object.fromEntries(
        names.map(name => [name, text(values[name]) ?? JSON.stringify(values[name])])
      );
    }
  }
  return {};
}

function parsed(json: string): Record<string, unknown> {
  try {
    return object(JSON.parse(json));
  } catch {
    return {};
  }
}

function othersThan(metric: string, trials: readonly Pick<ITrial, 'metrics'>[]): string[] {
  const names = new Set(trials.flatMap(({ metrics }) => Object.keys(metrics)));
  names.delete(metric);
  return [...names].sort();
}

function parameterOf({
  name,
  searchSpace
}: IOptimizationJob['spec']['parameters'][number]): IParameter {
  const { uniform, logUniform, categorical } = searchSpace;
  const range = uniform ?? logUniform;
  if (!range) {
    return { name, type: 'categorical', choices: categorical?.choices ?? [], log: false };
  }
  return defined({
    name,
    type: range.type === 'Int' ? 'int' : 'double',
    min: numberOf(range.min),
    max: numberOf(range.max),
    log: logUniform !== undefined
  } as const);
}
