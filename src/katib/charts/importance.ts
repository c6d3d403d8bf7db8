/**
 * How much each parameter decides whether a trial is among the best: PED-ANOVA (Watanabe et al., IJCAI 2023, arXiv 2304.10255) with the
 * choices of Optuna's `PedAnovaImportanceEvaluator`, so that the numbers are those that Optuna gives. Pure.
 */
import type { IParameter, IStudy, ITrial } from '../model/study';
import { numberOf } from '../model/values';
import { type Counts, densityOfCategories, densityOfNumbers } from './parzen';

/** The part of the trials that counts as the best. */
const BEST = 0.1;
/** A grid of numbers has at most so many places. */
const PLACES = 50;
/** What keeps a density from being zero. */
const LEAST = 1e-12;

/** The share of a parameter, of all shares together 1. */
export interface IImportance {
  readonly name: string;
  readonly value: number;
}

/** The parameters by their importance, the most important first, and how many trials it follows from. */
export interface IImportances {
  readonly shares: readonly IImportance[];
  /** The trials that succeeded and have an objective. */
  readonly trials: number;
  /** Those of them that count as the best. */
  readonly best: number;
}

/** The importances of a study's parameters. Where nothing tells them apart all are as important. */
export function importancesOf(study: IStudy): IImportances {
  const { objective, parameters } = study;
  const trials = study.trials.filter(
    each => each.state === 'succeeded' && each.objective !== undefined
  );
  const sign = objective.direction === 'maximize' ? -1 : 1;
  const losses = trials.map(each => sign * each.objective!);
  const limit = [...losses].sort((one, other) => one - other)[
    Math.max(0, Math.ceil(BEST * losses.length) - 1)
  ];
  const best = trials.filter((_, index) => losses[index]! <= limit!);
  const values = parameters.map(each => (trials.length > 1 ? divergence(each, best, trials) : 0));
  const all = values.reduce((sum, each) => sum + each, 0);
  const shares = parameters.map(({ name }, index) => ({
    name,
    value: all > 0 ? values[index]! / all : 1 / parameters.length
  }));
  shares.sort((one, other) => other.value - one.value);
  return { shares, trials: trials.length, best: best.length };
}

/** Pearson's divergence of where the best trials lie from where all do. */
function divergence(
  parameter: IParameter,
  best: readonly ITrial[],
  trials: readonly ITrial[]
): number {
  const grid = gridOf(parameter, trials);
  if (grid.size < 2) {
    return 0;
  }
  const density = (some: readonly ITrial[]) => {
    const counts: Counts = new Float64Array(grid.size);
    for (const trial of some) {
      const place = grid.place(trial.parameters[parameter.name]);
      if (place !== undefined) {
        counts[place]! += 1;
      }
    }
    return grid.density(counts);
  };
  const top = density(best);
  const local = density(trials);
  return top.reduce((sum, each, place) => {
    const whole = local[place]! + LEAST;
    return sum + whole * ((each + LEAST) / whole - 1) ** 2;
  }, 0);
}

/** The places on which a parameter's values are counted. */
interface IGrid {
  readonly size: number;
  place(text: string | undefined): number | undefined;
  density(counts: Counts): Float64Array;
}

function gridOf(parameter: IParameter, trials: readonly ITrial[]): IGrid {
  const { name, type } = parameter;
  const texts = trials.flatMap(each => each.parameters[name] ?? []);
  if (type === 'categorical' || type === 'discrete') {
    const choices = [...new Set([...(parameter.choices ?? []), ...texts])];
    return {
      size: choices.length,
      place: text => (text === undefined ? undefined : choices.indexOf(text)),
      density: densityOfCategories
    };
  }
  const numbers = texts.flatMap(text => numberOf(text) ?? []);
  const low = parameter.min ?? Math.min(...numbers);
  const high = Math.max(low, lastOf(parameter, low, parameter.max ?? Math.max(...numbers)));
  const log = parameter.log && low > 0;
  const [from, to] = log ? [Math.log(low), Math.log(high)] : [low, high];
  const size = low < high ? placesOf(parameter, low, high, log) : 1;
  const step = (to - from) / (size - 1);
  return {
    size,
    place: text => {
      const value = numberOf(text);
      if (value === undefined || (log && value <= 0)) {
        return undefined;
      }
      // What lies in the middle between two places goes to the lower one.
      const place = Math.ceil(((log ? Math.log(value) : value) - from) / step - 0.5);
      return Math.min(size - 1, Math.max(0, place));
    },
    density: densityOfNumbers
  };
}

/** How many places a grid has: one for each value where there are few. */
function placesOf({ type, step }: IParameter, low: number, high: number, log: boolean): number {
  if (log) {
    return type === 'int' ? Math.min(PLACES, Math.ceil(Math.log2(high - low + 1)) + 1) : PLACES;
  }
  const each = step ?? (type === 'int' ? 1 : undefined);
  return each === undefined ? PLACES : Math.min(PLACES, Math.round((high - low) / each) + 1);
}

/** The largest value that steps from the smallest reach. */
function lastOf({ type, step, log }: IParameter, low: number, high: number): number {
  const each = log ? undefined : (step ?? (type === 'int' ? 1 : undefined));
  return each === undefined ? high : low + Math.floor((high - low) / each + 1e-9) * each;
}
