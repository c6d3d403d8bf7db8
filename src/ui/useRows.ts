/** How the rows of lists and tables are chosen by the keyboard and the pointer. */
import { useEffect, useImperativeHandle, useRef } from 'react';

import { type ISelection, move, select, selectAll } from './selection';

/** Height of a row in pixels. */
export const ROW_HEIGHT = 26;

/** What code outside can ask of rows. */
export interface IRows {
  /** Puts the keyboard on them. */
  focus(): void;
}

/** Rows, of which only those in sight are in the page: elements with `data-key` below `scroller`, one of them with the tab index 0. */
export interface IRowsOptions {
  scroller: React.RefObject<HTMLElement>;
  /** Of all rows, in their order. */
  keys: readonly string[];
  selection: ISelection;
  onSelect: (selection: ISelection) => void;
  /** Brings a row into sight. */
  scrollTo: (index: number) => void;
  /** Enter was pressed on a row. */
  onOpen: (index: number) => void;
  /** What else keys do, where they do something. */
  others: Readonly<Record<string, (() => void) | undefined>>;
  /** How many rows are always in sight, such as the head; 0 when left out. */
  fixed?: number;
  handle?: React.Ref<IRows>;
}

/** Arrow keys, Home, End and Page keys move, Shift and Ctrl select many, Space one more, Enter opens. */
export function useRows(options: IRowsOptions) {
  const { scroller, keys, selection, onSelect, fixed = 0 } = options;
  const { active } = selection;
  const wantsFocus = useRef(false);
  useEffect(() => {
    if (wantsFocus.current) {
      wantsFocus.current = false;
      scroller.current?.querySelector<HTMLElement>('[data-key][tabindex="0"]')?.focus();
    }
  });
  const activeIndex = active === null ? -1 : keys.indexOf(active);
  const go = (key: string | undefined, mode: 'one' | 'range') => {
    if (key !== undefined) {
      wantsFocus.current = true;
      options.scrollTo(keys.indexOf(key));
      onSelect(select(selection, keys, key, mode));
    }
  };
  useImperativeHandle(options.handle, () => ({
    focus: () => go(activeIndex >= 0 ? active! : keys[0], 'one')
  }));
  return {
    /** Has the row that Tab reaches take the keyboard after the next drawing. */
    wantFocus: () => {
      wantsFocus.current = true;
    },
    onKeyDown: (event: React.KeyboardEvent) => {
      const inSight = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - fixed;
      const page = Math.max(1, inSight - 1);
      const step = {
        ArrowDown: 1,
        ArrowUp: -1,
        PageDown: page,
        PageUp: -page,
        Home: -Infinity,
        End: Infinity
      }[event.key];
      const other = options.others[event.key];
      if (step !== undefined) {
        go(move(selection, keys, step), event.shiftKey ? 'range' : 'one');
      } else if (event.key === 'Enter' && activeIndex >= 0) {
        options.onOpen(activeIndex);
      } else if (event.key === ' ' && active !== null) {
        onSelect(select(selection, keys, active, 'toggle'));
      } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
        onSelect(selectAll(selection, keys));
      } else if (other) {
        other();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    /** Chooses the row that was clicked. */
    onClick: (event: React.MouseEvent, key: string) => {
      const mode = event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one';
      onSelect(select(selection, keys, key, mode));
    }
  };
}
