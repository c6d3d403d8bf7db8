/** Items and their values in words and numbers. Pure. */
import { exactly, type IColumn } from './columns';
import { csv } from './csv';

/** What charts draw, one by one. */
export interface IItems {
  /** What one is called: the head of the first column. */
  readonly label: string;
  /** Told apart by them. */
  readonly names: readonly string[];
  /** What is said of each beside its values, such as its state. */
  readonly notes: readonly { readonly label: string; readonly texts: readonly string[] }[];
}

/** The items with all their values, exactly, as RFC 4180 has it. */
export function itemsCsv(items: IItems, columns: readonly IColumn[]): string {
  const rows = items.names.map((name, item) => [name, ...cellsOf(items, columns, item)]);
  return csv([headOf(items, columns), ...rows]);
}

/** One item's notes and values. */
export function linesOf(items: IItems, columns: readonly IColumn[], item: number): string[] {
  return [
    ...items.notes.map(({ texts }) => texts[item]!).filter(text => text !== ''),
    ...columns.flatMap(column => {
      const value = exactly(column, item);
      return value === '' ? [] : [`${column.name}: ${value}`];
    })
  ];
}

/** What stands above the columns of a table of items. */
export function headOf(items: IItems, columns: readonly IColumn[]): string[] {
  return [
    items.label,
    ...items.notes.map(({ label }) => label),
    ...columns.map(({ name }) => name)
  ];
}

/** One item's notes and values, in the columns after its name. */
export function cellsOf(items: IItems, columns: readonly IColumn[], item: number): string[] {
  return [
    ...items.notes.map(({ texts }) => texts[item]!),
    ...columns.map(column => exactly(column, item))
  ];
}
