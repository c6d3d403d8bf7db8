/** How far a study is: trials by state, what is left of the budget and for how long. Pure. */
import type { IExperiment } from '../../client/kubernetes/kinds/katib';
import type { IOptimizationJob } from '../../client/kubernetes/kinds/trainer';
import { trueCondition } from '../../client/kubernetes/conditions';
import { bestValueOf } from './experiment';
import type { IStudy, ITrial, TrialState } from './study';
import { timeOf } from './values';

/** All states, in the order in which views count them. */
export const TRIAL_STATES: readonly TrialState[] = [
  'running',
  'pending',
  'succeeded',
  'early-stopped',
  'failed',
  'metrics-unavailable',
  'killed'
];

/** What a row and the header tell of a study. */
export interface IFacts {
  readonly counts: Readonly<Record<TrialState, number>>;
  /** Trials that have ended, however that was. */
  readonly ended: number;
  /** How many there are to be; undefined without a limit. */
  readonly budget?: number;
  /** The best value of the objective. */
  readonly best?: number;
  /** Milliseconds that are left, by how long trials took so far; undefined where that cannot be told. */
  readonly remaining?: number;
}

/** Whether nothing more comes of a trial in this state. */
export function isEnded(state: TrialState): boolean {
  return state !== 'pending' && state !== 'running';
}

/** Whether trials have ended, and none of them has given the objective's metric. */
export function gaveNothing({ ended, counts }: IFacts): boolean {
  return ended > 0 && counts['metrics-unavailable'] === ended;
}

/** The facts that an Experiment tells by itself, without its Trials. */
export function factsOfExperiment(experiment: IExperiment, now: number): IFacts {
  const { spec, status } = experiment;
  const counts = {
    pending: status?.trialsPending ?? 0,
    running: status?.trialsRunning ?? 0,
    succeeded: status?.trialsSucceeded ?? 0,
    failed: status?.trialsFailed ?? 0,
    killed: status?.trialsKilled ?? 0,
    'early-stopped': status?.trialsEarlyStopped ?? 0,
    'metrics-unavailable': status?.trialMetricsUnavailable ?? 0
  };
  const ended = sum(counts);
  const budget = spec.maxTrialCount;
  const start = timeOf(status?.startTime);
  // After a restart the time in which nothing ran would count.
  const steady = !trueCondition(experiment, 'Restarting') && start !== undefined && start < now;
  const left = budget === undefined ? undefined : budget - ended;
  return {
    counts,
    ended,
    ...(budget !== undefined && { budget }),
    ...withValue('best', bestValueOf(experiment)),
    ...(steady && ended > 0 && left !== undefined && left > 0
      ? { remaining: ((now - start) / ended) * left }
      : {})
  };
}

/** How many trials an object may have, and how many at the same time. */
export function budgetOf(object: IExperiment | IOptimizationJob): {
  max?: number;
  parallel: number;
} {
  const { spec } = object;
  if ('objectives' in spec) {
    return { max: spec.numTrials ?? 1, parallel: spec.parallelTrials ?? 1 };
  }
  return {
    parallel: spec.parallelTrialCount ?? 3,
    ...withValue('max', spec.maxTrialCount)
  };
}

/** The facts of a study whose trials are known. */
export function factsOfStudy(
  study: IStudy,
  { max, parallel }: { max?: number; parallel: number },
  now: number
): IFacts {
  const counts = Object.fromEntries(TRIAL_STATES.map(state => [state, 0])) as Record<
    TrialState,
    number
  >;
  study.trials.forEach(({ state }) => (counts[state] += 1));
  const ended = sum(counts);
  const best = study.trials.find(({ name }) => name === study.best)?.objective;
  return {
    counts,
    ended,
    ...withValue('budget', max),
    ...withValue('best', best),
    ...withValue('remaining', remainingOf(study.trials, ended, max, parallel, now))
  };
}

/** By the mean time of the trials that have ended, less what those that run have behind them. */
function remainingOf(
  trials: readonly ITrial[],
  ended: number,
  max: number | undefined,
  parallel: number,
  now: number
): number | undefined {
  const took = trials.flatMap(({ start, end }) =>
    start !== undefined && end !== undefined && end > start ? [end - start] : []
  );
  if (max === undefined || max <= ended || took.length === 0) {
    return undefined;
  }
  const mean = took.reduce((all, each) => all + each, 0) / took.length;
  const behind = trials
    .filter(({ state }) => state === 'running')
    .reduce((all, { start = now }) => all + Math.min(mean, Math.max(0, now - start)), 0);
  return Math.max(0, (mean * (max - ended) - behind) / Math.min(parallel, max - ended));
}

function sum(counts: Readonly<Record<TrialState, number>>): number {
  return TRIAL_STATES.filter(isEnded).reduce((all, state) => all + counts[state], 0);
}

function withValue<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
}
