/** What is typed for a budget, checked as Katib's webhook does. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExperiment } from '../client/kubernetes/kinds/katib';
import { begunTrials, currentBudget, type IBudget } from './model/budget';

/** The fields of the form. */
export type BudgetField = keyof IBudget;

/** What is typed; empty is without a limit. */
export type BudgetTexts = Readonly<Record<BudgetField, string>>;

/** The form of the budget that an experiment has. */
export function textsOf(experiment: IExperiment): BudgetTexts {
  const { max, parallel, maxFailed } = currentBudget(experiment);
  return {
    max: max === undefined ? '' : String(max),
    parallel: String(parallel),
    maxFailed: maxFailed === undefined ? '' : String(maxFailed)
  };
}

/** The budget that is typed, or what is wrong with it. */
export function checkBudget(
  texts: BudgetTexts,
  experiment: IExperiment,
  trans: TranslationBundle
): { budget?: IBudget; problems: Partial<Record<BudgetField, string>> } {
  const problems: Partial<Record<BudgetField, string>> = {};
  const read = (field: BudgetField, least: number): number | undefined => {
    const text = texts[field].trim();
    if (text === '' && field !== 'parallel') {
      return undefined;
    }
    if (!/^\d+$/.test(text) || Number(text) < least) {
      problems[field] = trans.__('This must be a whole number of at least %1.', least);
    }
    return Number(text);
  };
  const begun = begunTrials(experiment);
  const max = read('max', begun + 1);
  const parallel = read('parallel', 1) ?? 1;
  const maxFailed = read('maxFailed', 0);
  if (problems.max && begun > 0 && /^\d+$/.test(texts.max.trim())) {
    problems.max = trans._n(
      'This must be more than the %1 trial that has begun.',
      'This must be more than the %1 trials that have begun.',
      begun
    );
  }
  if (max !== undefined && !problems.max) {
    if (parallel > max) {
      problems.parallel ??= trans.__('No more than %1, all trials, can run at the same time.', max);
    }
    if (maxFailed !== undefined && maxFailed > max) {
      problems.maxFailed ??= trans.__('This must be no more than %1, all trials.', max);
    }
  }
  return Object.keys(problems).length > 0
    ? { problems }
    : { problems, budget: { max, parallel, maxFailed } };
}
