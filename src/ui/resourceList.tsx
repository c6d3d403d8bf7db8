import type { LabIcon } from '@jupyterlab/ui-components';
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { IconButton } from './iconButton';
import { type ISelection, NO_SELECTION, prune, select } from './selection';
import { type IRows, ROW_HEIGHT, useRows } from './useRows';

/** A button that shows on a row while the pointer is over it. */
export interface IRowAction {
  id: string;
  label: string;
  icon: LabIcon;
  run: () => void;
  /** Why it cannot be done; it does nothing then, and says so. */
  reason?: string;
}

/** A list of resources. */
export interface IResourceListProps<T> {
  /** What the list holds, for screen readers. */
  label: string;
  items: readonly T[];
  /** A stable key, unique in the list. */
  itemKey: (item: T) => string;
  /** A row's name for screen readers. */
  itemLabel: (item: T) => string;
  /** A row's content: the cells, left to right. */
  renderRow: (item: T) => JSX.Element;
  /** Marks rows with `data-kubeflow-row`, which context menus select. */
  kind: string;
  onOpen: (item: T) => void;
  /** Asks whether to delete; never deletes by itself. */
  onDelete?: (items: T[]) => void;
  onSelect?: (items: T[]) => void;
  /** `/` was pressed. */
  onFilter?: () => void;
  /** At most three. */
  actions?: (item: T) => IRowAction[];
  /** Called with the rows on the screen after each change of them. */
  onVisible?: (items: T[]) => void;
  /** More rows exist than `items` holds: the whole number, for screen readers. */
  total?: number;
  handle?: React.Ref<IRows>;
}

/**
 * A virtualised list: arrow keys, Home, End and Page keys move, Shift and Ctrl select many, Enter opens, Delete asks, `/` filters. The
 * keyboard is on one row at a time, which stays in the page wherever the list is scrolled.
 */
export function ResourceList<T>(props: IResourceListProps<T>): JSX.Element {
  const { items, itemKey, onSelect, onVisible } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [stored, setSelection] = useState<ISelection>(NO_SELECTION);
  const keys = useMemo(() => items.map(itemKey), [items, itemKey]);
  const selection = useMemo(() => prune(stored, new Set(keys)), [stored, keys]);
  const activeIndex = selection.active === null ? -1 : keys.indexOf(selection.active);

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => keys[index] ?? index,
    overscan: 8,
    rangeExtractor: useCallback(
      (range: Range) => {
        const rows = defaultRangeExtractor(range);
        const extra = activeIndex >= 0 ? activeIndex : 0;
        return rows.includes(extra) || range.count === 0
          ? rows
          : [...rows, extra].sort((a, b) => a - b);
      },
      [activeIndex]
    )
  });
  const rows = virtualizer.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  const last = rows[rows.length - 1]?.index ?? -1;

  useEffect(() => {
    onSelect?.(items.filter((_, index) => selection.selected.has(keys[index]!)));
  }, [items, keys, selection, onSelect]);
  useEffect(() => {
    onVisible?.(rows.flatMap(row => items[row.index] ?? []));
    // The rows themselves are new objects after each render: their ends say whether others are shown.
  }, [items, first, last, onVisible]);
  const { onKeyDown, onClick, wantFocus } = useRows({
    scroller,
    keys,
    selection,
    onSelect: setSelection,
    scrollTo: index => virtualizer.scrollToIndex(index),
    onOpen: index => props.onOpen(items[index]!),
    others: {
      '/': props.onFilter,
      Delete:
        props.onDelete && selection.selected.size > 0
          ? () => props.onDelete!(items.filter((_, index) => selection.selected.has(keys[index]!)))
          : undefined
    },
    handle: props.handle
  });

  // The keyboard stays in the list when its row is taken away, as after a deletion: on the row that has come in its place.
  const onRow = useRef<string | null>(null);
  const before = useRef(keys);
  const leave = useRef(props.onFilter);
  leave.current = props.onFilter;
  useEffect(() => {
    const gone = onRow.current !== null && !keys.includes(onRow.current) ? onRow.current : null;
    const next = gone && keys[Math.min(before.current.indexOf(gone), keys.length - 1)];
    before.current = keys;
    if (next && isFocusLost()) {
      wantFocus();
      setSelection(last => ({ ...last, active: next }));
    }
  }, [keys]);
  useEffect(
    () => () => {
      if (onRow.current !== null && isFocusLost()) {
        leave.current?.();
      }
    },
    []
  );

  return (
    <div
      ref={scroller}
      className="jp-Kubeflow-list"
      role="grid"
      aria-label={props.label}
      aria-multiselectable
      aria-rowcount={props.total ?? items.length}
      onKeyDown={onKeyDown}
      onFocus={event => {
        const row = event.target.closest<HTMLElement>('[data-key]');
        onRow.current = row?.dataset['key'] ?? null;
      }}
      onBlur={() => {
        onRow.current = null;
      }}
    >
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {rows.map(row => {
          const item = items[row.index];
          const key = keys[row.index];
          if (item === undefined || key === undefined) {
            return null;
          }
          const selected = selection.selected.has(key);
          const actions = props.actions?.(item) ?? [];
          return (
            <div
              key={row.key}
              role="row"
              aria-label={props.itemLabel(item)}
              aria-rowindex={row.index + 1}
              aria-selected={selected}
              tabIndex={row.index === Math.max(0, activeIndex) ? 0 : -1}
              className={`jp-Kubeflow-row${selected ? ' jp-mod-selected' : ''}`}
              data-kubeflow-row={props.kind}
              data-key={key}
              style={{ height: ROW_HEIGHT, transform: `translateY(${row.start}px)` }}
              onClick={event => onClick(event, key)}
              onDoubleClick={() => props.onOpen(item)}
              onContextMenu={() => {
                if (!selected) {
                  setSelection(select(selection, keys, key, 'one'));
                }
              }}
            >
              <div role="gridcell" className="jp-Kubeflow-row-cells">
                {props.renderRow(item)}
              </div>
              {actions.length > 0 && (
                <div role="gridcell" className="jp-Kubeflow-row-actions">
                  {actions.map(action => (
                    <IconButton
                      key={action.id}
                      icon={action.icon}
                      label={action.reason ? `${action.label}: ${action.reason}` : action.label}
                      aria-disabled={action.reason ? true : undefined}
                      tabIndex={-1}
                      onClick={event => {
                        event.stopPropagation();
                        if (!action.reason) {
                          action.run();
                        }
                      }}
                      onDoubleClick={event => event.stopPropagation()}
                    />
                  ))}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Whether the element that had the keyboard is gone. */
function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
