/** Ranges to search, proposed by the type, the value and the name of a parameter. Pure. */
import type { ParameterType } from '../../ui/form/parameters';
import { choicesText, EMPTY_ROW, type ISpaceRow } from './space';

/** A parameter of what is tuned (`TrialParameter` of `jupyterlab_kubeflow.notebook.trial`). */
export interface ITrialParameter {
  readonly name: string;
  /** The option that takes its value. */
  readonly flag: string;
  readonly type: ParameterType | 'ANY';
  /** A JSON value; `null` when there is none. */
  readonly default: unknown;
  readonly required: boolean;
  readonly description: string;
  readonly choices: readonly unknown[];
  /** How the value is given: `--NAME=VALUE`, which is meant without it, the argument after the option, or a variable of this name. */
  readonly form?: 'equals' | 'pair' | 'variable';
}

/** What a parameter could be searched in, and whether it is worth it. */
export interface IProposal {
  readonly row: ISpaceRow;
  readonly tuned: boolean;
}

/** Numbers that say how a run goes, not how good a model gets. */
const PLUMBING =
  /(^|[-_])(seed|random_state|workers|jobs|n_jobs|verbose|verbosity|device|devices|rank|port|gpus?|threads|folds?|log_every|interval)s?($|[-_])/i;
/** How long a run goes on: more is seldom worse, only dearer, so a search would find its upper end. */
const BUDGET =
  /^((n|nb|num|number_of|max|total)[-_]?)*(train(ing)?[-_]?)?(epochs?|steps?|time_?steps?|iter(ation)?s?)$/i;
/** Numbers between 0 and 1 that are shares, where one scale fits all. */
const SHARE =
  /drop_?out|momentum|beta|ratio|fraction|frac$|prob|split|sample|quantile|smoothing|percent|test_size/i;

/** What to search for a parameter. */
export function propose(parameter: ITrialParameter): IProposal {
  const { name, type, default: value, choices } = parameter;
  const row = { ...EMPTY_ROW, name };
  const numeric = type === 'NUMBER_INTEGER' || type === 'NUMBER_DOUBLE';
  if (choices.length > 0) {
    const given = choicesText(choices.map(valueText));
    const tuned = choices.length > 1 && !BUDGET.test(name);
    return { row: { ...row, type: numeric ? 'discrete' : 'categorical', choices: given }, tuned };
  }
  if (type === 'BOOLEAN' || typeof value === 'boolean') {
    return { row: { ...row, type: 'categorical', choices: 'true, false' }, tuned: true };
  }
  if (typeof value !== 'number') {
    return numeric
      ? { row: { ...row, type: type === 'NUMBER_INTEGER' ? 'int' : 'double' }, tuned: false }
      : {
          row: {
            ...row,
            type: 'categorical',
            choices: value === null || value === undefined ? '' : choicesText([valueText(value)])
          },
          tuned: false
        };
  }
  const tuned = !PLUMBING.test(name) && !BUDGET.test(name);
  return type === 'NUMBER_INTEGER'
    ? { row: { ...row, type: 'int', ...wholeRange(value) }, tuned }
    : { row: { ...row, type: 'double', ...realRange(name, value) }, tuned };
}

/** A value as Katib hands it on. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function wholeRange(value: number): Pick<ISpaceRow, 'min' | 'max' | 'step'> {
  if (value === 0) {
    return { min: '0', max: '10', step: '1' };
  }
  if (value < 0) {
    return { min: String(2 * value), max: '0', step: String(niceStep(-2 * value)) };
  }
  const isPower = value >= 8 && (value & (value - 1)) === 0;
  const min = isPower ? value / 2 : Math.max(1, Math.floor(value / 2));
  const max = Math.max(2 * value, value + 4);
  return { min: String(min), max: String(max), step: String(isPower ? min : niceStep(max - min)) };
}

/** The largest of 1, 2, 5, 10 … that divides a range into about 20 or fewer. */
function niceStep(range: number): number {
  const rough = range / 20;
  if (rough <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  return Math.ceil(rough / power) * power;
}

function realRange(name: string, value: number): Pick<ISpaceRow, 'min' | 'max' | 'distribution'> {
  if (value === 0) {
    return { min: '0', max: '1', distribution: 'uniform' };
  }
  if (value < 0) {
    return { min: short(2 * value), max: '0', distribution: 'uniform' };
  }
  if (value < 1 && SHARE.test(name)) {
    return { min: short(value / 2), max: short((1 + value) / 2), distribution: 'uniform' };
  }
  return { min: short(value / 10), max: short(value * 10), distribution: 'logUniform' };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
