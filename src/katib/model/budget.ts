/**
 * Changing how many trials an Experiment has, by the rules of Katib's webhook and controller (kubeflow/katib: `ValidateExperiment`,
 * `ReconcileTrials`, `IsCompletedExperimentRestartable`). Pure.
 */
import { trueCondition } from '../../client/kubernetes/conditions';
import type { IExperiment } from '../../client/kubernetes/kinds/katib';

/** What can be changed of an experiment. */
export interface IBudget {
  /** All trials; undefined without a limit. */
  max: number | undefined;
  /** At the same time. */
  parallel: number;
  /** Failed ones after which the experiment fails; undefined without a limit. */
  maxFailed: number | undefined;
}

/** The budget that an experiment has. */
export function currentBudget({ spec }: IExperiment): IBudget {
  return {
    max: spec.maxTrialCount,
    parallel: spec.parallelTrialCount ?? 3,
    maxFailed: spec.maxFailedTrialCount
  };
}

/** Whether an experiment has ended. */
export function isOver(experiment: IExperiment): boolean {
  return Boolean(trueCondition(experiment, 'Succeeded') ?? trueCondition(experiment, 'Failed'));
}

/** Why Katib would not change an experiment: `failed`, it ended for another reason than its budget (`ended`), or its resume policy is Never (`policy`). */
export type Obstacle = 'failed' | 'ended' | 'policy';

/** Why the budget cannot be changed; undefined when it can. */
export function obstacleOf(experiment: IExperiment): Obstacle | undefined {
  if (trueCondition(experiment, 'Failed')) {
    return 'failed';
  }
  const succeeded = trueCondition(experiment, 'Succeeded');
  if (!succeeded) {
    return undefined;
  }
  if (succeeded.reason !== 'ExperimentMaxTrialsReached') {
    return 'ended';
  }
  const policy = experiment.spec.resumePolicy;
  return policy === 'LongRunning' || policy === 'FromVolume' ? undefined : 'policy';
}

/** How many trials have begun. */
export function begunTrials({ status }: IExperiment): number {
  return status?.trials ?? 0;
}

/** How many trials run or wait for their pods. */
export function activeTrials({ status }: IExperiment): number {
  return (status?.trialsPending ?? 0) + (status?.trialsRunning ?? 0);
}

/** The least budget that Katib takes: it has to be more than what has begun. What goes beyond it is lowered to it. */
export function leastBudget(experiment: IExperiment): IBudget & { max: number } {
  const { parallel, maxFailed } = currentBudget(experiment);
  const max = begunTrials(experiment) + 1;
  return {
    max,
    parallel: Math.min(parallel, max),
    maxFailed: maxFailed === undefined ? undefined : Math.min(maxFailed, max)
  };
}

/** How many trials Katib still begins with a budget; undefined without a limit. Those whose metrics are missing it does not count here. */
export function trialsToCome(experiment: IExperiment, { max }: IBudget): number | undefined {
  const { status } = experiment;
  const counted =
    (status?.trialsSucceeded ?? 0) +
    (status?.trialsFailed ?? 0) +
    (status?.trialsKilled ?? 0) +
    (status?.trialsEarlyStopped ?? 0);
  return max === undefined ? undefined : Math.max(0, max - counted - activeTrials(experiment));
}

/** Whether fewer trials come of an experiment with the least budget than with its own. */
export function canStop(experiment: IExperiment): boolean {
  const { max } = currentBudget(experiment);
  return !isOver(experiment) && (max === undefined || max > leastBudget(experiment).max);
}

/** The merge patch that gives an experiment a budget. */
export function budgetPatch({ max, parallel, maxFailed }: IBudget): object {
  return {
    spec: {
      maxTrialCount: max ?? null,
      parallelTrialCount: parallel,
      maxFailedTrialCount: maxFailed ?? null
    }
  };
}
