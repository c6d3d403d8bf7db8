/** A study's trials as what charts draw: columns of values, and the trials themselves as items. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { categories, type IColumn, numbers } from '../../ui/charts/columns';
import type { IItems } from '../../ui/charts/items';
import type { IParameter, IStudy, ITrial } from '../model/study';
import { numberOf } from '../model/values';
import { trialStateLabel } from '../stateWords';

/** A discrete parameter of more values than this has an axis of numbers. */
const CHOICES = 30;

/** The values of each parameter that trials tried, and last those of the objective. */
export function columnsOf(study: IStudy): IColumn[] {
  return [
    ...study.parameters.map(each => parameterColumn(each, study.trials)),
    objectiveColumn(study)
  ];
}

/** The objective's values. One that is not finite is as one that is missing. */
export function objectiveColumn({ objective, trials }: IStudy): IColumn {
  return numbers({
    name: objective.metric,
    values: Float64Array.from(trials, each => finite(each.objective)),
    better: objective.direction === 'maximize' ? 'higher' : 'lower'
  });
}

/**
 * The values of one parameter: categories in the experiment's order, discrete values in that of their numbers, each at its own place; else
 * numbers, on a logarithmic axis where the experiment says so. A text that is no number is as one that is missing.
 */
export function parameterColumn(parameter: IParameter, trials: readonly ITrial[]): IColumn {
  const { name, type, min, max, log, choices = [] } = parameter;
  const texts = trials.map(each => each.parameters[name]);
  const known = choices.map(numberOf);
  if (type === 'categorical' || (type === 'discrete' && known.includes(undefined))) {
    return categories(name, choices, texts);
  }
  if (type === 'discrete' && choices.length <= CHOICES) {
    const sorted = [...choices].sort((one, other) => Number(one) - Number(other));
    return categories(
      name,
      sorted,
      texts.map(text => sameNumber(text, sorted))
    );
  }
  const values = Float64Array.from(texts, text => numberOf(text) ?? NaN);
  const limits = type === 'discrete' ? limitsOf(known as number[]) : ([min, max] as const);
  return numbers({ name, values, limits, whole: type === 'int' }, log);
}

/** The trials by name, with their states in words. */
export function itemsOf({ trials }: IStudy, trans: TranslationBundle): IItems {
  return {
    label: trans.__('Trial'),
    names: trials.map(({ name }) => name),
    notes: [
      { label: trans.__('State'), texts: trials.map(({ state }) => trialStateLabel(state, trans)) }
    ]
  };
}

/** Which items these names are; undefined where none of them is there, so that nothing is chosen. */
export function placesOf(
  names: ReadonlySet<string>,
  trials: readonly ITrial[]
): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  trials.forEach(({ name }, index) => names.has(name) && found.add(index));
  return found.size > 0 ? found : undefined;
}

/** The choice that is the same number as a text, such as `0.10` for `0.1`. */
function sameNumber(text: string | undefined, choices: readonly string[]): string | undefined {
  const value = numberOf(text);
  return value === undefined ? text : (choices.find(each => Number(each) === value) ?? text);
}

function limitsOf(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : NaN;
}
