/** The part of an axis that is chosen. Pure. */
import type { IColumn } from './columns';
import type { IAxisScale } from './scales';

/** Numbers from … to …, or some of the categories. */
export type Brush =
  { readonly from: number; readonly to: number } | { readonly choices: ReadonlySet<string> };

/** What is chosen of each column that something is chosen of, by its name. */
export type Brushes = ReadonlyMap<string, Brush>;

/** The items that lie in every brush. A value that an item lacks lies in none. */
export function itemsIn(brushes: Brushes, columns: readonly IColumn[], count: number): number[] {
  const tests = columns.flatMap(column => {
    const brush = brushes.get(column.name);
    return brush ? [{ column, brush }] : [];
  });
  const found: number[] = [];
  for (let item = 0; item < count; item += 1) {
    if (tests.every(({ column, brush }) => isIn(brush, column, column.values[item]!))) {
      found.push(item);
    }
  }
  return found;
}

function isIn(brush: Brush, column: IColumn, value: number): boolean {
  return 'choices' in brush
    ? brush.choices.has(column.categories[value] ?? '')
    : value >= brush.from && value <= brush.to;
}

/** What lies between two places of an axis: of categories those whose middle does, else the one there. */
export function between(column: IColumn, axis: IAxisScale, one: number, other: number): Brush {
  const [low, high] = [Math.min(one, other), Math.max(one, other)];
  const [from, to] = [axis.value(low), axis.value(high)];
  if (column.kind !== 'category') {
    return { from, to };
  }
  const middles = column.categories.filter((_, index) => index >= from && index <= to);
  const nearest = column.categories[Math.round((from + to) / 2)];
  return { choices: new Set(middles.length > 0 || nearest === undefined ? middles : [nearest]) };
}

/** The parts of an axis that a brush covers, from 0 to 1. */
export function partsOf(
  brush: Brush,
  column: IColumn,
  axis: IAxisScale
): [from: number, to: number][] {
  if (!('choices' in brush)) {
    // A logarithmic axis has no place for what is not above zero.
    const [from, to] = [axis.place(brush.from), axis.place(brush.to)];
    return [[clamp(Number.isNaN(from) ? 0 : from), clamp(Number.isNaN(to) ? 0 : to)]];
  }
  const half = 0.5 / Math.max(1, column.categories.length);
  return column.categories.flatMap((each, index): [number, number][] =>
    brush.choices.has(each) ? [[axis.place(index) - half, axis.place(index) + half]] : []
  );
}

/** The brushes with one set, or dropped. */
export function withBrush(brushes: Brushes, name: string, brush: Brush | undefined): Brushes {
  const next = new Map(brushes);
  if (brush) {
    next.set(name, brush);
  } else {
    next.delete(name);
  }
  return next;
}

function clamp(place: number): number {
  return Math.min(1, Math.max(0, place));
}
