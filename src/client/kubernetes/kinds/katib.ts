/** `kubeflow.org/v1beta1` (Katib). A condition stays true when the next one comes; the furthest one counts. */
import { firstTrue } from '../conditions';
import type { IConditioned } from '../conditions';
import type { IExperiment, ISuggestion, ITrial } from '../generated/katib.v1beta1';
import type { IHealth, IKind, Phase } from '../kind';

export type { IExperiment, ISuggestion, ITrial };

const katib = { group: 'kubeflow.org', versions: ['v1beta1'], namespaced: true } as const;

const PHASES: Readonly<Record<string, Phase>> = {
  Killed: 'failed',
  Failed: 'failed',
  Succeeded: 'succeeded',
  EarlyStopped: 'succeeded',
  MetricsUnavailable: 'failed',
  Restarting: 'running',
  Running: 'running',
  Exhausted: 'succeeded',
  DeploymentReady: 'ready',
  Created: 'pending'
};

export const tuningExperiments: IKind<IExperiment> = {
  ...katib,
  kind: 'Experiment',
  plural: 'experiments',
  health: experiment => {
    const status = experiment.status;
    const total = experiment.spec.maxTrialCount;
    const done =
      (status?.trialsSucceeded ?? 0) +
      (status?.trialsFailed ?? 0) +
      (status?.trialsKilled ?? 0) +
      (status?.trialsEarlyStopped ?? 0) +
      (status?.trialMetricsUnavailable ?? 0);
    return { ...phaseOf(experiment), ...(total && { progress: { done, total } }) };
  }
};

export const suggestions: IKind<ISuggestion> = {
  ...katib,
  kind: 'Suggestion',
  plural: 'suggestions',
  health: phaseOf
};

export const trials: IKind<ITrial> = {
  ...katib,
  kind: 'Trial',
  plural: 'trials',
  health: phaseOf
};

function phaseOf(object: IConditioned): IHealth {
  return firstTrue(object, PHASES) ?? { phase: 'pending' };
}
