/** How tuning experiments and trials are, in sentences. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { conditionOf, trueCondition } from '../client/kubernetes/conditions';
import { formatDuration } from '../graph/duration';
import { formatNumber } from '../ui/format';
import { words } from '../ui/kubernetes/words';
import { stateLabel } from '../ui/stateLabel';
import { isExperiment, type StudyObject, studyHealth } from './kinds';
import { gaveNothing, type IFacts, TRIAL_STATES } from './model/facts';
import type { IStudy, ITrial, TrialState } from './model/study';
import { timeOf } from './model/values';

/** A trial's state in one or two words. */
export function trialStateLabel(state: TrialState, trans: TranslationBundle): string {
  switch (state) {
    case 'killed':
      return trans.__('Killed');
    case 'early-stopped':
      return trans.__('Stopped early');
    case 'metrics-unavailable':
      return trans.__('Without metrics');
    default:
      return stateLabel(state, trans);
  }
}

/** `2 running, 5 succeeded, 1 failed`; empty where there are none. */
export function countsWords(counts: IFacts['counts'], trans: TranslationBundle): string {
  return TRIAL_STATES.filter(state => counts[state] > 0)
    .map(state => `${counts[state]} ${trialStateLabel(state, trans).toLowerCase()}`)
    .join(', ');
}

/** `about 3 min left`; undefined where nobody knows. */
export function remainingWords(
  { remaining }: IFacts,
  trans: TranslationBundle
): string | undefined {
  return remaining === undefined
    ? undefined
    : trans.__(
        'about %1 left',
        formatDuration(Math.max(1000, Math.round(remaining / 1000) * 1000))
      );
}

/** `7 of 12 trials`, or `7 trials` without a limit. */
export function progressWords({ ended, budget }: IFacts, trans: TranslationBundle): string {
  return budget === undefined
    ? trans._n('%1 trial', '%1 trials', ended)
    : trans.__('%1 of %2 trials', ended, budget);
}

/** `accuracy 0.9812 (the higher the better)`. */
export function objectiveWords(
  { metric, direction }: IStudy['objective'],
  trans: TranslationBundle
): string {
  return direction === 'maximize'
    ? trans.__('%1, the higher the better', metric)
    : trans.__('%1, the lower the better', metric);
}

/** When an experiment began and ended, in milliseconds since the epoch. */
export function timesOf(object: StudyObject): { start?: number; end?: number } {
  const ended =
    trueCondition(object, 'Succeeded') ??
    trueCondition(object, 'Complete') ??
    trueCondition(object, 'Failed');
  const told = isExperiment(object) ? object.status : undefined;
  return {
    start: timeOf(told?.startTime ?? object.metadata?.creationTimestamp),
    end: ended && (timeOf(told?.completionTime) ?? timeOf(ended.lastTransitionTime))
  };
}

/** Why an experiment has ended as it has, in a few words: `the goal was reached`; undefined while it goes on. */
export function endWords(
  object: StudyObject,
  facts: IFacts,
  trans: TranslationBundle
): string | undefined {
  const { phase, reason, message } = studyHealth(object);
  if (phase === 'succeeded' && gaveNothing(facts)) {
    return nothingWords(facts, trans);
  }
  if (phase === 'succeeded') {
    switch (reason) {
      case 'ExperimentGoalReached':
        return trans.__('the goal was reached');
      case 'ExperimentSuggestionEndReached':
        return trans.__('nothing is left to try');
      default:
        return trans._n('%1 trial is done', 'all %1 trials are done', facts.ended);
    }
  }
  if (phase !== 'failed') {
    return undefined;
  }
  const lost = facts.counts.failed + facts.counts['metrics-unavailable'];
  const most = isExperiment(object) ? object.spec.maxFailedTrialCount : undefined;
  if (most !== undefined && lost > 0 && lost >= most) {
    const { failed, 'metrics-unavailable': silent } = facts.counts;
    return failed === 0
      ? nothingWords(facts, trans)
      : silent === 0
        ? trans._n('%1 trial failed', '%1 trials failed', lost)
        : trans.__('%1 trials failed or gave no metrics', lost);
  }
  return message || (reason ? words(reason).toLowerCase() : undefined);
}

/** `4 trials gave no metrics`. */
export function nothingWords({ counts }: IFacts, trans: TranslationBundle): string {
  return trans._n(
    '%1 trial gave no metrics',
    '%1 trials gave no metrics',
    counts['metrics-unavailable']
  );
}

/** What to do about an experiment that failed, does not go on or has ended without a value; undefined where nothing is wrong, or nothing is known. */
export function remedyWords(
  object: StudyObject,
  facts: IFacts,
  trans: TranslationBundle
): string | undefined {
  const { phase, message = '' } = studyHealth(object);
  if (phase === 'degraded') {
    return trans.__(
      'See the events for what the cluster refuses, then clone it with that changed.'
    );
  }
  const isSilent = phase === 'succeeded' && gaveNothing(facts);
  if (phase !== 'failed' && !isSilent) {
    return undefined;
  }
  if (!isSilent && /suggestion/i.test(message)) {
    return trans.__(
      'The algorithm or its settings do not fit the search space: see the tab Suggestion, then clone it with that changed.'
    );
  }
  const { failed, 'metrics-unavailable': silent } = facts.counts;
  if (silent > failed) {
    return trans.__(
      'The trials ended, but the objective was not found in what they reported. Print it as “name=value”, or change the metrics collector, then clone the experiment.'
    );
  }
  return failed > 0
    ? trans.__('Open a failed trial for its log, mend the cause, then clone the experiment.')
    : undefined;
}

/** The header's sentence: `Running for 3 min: 7 of 12 trials, about 2 min left`. */
export function stateWords(
  object: StudyObject,
  facts: IFacts,
  now: number,
  trans: TranslationBundle
): string {
  const { phase, reason, message } = studyHealth(object);
  const { start, end } = timesOf(object);
  const took = start === undefined ? '' : formatDuration(Math.max(0, (end ?? now) - start));
  switch (phase) {
    case 'succeeded':
      return trans.__('Succeeded after %1: %2', took, endWords(object, facts, trans));
    case 'failed': {
      const why = endWords(object, facts, trans);
      return why ? trans.__('Failed after %1: %2', took, why) : trans.__('Failed after %1', took);
    }
    case 'terminating':
      return trans.__('Being deleted');
    case 'suspended':
      return trans.__('Suspended');
    case 'degraded':
      return trans.__('Does not start: %1', message || words(reason ?? '').toLowerCase());
    default:
  }
  const begun = TRIAL_STATES.some(state => facts.counts[state] > 0);
  if (!begun) {
    const created = conditionOf(object, 'Created');
    return created
      ? trans.__('Waits for the first suggestions for %1', took)
      : trans.__('Waits for its controller for %1', took);
  }
  const left = remainingWords(facts, trans);
  const progress = progressWords(facts, trans);
  return left
    ? trans.__('Running for %1: %2, %3', took, progress, left)
    : trans.__('Running for %1: %2', took, progress);
}

/** A trial's header: `Succeeded after 41 s: accuracy 0.9812`. */
export function trialWords(
  trial: Omit<ITrial, 'number'>,
  metric: string,
  now: number,
  trans: TranslationBundle
): string {
  const label = trialStateLabel(trial.state, trans);
  const { start, end, objective, reason } = trial;
  const what = trial.state === 'running' || trial.state === 'pending';
  const took = start === undefined ? undefined : formatDuration(Math.max(0, (end ?? now) - start));
  const head = !took
    ? label
    : what
      ? trans.__('%1 for %2', label, took)
      : end === undefined
        ? label
        : trans.__('%1 after %2', label, took);
  if (objective !== undefined) {
    return trans.__('%1: %2 %3', head, metric, formatNumber(objective));
  }
  return reason ? trans.__('%1: %2', head, reason) : head;
}
