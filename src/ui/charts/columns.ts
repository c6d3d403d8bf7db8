/** What charts with many kinds of axes draw: items, such as trials, and their values by column. Pure. */
import { type IAxisScale, categoryScale, linearScale, logScale } from './scales';
import { extent, showsZero } from './series';

/** The values of all items on one axis. */
export interface IColumn {
  /** Told apart by it; also how the axis is labelled. */
  readonly name: string;
  readonly kind: 'linear' | 'log' | 'category';
  /** What the values of a column of categories are indices of; empty for numbers. */
  readonly categories: readonly string[];
  /** The axis's ends where they are known beforehand; values beyond widen it. */
  readonly limits?: readonly [low: number | undefined, high: number | undefined];
  /** One an item; NaN where it has none. */
  readonly values: Float64Array;
  /** Its values are whole numbers, and so are the ticks of its axis. */
  readonly whole?: boolean;
  /** Which of its values are wanted. */
  readonly better?: 'higher' | 'lower';
}

/** A column of numbers. One that is to be logarithmic but has nothing above zero is linear. */
export function numbers(column: Omit<IColumn, 'kind' | 'categories'>, log = false): IColumn {
  const kind = log && positive(column.limits, column.values) ? 'log' : 'linear';
  return { ...column, kind, categories: [] };
}

/** A column of categories: those known beforehand in their order, then others in the order in which they occur. */
export function categories(
  name: string,
  known: readonly string[],
  texts: readonly (string | undefined)[]
): IColumn {
  const places = new Map(known.map((each, index) => [each, index]));
  const values = Float64Array.from(texts, text => {
    if (text === undefined) {
      return NaN;
    }
    if (!places.has(text)) {
      places.set(text, places.size);
    }
    return places.get(text)!;
  });
  return { name, kind: 'category', categories: [...places.keys()], values };
}

/**
 * The axis of a column.
 * @param level - a value that is on an axis without known ends too, where it is no further from the values than they are from one another
 */
export function axisOf(column: IColumn, level = NaN): IAxisScale {
  if (column.kind === 'category') {
    return categoryScale(column.categories);
  }
  if (column.kind === 'log') {
    return logScale(positive(column.limits, column.values)!);
  }
  const [from, to] = column.limits ?? [];
  const range = extent([column.values, [from ?? NaN, to ?? NaN]]);
  if (range && from !== undefined && to !== undefined) {
    return linearScale(range, { whole: column.whole });
  }
  const [low, high] = withLevel(range ?? [0, 1], level);
  const ends: [number, number] = showsZero('number', [low, high])
    ? [Math.min(0, low), Math.max(0, high)]
    : [low, high];
  return linearScale(ends, { nice: true, whole: column.whole });
}

/** A range widened to a level that is near. */
function withLevel([low, high]: readonly [number, number], level: number): [number, number] {
  const span = high - low;
  const isNear = level >= low - span && level <= high + span;
  return isNear ? [Math.min(low, level), Math.max(high, level)] : [low, high];
}

/** The limits of what is above zero; undefined where nothing is. */
function positive(
  limits: IColumn['limits'],
  values: Float64Array
): [low: number, high: number] | undefined {
  const above = (each: number | undefined) => (each !== undefined && each > 0 ? each : NaN);
  return extent([values.map(above), (limits ?? []).map(above)]);
}

/** A value with all its digits, or as its category; empty where there is none. */
export function exactly(column: IColumn, item: number): string {
  const value = column.values[item]!;
  if (Number.isNaN(value)) {
    return '';
  }
  return column.kind === 'category' ? (column.categories[value] ?? '') : String(value);
}

/** How many items have a value without a place on a logarithmic axis. */
export function placeless(column: IColumn): number {
  return column.kind === 'log' ? column.values.filter(value => value <= 0).length : 0;
}
