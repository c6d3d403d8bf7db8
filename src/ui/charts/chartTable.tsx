import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';

import { type IAxis, type ISeries, rowsOf } from './series';
import { formatExactly } from './units';

const ROW_HEIGHT = 24;

/** All numbers of a chart, exactly, as a table that is drawn where it is looked at. */
export function ChartTable(props: {
  title: string;
  x: IAxis;
  y: IAxis;
  series: readonly ISeries[];
  height: number;
  locale?: string;
}): JSX.Element {
  const { x, y, series, locale } = props;
  const rows = useMemo(() => rowsOf(series), [series]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
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
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      style={{ height: props.height }}
    >
      <div role="rowgroup" className="jp-Kubeflow-chart-head">
        <div role="row" aria-rowindex={1}>
          <span role="columnheader">{x.label}</span>
          {series.map(({ name }) => (
            <span key={name} role="columnheader" title={name}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]!;
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              className="jp-Kubeflow-chart-row"
              style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
            >
              <span role="rowheader">{formatExactly(row.x, x.unit, locale)}</span>
              {row.values.map((value, column) => (
                <span key={series[column]!.name} role="cell">
                  {value === undefined ? '' : formatExactly(value, y.unit, locale)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
