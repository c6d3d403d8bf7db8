import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';

import { type ISelection, move, select, selectAll } from './selection';
import type { ISort, SortValue } from './sortRows';

/** Height of a row in pixels. */
const ROW_HEIGHT = 26;

/** A column of a `DataTable`. */
export interface IColumn<T> {
  id: string;
  label: string;
  /** Its least width in em; `grows` where it takes what is left. */
  width: number;
  grows?: boolean;
  /** Whether it holds numbers, which align right. */
  number?: boolean;
  /** What it sorts by; it cannot be sorted by when left out. */
  sortBy?: (row: T) => SortValue;
  cell: (row: T) => React.ReactNode;
}

/** What code outside can ask of a table. */
export interface IDataTable {
  /** Puts the keyboard on the rows. */
  focus(): void;
}

/** A table whose rows are given in the order in which they are shown. */
export interface IDataTableProps<T> {
  /** What it holds, for screen readers. */
  label: string;
  columns: readonly IColumn<T>[];
  rows: readonly T[];
  /** A stable key, unique in the table. */
  rowKey: (row: T) => string;
  /** A row's name for screen readers. */
  rowLabel: (row: T) => string;
  /** The rows that stand out from the others. */
  isMarked?: (row: T) => boolean;
  sort: ISort;
  onSort: (sort: ISort) => void;
  /** Keys, of rows that may not be shown now among them. */
  selected: ReadonlySet<string>;
  onSelect: (keys: ReadonlySet<string>) => void;
  onOpen: (row: T) => void;
  /** `/` was pressed. */
  onFilter?: () => void;
  handle?: React.Ref<IDataTable>;
}

/**
 * A virtualised table with a head to sort by: arrow keys, Home, End and Page keys move, Shift and Ctrl select many, Enter opens, Escape selects
 * none, `/` filters.
 */
export function DataTable<T>(props: IDataTableProps<T>): JSX.Element {
  const { columns, rows, rowKey, selected, sort, onSort } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const [place, setPlace] = useState<Pick<ISelection, 'active' | 'anchor'>>({
    active: null,
    anchor: null
  });
  const keys = useMemo(() => rows.map(rowKey), [rows, rowKey]);
  const selection: ISelection = { selected, ...place };
  const activeIndex = place.active === null ? -1 : keys.indexOf(place.active);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8
  });
  const shown = virtualizer.getVirtualItems();
  // The row that Tab reaches has to be in the page.
  const tabbed = shown.some(({ index }) => index === activeIndex)
    ? activeIndex
    : (shown[0]?.index ?? 0);

  useEffect(() => {
    if (wantsFocus.current) {
      wantsFocus.current = false;
      scroller.current?.querySelector<HTMLElement>('[data-key][tabindex="0"]')?.focus();
    }
  });

  const apply = ({ selected: chosen, active, anchor }: ISelection) => {
    setPlace({ active, anchor });
    props.onSelect(chosen);
  };
  const go = (key: string | undefined, mode: 'one' | 'range') => {
    if (key !== undefined) {
      wantsFocus.current = true;
      virtualizer.scrollToIndex(keys.indexOf(key));
      apply(select(selection, keys, key, mode));
    }
  };
  useImperativeHandle(props.handle, () => ({
    focus: () => go(activeIndex >= 0 ? place.active! : keys[0], 'one')
  }));

  const onKeyDown = (event: React.KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const step = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity
    }[event.key];
    const active = rows[activeIndex];
    if (step !== undefined) {
      go(move(selection, keys, step), event.shiftKey ? 'range' : 'one');
    } else if (event.key === 'Enter' && active !== undefined) {
      props.onOpen(active);
    } else if (event.key === '/' && props.onFilter) {
      props.onFilter();
    } else if (event.key === ' ' && place.active !== null) {
      apply(select(selection, keys, place.active, 'toggle'));
    } else if (event.key === 'Escape' && selected.size > 0) {
      props.onSelect(new Set());
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      apply(selectAll(selection, keys));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const least = `${columns.reduce((all, { width }) => all + width, 0)}em`;
  return (
    <div
      ref={scroller}
      className="jp-Kubeflow-dataTable"
      role="grid"
      aria-label={props.label}
      aria-multiselectable
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
    >
      <div role="rowgroup" className="jp-Kubeflow-dataTable-head" style={{ minWidth: least }}>
        <div role="row" aria-rowindex={1} style={{ gridTemplateColumns: templateOf(columns) }}>
          {columns.map(column => (
            <Head key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        style={{ height: virtualizer.getTotalSize(), minWidth: least, position: 'relative' }}
        onKeyDown={onKeyDown}
        onClick={event => {
          const key = keyAt(event);
          if (key !== undefined) {
            const mode = event.shiftKey
              ? 'range'
              : event.ctrlKey || event.metaKey
                ? 'toggle'
                : 'one';
            apply(select(selection, keys, key, mode));
          }
        }}
        onDoubleClick={event => {
          const row = rows[keys.indexOf(keyAt(event) ?? '')];
          if (row !== undefined) {
            props.onOpen(row);
          }
        }}
      >
        {shown.map(({ index, start }) => {
          const row = rows[index];
          const key = keys[index];
          return row === undefined || key === undefined ? null : (
            <MemoRow
              key={key}
              id={key}
              row={row}
              columns={columns as readonly IColumn<unknown>[]}
              label={props.rowLabel(row)}
              index={index}
              start={start}
              selected={selected.has(key)}
              marked={props.isMarked?.(row) ?? false}
              tabbed={index === tabbed}
            />
          );
        })}
      </div>
    </div>
  );
}

/** A row; drawn anew only when something of it has changed. */
function Row(props: {
  id: string;
  row: unknown;
  columns: readonly IColumn<unknown>[];
  label: string;
  index: number;
  /** Pixels from the top. */
  start: number;
  selected: boolean;
  marked: boolean;
  tabbed: boolean;
}): JSX.Element {
  const { id, row, columns, index, start, selected, marked } = props;
  const classes = [
    'jp-Kubeflow-dataTable-row',
    selected ? 'jp-mod-selected' : '',
    marked ? 'jp-mod-marked' : ''
  ];
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-label={props.label}
      aria-selected={selected}
      tabIndex={props.tabbed ? 0 : -1}
      data-key={id}
      className={classes.filter(Boolean).join(' ')}
      style={{
        gridTemplateColumns: templateOf(columns),
        height: ROW_HEIGHT,
        transform: `translateY(${start}px)`
      }}
    >
      {columns.map(column => (
        <div
          key={column.id}
          role="gridcell"
          className={column.number ? 'jp-mod-number' : undefined}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

const MemoRow = memo(Row);

function templateOf<T>(columns: readonly IColumn<T>[]): string {
  return columns
    .map(({ width, grows }) => (grows ? `minmax(${width}em, 1fr)` : `${width}em`))
    .join(' ');
}

/** The key of the row that was clicked. */
function keyAt({ target }: React.MouseEvent): string | undefined {
  return (target as Element).closest<HTMLElement>('[data-key]')?.dataset['key'];
}

function Head<T>(props: {
  column: IColumn<T>;
  sort: ISort;
  onSort: (sort: ISort) => void;
}): JSX.Element {
  const { column, sort } = props;
  const sorted = sort.by === column.id;
  return (
    <div
      role="columnheader"
      title={column.label}
      className={column.number ? 'jp-mod-number' : undefined}
      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      {column.sortBy ? (
        <button
          type="button"
          onClick={() =>
            props.onSort({ by: column.id, descending: sorted ? !sort.descending : false })
          }
        >
          <span>{column.label}</span>
          {sorted && <span aria-hidden>{sort.descending ? '▾' : '▴'}</span>}
        </button>
      ) : (
        column.label
      )}
    </div>
  );
}
