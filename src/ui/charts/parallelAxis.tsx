import { memo } from 'react';

import { type Brush, partsOf } from './brush';
import type { IColumn } from './columns';
import { type IAxisScale, thinned } from './scales';
import { fitting } from './words';

/** At least so many pixels lie between two ticks. */
const APART = 12;

/** One axis: its name, its ticks and what is chosen of it. */
export const ParallelAxis = memo(
  (props: {
    column: IColumn;
    axis: IAxisScale;
    /** Where it stands, and from where to where it goes. */
    x: number;
    top: number;
    bottom: number;
    /** How wide its name and its ticks may be. */
    width: number;
    /** What is said beneath the name. */
    note?: string;
    brush: Brush | undefined;
  }): JSX.Element => {
    const { column, axis, x, top, bottom, width, note, brush } = props;
    const y = (place: number) => bottom - place * (bottom - top);
    return (
      <g transform={`translate(${x} 0)`}>
        <text className="jp-mod-name" y={top - 22}>
          <title>{column.name}</title>
          {fitting(column.name, width)}
        </text>
        {note !== undefined && (
          <text className="jp-mod-note" y={top - 9}>
            {note}
          </text>
        )}
        <line className="jp-mod-axis" y1={top} y2={bottom} />
        {brush &&
          partsOf(brush, column, axis).map(([from, to]) => (
            <rect
              key={from}
              className="jp-mod-brush"
              x={-7}
              width={14}
              y={y(to)}
              height={Math.max(2, y(from) - y(to))}
            />
          ))}
        {thinned(axis.ticks, bottom - top, APART).map(({ place, label }) => (
          <g key={place} transform={`translate(0 ${y(place)})`}>
            <line className="jp-mod-axis" x1={-4} />
            <text className="jp-mod-tick" x={-7} dy="0.32em">
              {label.length > 0 && <title>{label}</title>}
              {fitting(label, width - 12)}
            </text>
          </g>
        ))}
      </g>
    );
  }
);
