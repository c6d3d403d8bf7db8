/** Which rows of a list are selected and which one the keyboard is on; pure, over keys in the list's order. */
export interface ISelection {
  readonly selected: ReadonlySet<string>;
  /** The row that the keyboard is on. */
  readonly active: string | null;
  /** Where a Shift selection starts. */
  readonly anchor: string | null;
}

/** Nothing selected. */
export const NO_SELECTION: ISelection = { selected: new Set(), active: null, anchor: null };

/** How a click or key changes the selection: `range` with Shift, `toggle` with Ctrl or Cmd. */
export type SelectMode = 'one' | 'range' | 'toggle';

/** The selection after a click on `key`, or after the keyboard has moved there. */
export function select(
  selection: ISelection,
  keys: readonly string[],
  key: string,
  mode: SelectMode
): ISelection {
  if (mode === 'toggle') {
    const selected = new Set(selection.selected);
    if (!selected.delete(key)) {
      selected.add(key);
    }
    return { selected, active: key, anchor: key };
  }
  const anchor = mode === 'range' ? (selection.anchor ?? selection.active) : null;
  const from = anchor === null ? -1 : keys.indexOf(anchor);
  if (from < 0) {
    return { selected: new Set([key]), active: key, anchor: key };
  }
  const to = keys.indexOf(key);
  const selected = new Set(keys.slice(Math.min(from, to), Math.max(from, to) + 1));
  return { selected, active: key, anchor };
}

/** All rows, with the keyboard where it was. */
export function selectAll(selection: ISelection, keys: readonly string[]): ISelection {
  return { ...selection, selected: new Set(keys) };
}

/** The selection without the rows that are gone; the same object when none is. */
export function prune(selection: ISelection, keys: ReadonlySet<string>): ISelection {
  const keep = (key: string | null) => (key !== null && keys.has(key) ? key : null);
  const selected = [...selection.selected].filter(key => keys.has(key));
  const active = keep(selection.active);
  return selected.length === selection.selected.size && active === selection.active
    ? selection
    : { selected: new Set(selected), active, anchor: keep(selection.anchor) };
}

/** The key `step` rows on, at the list's ends no further; `-Infinity` and `Infinity` are the ends. */
export function move(
  selection: ISelection,
  keys: readonly string[],
  step: number
): string | undefined {
  const at = selection.active === null ? -1 : keys.indexOf(selection.active);
  if (at < 0) {
    return step < 0 ? keys[keys.length - 1] : keys[0];
  }
  return keys[Math.min(keys.length - 1, Math.max(0, at + step))];
}
