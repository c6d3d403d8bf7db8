import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useMemo, useRef, useState } from 'react';

import type { ISelection } from './selection';
import type { ISort, SortValue } from './sortRows';
import { type IRows, ROW_HEIGHT, useRows } from './useRows';

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
  handle?: React.Ref<IRows>;
}

/**
 * A virtualised table with a head to sort by: arrow keys, Home, End and Page keys move, Shift and Ctrl select many, Enter opens, Escape selects
 * none, `/` filters.
 */
export function DataTable<T>(props: IDataTableProps<T>): JSX.Element {
  const { columns, rows, rowKey, selected, sort, onSort } = props;
  const scroller = useRef<HTMLDivElement>(null);
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

  const { onKeyDown, onClick } = useRows({
    scroller,
    keys,
    selection,
    onSelect: ({ selected: chosen, active, anchor }) => {
      setPlace({ active, anchor });
      props.onSelect(chosen);
    },
    scrollTo: index => virtualizer.scrollToIndex(index),
    onOpen: index => props.onOpen(rows[index]!),
    others: {
      '/': props.onFilter,
      Escape: selected.size > 0 ? () => props.onSelect(new Set()) : undefined
    },
    fixed: 1,
    handle: props.handle
  });

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
        onMouseDown={event => {
          // A click with Shift chooses rows, not the text in them.
          if (event.shiftKey) {
            event.preventDefault();
          }
        }}
        onClick={event => {
          const key = keyAt(event);
          if (key !== undefined) {
            onClick(event, key);
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
