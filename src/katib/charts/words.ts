/** What charts of a tuning experiment show, in words. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type IColumn, placeless } from '../../ui/charts/columns';
import { formatNumber } from '../../ui/format';
import type { IStudy } from '../model/study';
import type { IImportances } from './importance';
import { bestSoFar } from './progress';

/** Trials over the axes of their parameters. */
export function parallelWords(study: IStudy, trans: TranslationBundle): string {
  return [
    trans._n(
      'Parallel coordinates of %1 trial over %2.',
      'Parallel coordinates of %1 trials over %2.',
      study.trials.length,
      [...study.parameters.map(({ name }) => name), study.objective.metric].join(', ')
    ),
    bestWords(study, trans)
  ].join(' ');
}

/** The objective over trials, from where to where the best went. */
export function progressWords(study: IStudy, trans: TranslationBundle): string {
  const best = bestSoFar(study);
  const { metric } = study.objective;
  if (best.length === 0) {
    return trans.__('%1 over trials: no values yet.', metric);
  }
  return [
    trans._n('%2 of %1 trial.', '%2 over %1 trials.', study.trials.length, metric),
    trans.__(
      'The best went from %1 in trial %2 to %3 in trial %4.',
      formatNumber(best[0]!.value),
      best[0]!.number,
      formatNumber(best[best.length - 1]!.value),
      best[best.length - 1]!.number
    )
  ].join(' ');
}

/** The best trial in a sentence. */
export function bestWords(study: IStudy, trans: TranslationBundle): string {
  const { metric } = study.objective;
  const best = study.trials.find(({ name }) => name === study.best);
  if (best?.objective === undefined) {
    return trans.__('No trial has a value of %1 yet.', metric);
  }
  const values = study.parameters.map(({ name }) => `${name} ${best.parameters[name] ?? '–'}`);
  return trans.__(
    'The best, %1, has %2 %3 with %4.',
    best.name,
    metric,
    formatNumber(best.objective),
    values.join(', ')
  );
}

/** The importances, in a sentence. */
export function importanceWords({ shares }: IImportances, trans: TranslationBundle): string {
  const each = shares.map(({ name, value }) => `${name} ${formatNumber(value)}`);
  return trans.__('Importance of parameters: %1.', each.join(', '));
}

/** Of how many trials a logarithmic axis does not show the value; undefined where it shows all. */
export function placelessWords(column: IColumn, trans: TranslationBundle): string | undefined {
  const count = placeless(column);
  return count === 0
    ? undefined
    : trans._n(
        '%1 trial has no place on the logarithmic axis of %2, since its value is not above zero.',
        '%1 trials have no place on the logarithmic axis of %2, since their values are not above zero.',
        count,
        column.name
      );
}
