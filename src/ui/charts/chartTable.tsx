import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';

const ROW_HEIGHT = 24;

/** What the table of a chart has. */
export interface ITableContent {
  columns: readonly string[];
  /** How many rows. */
  count: number;
  /** What stands in the columns of a row; drawn only where it is looked at. */
  cells: (row: number) => readonly React.ReactNode[];
}

/** All values of a chart, exactly, as a table that is drawn where it is looked at. */
export function ChartTable(
  props: ITableContent & { title: string; height: number | string }
): JSX.Element {
  const { columns, count, cells } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8
  });
  return (
    <div
      ref={scroller}
      className="jp-Kubeflow-chart-table"
      role="table"
      aria-label={props.title}
      aria-rowcount={count + 1}
      tabIndex={0}
      style={{ height: props.height }}
    >
      <div role="rowgroup" className="jp-Kubeflow-chart-head">
        <div role="row" aria-rowindex={1}>
          {columns.map((name, index) => (
            <span key={index} role="columnheader" title={name}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            role="row"
            aria-rowindex={index + 2}
            className="jp-Kubeflow-chart-row"
            style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
          >
            {cells(index).map((cell, column) => (
              <span
                key={column}
                role={column === 0 ? 'rowheader' : 'cell'}
                title={typeof cell === 'string' ? cell : undefined}
              >
                {cell}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
