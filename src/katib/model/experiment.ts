/** Katib's Experiment with its Trials as a study. Pure; a Trial that has not changed is not read again. */
import { trueCondition } from '../../client/kubernetes/conditions';
import type { ICondition } from '../../client/kubernetes/conditions';
import type {
  IExperiment,
  ISuggestion,
  ITrial as IKatibTrial
} from '../../client/kubernetes/kinds/katib';
import { bestTrial } from './best';
import { numbered } from './numbered';
import type { IMetricValue, IParameter, IStudy, ITrial, TrialState } from './study';
import { defined, numberOf, oldestFirst, timeOf } from './values';

/** The label by which Katib's Trials name their Experiment. */
export const EXPERIMENT_LABEL = 'katib.kubeflow.org/experiment';

type Objective = NonNullable<IExperiment['spec']['objective']>;

/** What Katib counts a trial as: the first of these conditions that holds. */
const STATES: readonly (readonly [string, TrialState])[] = [
  ['Killed', 'killed'],
  ['Failed', 'failed'],
  ['Succeeded', 'succeeded'],
  ['EarlyStopped', 'early-stopped'],
  ['Running', 'running'],
  ['MetricsUnavailable', 'metrics-unavailable']
];

/**
 * The study of an experiment and those of these Trials that are its own.
 * @param suggestion - tells the order of trials that were made in the same second
 */
export function studyOfExperiment(
  experiment: IExperiment,
  objects: readonly IKatibTrial[],
  suggestion?: ISuggestion
): IStudy {
  const { metadata, spec } = experiment;
  const objective = objectiveOf(spec.objective);
  const places = new Map(
    (suggestion?.status?.suggestions ?? []).map(({ name }, index) => [name, index])
  );
  const trials = objects
    .filter(trial => isOf(trial, experiment))
    .sort(oldestFirst(({ metadata }) => places.get(metadata?.name)))
    .map((trial, index) => numbered(trialOf(trial), index + 1));
  const told = experiment.status?.currentOptimalTrial?.bestTrialName;
  const best = trials.some(({ name }) => name === told)
    ? told
    : bestTrial(trials, objective.direction)?.name;
  return {
    kind: 'Experiment',
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    objective,
    additionalMetrics: spec.objective?.additionalMetricNames ?? [],
    algorithm: spec.algorithm?.algorithmName ?? '',
    parameters: (spec.parameters ?? []).map(parameterOf),
    trials,
    ...(best !== undefined && { best })
  };
}

/** The objective as the experiment names it; Katib minimises only where it is told to. */
export function objectiveOf(objective: Objective | undefined): IStudy['objective'] {
  const { objectiveMetricName: metric = '', type, goal } = objective ?? {};
  return {
    metric,
    direction: type === 'minimize' ? 'minimize' : 'maximize',
    ...(typeof goal === 'number' && { goal })
  };
}

const known = new WeakMap<IKatibTrial, Omit<ITrial, 'number'>>();

/** A Trial without its number, which only its experiment tells. The same object for the same Trial. */
export function trialOf(trial: IKatibTrial): Omit<ITrial, 'number'> {
  const before = known.get(trial);
  if (before) {
    return before;
  }
  const { metadata, spec, status } = trial;
  const [condition, state] = stateOf(trial);
  const metrics = metricsOf(trial);
  const isOver = state !== 'pending' && state !== 'running';
  const read = defined({
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    state,
    reason: reasonOf(condition, state),
    parameters: Object.fromEntries(
      (spec.parameterAssignments ?? []).map(({ name = '', value = '' }) => [name, value])
    ),
    metrics,
    objective: extracted(metrics, spec.objective),
    start: timeOf(status?.startTime),
    // Early stopping sets no time of its own.
    end:
      timeOf(status?.completionTime) ?? (isOver ? timeOf(condition?.lastTransitionTime) : undefined)
  });
  known.set(trial, read);
  return read;
}

/** The best value as the experiment itself tells it, by the objective's strategy; undefined before there is one. */
export function bestValueOf({ spec, status }: IExperiment): number | undefined {
  const metrics = status?.currentOptimalTrial?.observation?.metrics;
  return extracted(observed(metrics), spec.objective);
}

/** Whether a Trial is of this experiment, rather than of an earlier one of the same name. */
function isOf({ metadata }: IKatibTrial, { metadata: of }: IExperiment): boolean {
  const owner = metadata?.ownerReferences?.find(each => each.kind === 'Experiment');
  return owner ? owner.uid === of?.uid : metadata?.labels?.[EXPERIMENT_LABEL] === of?.name;
}

function stateOf(trial: IKatibTrial): [ICondition | undefined, TrialState] {
  for (const [type, state] of STATES) {
    const condition = trueCondition(trial, type);
    if (condition) {
      return [condition, state];
    }
  }
  return [trueCondition(trial, 'Created'), 'pending'];
}

/** Why a trial is as it is; nothing where the state says it all. */
function reasonOf(condition: ICondition | undefined, state: TrialState): string | undefined {
  return state === 'succeeded' || state === 'running' || state === 'pending'
    ? undefined
    : condition?.message || condition?.reason || undefined;
}

function metricsOf({ status }: IKatibTrial): Record<string, IMetricValue> {
  return observed(status?.observation?.metrics);
}

type Observed = NonNullable<
  NonNullable<NonNullable<IKatibTrial['status']>['observation']>['metrics']
>;

function observed(metrics: Observed | undefined): Record<string, IMetricValue> {
  return Object.fromEntries(
    (metrics ?? []).map(({ name = '', latest, min, max }) => [
      name,
      defined({ latest: numberOf(latest), min: numberOf(min), max: numberOf(max) })
    ])
  );
}

/** The objective's value: by the metric's strategy, which is min or max by the direction unless one is given, and else the latest. */
function extracted(
  metrics: Readonly<Record<string, IMetricValue>>,
  objective: Objective | undefined
): number | undefined {
  const name = objective?.objectiveMetricName ?? '';
  const value = metrics[name];
  const strategy =
    objective?.metricStrategies?.find(each => each.name === name)?.value ??
    (objective?.type === 'minimize' ? 'min' : 'max');
  const taken = strategy === 'min' ? value?.min : strategy === 'max' ? value?.max : undefined;
  return taken ?? value?.latest;
}

function parameterOf(
  parameter: NonNullable<IExperiment['spec']['parameters']>[number]
): IParameter {
  const { name = '', parameterType, feasibleSpace = {} } = parameter;
  const { min, max, step, list, distribution } = feasibleSpace;
  const type =
    parameterType === 'double' || parameterType === 'int' || parameterType === 'discrete'
      ? parameterType
      : 'categorical';
  return defined({
    name,
    type,
    min: numberOf(min),
    max: numberOf(max),
    step: numberOf(step),
    choices: list,
    log: distribution === 'logUniform' || distribution === 'logNormal'
  });
}
