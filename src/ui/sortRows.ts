/** By which column a table is sorted. */
export interface ISort {
  /** The column's id. */
  readonly by: string;
  readonly descending: boolean;
}

/** What a column sorts by; what has no value stands last, whichever way it is sorted. */
export type SortValue = number | string | undefined;

/**
 * The rows in another order; of the same value, in the order in which they were. Numbers before texts, texts as people order them.
 * @param value - what the column sorts by
 */
export function sortRows<T>(
  rows: readonly T[],
  value: (row: T) => SortValue,
  descending: boolean
): readonly T[] {
  const sign = descending ? -1 : 1;
  return rows
    .map(row => [row, value(row)] as const)
    .sort(([, one], [, other]) =>
      one === undefined || other === undefined
        ? Number(one === undefined) - Number(other === undefined)
        : sign * compare(one, other)
    )
    .map(([row]) => row);
}

const texts = new Intl.Collator(undefined, { numeric: true });

function compare(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') {
    return one - other;
  }
  return typeof one === typeof other
    ? texts.compare(String(one), String(other))
    : typeof one === 'number'
      ? -1
      : 1;
}
