import { memo } from 'react';

import type { IColumn } from './columns';
import { type IAxisScale, thinned } from './scales';
import { fitting } from './words';

/** The two axes of a chart of points. */
export const ScatterAxes = memo(
  (props: {
    x: IColumn;
    y: IColumn;
    across: IAxisScale;
    up: IAxisScale;
    left: number;
    right: number;
    top: number;
    bottom: number;
    /** The strip below of those without a value. */
    strip: { height: number; label: string } | undefined;
    /** What is said beside the name of the y axis. */
    note: string | undefined;
  }): JSX.Element => {
    const { x, y, across, up, left, right, top, bottom, strip, note } = props;
    const foot = bottom + (strip?.height ?? 0);
    const toX = (place: number) => left + place * (right - left);
    const toY = (place: number) => bottom - place * (bottom - top);
    const below = thinned(across.ticks, right - left, 36);
    const room = (right - left) / Math.max(1, below.length);
    const name = note === undefined ? y.name : `${y.name}  ${note}`;
    return (
      <g>
        {thinned(up.ticks, bottom - top, 12).map(({ place, label }) => (
          <g key={place} transform={`translate(0 ${toY(place)})`}>
            <line className="jp-mod-grid" x1={left} x2={right} />
            <text className="jp-mod-tick" x={left - 6} dy="0.32em">
              {fitting(label, left - 8)}
            </text>
          </g>
        ))}
        {below.map(({ place, label }) => (
          <g key={place} transform={`translate(${toX(place)} ${foot})`}>
            <line className="jp-mod-axis" y2={4} />
            <text className="jp-mod-below" y={16}>
              <title>{label}</title>
              {fitting(label, room)}
            </text>
          </g>
        ))}
        {strip && (
          <>
            <rect
              className="jp-mod-strip"
              x={left}
              y={bottom}
              width={right - left}
              height={strip.height}
            />
            <text className="jp-mod-tick" x={left - 6} y={bottom + strip.height / 2} dy="0.32em">
              {strip.label}
            </text>
          </>
        )}
        <path className="jp-mod-axis" d={`M${left} ${top}V${foot}H${right}`} />
        <text className="jp-mod-below jp-mod-name" x={(left + right) / 2} y={foot + 33}>
          {fitting(x.name, right - left)}
        </text>
        <text className="jp-mod-name" x={2} y={top - 12}>
          {fitting(name, right)}
        </text>
      </g>
    );
  }
);
