/** What a chart draws, and what follows from the numbers alone. Pure. */
import type { Unit } from './units';

/** One line. `x` ascends; a `y` that is no finite number leaves a gap. Both are as long, and are not changed once given. */
export interface ISeries {
  /** Told apart by it. */
  name: string;
  x: Float64Array;
  y: Float64Array;
  /** Places on the x axis over which the line does not go, ascending: what is drawn before one and after it is not joined. */
  breaks?: readonly number[];
}

/** What an axis measures. */
export interface IAxis {
  label: string;
  unit: Unit;
}

/** The smallest and the largest finite number; undefined when there is none. */
export function extent(values: Iterable<ArrayLike<number>>): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const each of values) {
    for (let index = 0; index < each.length; index += 1) {
      const value = each[index]!;
      if (Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  return low <= high ? [low, high] : undefined;
}

/** The part of the distance between the outermost values up to which zero is near them. */
const NEAR = 0.1;

/** Whether the y axis is to begin at zero: always where a length stands for an amount, else when zero is among the values or near them. */
export function showsZero(unit: Unit, range: readonly [number, number] | undefined): boolean {
  if (unit !== 'number') {
    return true;
  }
  const [low, high] = range ?? [0, 0];
  const near = NEAR * (high - low);
  return low <= near && high >= -near;
}

/** A line of points in whatever order, in that of `x`; those with the same `x` stay in the order in which they came. The arrays are taken over. */
export function seriesOf(name: string, x: Float64Array, y: Float64Array): ISeries {
  let ascends = true;
  for (let index = 1; ascends && index < x.length; index += 1) {
    ascends = x[index]! >= x[index - 1]!;
  }
  if (ascends) {
    return { name, x, y };
  }
  const order = Array.from({ length: x.length }, (_, index) => index);
  order.sort((one, other) => x[one]! - x[other]!);
  return {
    name,
    x: Float64Array.from(order, index => x[index]!),
    y: Float64Array.from(order, index => y[index]!)
  };
}

/**
 * The points of a line that can be told apart where the part of the x axis between `from` and `to` has so many columns: of each column the
 * first, the lowest, the highest and the last. Of what lies outside there are the points at the ends and beside that part.
 */
export function thinned(
  { name, x, y }: ISeries,
  [from, to]: readonly [number, number],
  columns: number
): ISeries {
  const begin = Math.max(0, firstFrom(x, from) - 1);
  const end = Math.min(x.length, firstFrom(x, to) + 2);
  if (x.length <= 4 * columns) {
    return { name, x, y };
  }
  const kept: number[] = begin > 0 ? [0] : [];
  const width = (to - from) / columns;
  for (let index = begin; index < end;) {
    const limit = Math.max(from, x[index]!) + width;
    const first = index;
    let low = index;
    let high = index;
    for (; index < end && (index === first || x[index]! < limit); index += 1) {
      low = y[index]! < y[low]! || Number.isNaN(y[low]!) ? index : low;
      high = y[index]! > y[high]! || Number.isNaN(y[high]!) ? index : high;
    }
    const found = [first, Math.min(low, high), Math.max(low, high), index - 1];
    kept.push(...found.filter((each, place) => each !== found[place - 1]));
  }
  if (end < x.length) {
    kept.push(x.length - 1);
  }
  return {
    name,
    x: Float64Array.from(kept, index => x[index]!),
    y: Float64Array.from(kept, index => y[index]!)
  };
}

/** The index of the first value from `limit` on; the length when there is none. */
function firstFrom(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < limit) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The last point of a series at `x` or before; undefined where it has none, or a gap. */
export function pointAt({ x, y }: ISeries, at: number): { x: number; y: number } | undefined {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const found = y[low - 1];
  return found !== undefined && Number.isFinite(found) ? { x: x[low - 1]!, y: found } : undefined;
}

/** One line of a table: an `x` and what each series has there; undefined where it has nothing. */
export interface IRow {
  x: number;
  values: (number | undefined)[];
}

/** All points of all series, by ascending `x`. Where a series has several points of one `x`, each has a row of its own. */
export function rowsOf(series: readonly ISeries[]): IRow[] {
  const next = series.map(() => 0);
  const rows: IRow[] = [];
  for (;;) {
    let x = Infinity;
    series.forEach((each, index) => {
      x = Math.min(x, each.x[next[index]!] ?? Infinity);
    });
    if (x === Infinity) {
      return rows;
    }
    const values = series.map((each, index) => {
      const at = next[index]!;
      if (each.x[at] !== x) {
        return undefined;
      }
      next[index] = at + 1;
      return each.y[at];
    });
    rows.push({ x, values });
  }
}
