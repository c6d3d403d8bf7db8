import type { TranslationBundle } from '@jupyterlab/translation';
import { memo, useMemo, useRef, useState } from 'react';

import { ChartFrame } from './chartFrame';
import { axisOf, type IColumn } from './columns';
import { ItemTable } from './itemTable';
import { type IItems, itemsCsv, linesOf } from './items';
import { nearest, type Shape, shapeAt, stepsThrough } from './marks';
import { ScatterAxes } from './scatterAxes';
import { type ISpot, Surface } from './surface';
import { svgPng } from './svgImage';
import { betterWords } from './words';

const TOP = 26;
const LEFT = 58;
const RIGHT = 16;
const AXIS = 40;
/** The height of the strip of those that have no value. */
const STRIP = 20;
const REACH = 14;
/** Pixels that a pointer moves before it chooses rather than clicks. */
const DRAGGED = 4;

/** Points of one kind. */
export interface IPointKind {
  readonly label: string;
  readonly shape: Shape;
  /** The CSS variable of their colour. */
  readonly variable: string;
}

/** A line over the points. */
export interface IStepLine {
  readonly label: string;
  readonly xs: readonly number[];
  /** What holds from each of `xs` on. */
  readonly ys: readonly number[];
}

/** What a chart of points shows. */
export interface IScatterChartProps {
  trans: TranslationBundle;
  title: string;
  /** The chart in words. */
  description: string;
  items: IItems;
  x: IColumn;
  /** Items without a value here are in a strip below, if they have one of `x`. */
  y: IColumn;
  kinds: readonly IPointKind[];
  /** Of each item its place in `kinds`. */
  kindOf: readonly number[];
  line?: IStepLine;
  /** A value that is drawn across where it is not far from the others, and what it is. */
  level?: { readonly label: string; readonly value: number };
  /** Whether what the marks mean is said beneath, as it is when left out. */
  withKey?: boolean;
  /** Those that are drawn in full, others are behind them; all when it is left out. */
  active: ReadonlySet<number> | undefined;
  /** These items, by name, were framed with the pointer. */
  onSelect: (names: ReadonlySet<string>) => void;
  onOpen: (name: string) => void;
  height?: number;
  fileName: string;
}

/** Items as points: dragging a frame chooses those within, a click opens one. */
export function ScatterChart(props: IScatterChartProps): JSX.Element {
  const { trans, title, items, x, y, kinds, kindOf, line, level, active } = props;
  const { withKey = true, height = 260, fileName } = props;
  const [width, setWidth] = useState(0);
  const [hovered, setHovered] = useState<{ item: number; at: ISpot }>();
  const [frame, setFrame] = useState<{ from: ISpot; to: ISpot }>();
  const svg = useRef<SVGSVGElement>(null);
  const [across, up] = useMemo(() => [axisOf(x), axisOf(y, level?.value)], [x, y, level?.value]);
  const strip = useMemo(
    () => y.values.some((value, item) => Number.isNaN(value) && !Number.isNaN(x.values[item]!)),
    [x, y]
  );
  const bottom = height - AXIS - (strip ? STRIP : 0);
  const place = useMemo(() => {
    const toX = (value: number) => LEFT + across.place(value) * (width - LEFT - RIGHT);
    const toY = (value: number) => bottom - up.place(value) * (bottom - TOP);
    return { toX, toY };
  }, [across, up, width, bottom]);
  const points = useMemo(
    () => ({
      xs: x.values.map(place.toX),
      ys: y.values.map(value => (Number.isNaN(value) ? bottom + STRIP / 2 : place.toY(value)))
    }),
    [x, y, place, bottom]
  );
  const columns = useMemo(() => [x, y], [x, y]);
  const onPointerDown = (at: ISpot, event: React.PointerEvent) => {
    if (event.button === 0) {
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      setFrame({ from: at, to: at });
    }
  };
  const onPointerMove = (at: ISpot) => {
    if (frame) {
      setFrame({ ...frame, to: at });
    }
    const item = nearest(at, points.xs, points.ys, REACH);
    setHovered(item === undefined ? undefined : { item, at });
  };
  const onPointerUp = (at: ISpot) => {
    setFrame(undefined);
    if (frame && isFrame({ ...frame, to: at })) {
      const { left, right, top, bottom: low } = edges({ ...frame, to: at });
      const inside = items.names.filter((_, item) => {
        const [px, py] = [points.xs[item]!, points.ys[item]!];
        return px >= left && px <= right && py >= top && py <= low;
      });
      props.onSelect(new Set(inside));
    } else if (frame && hovered) {
      props.onOpen(items.names[hovered.item]!);
    }
  };
  const tip = hovered && {
    at: hovered.at,
    head: items.names[hovered.item]!,
    lines: linesOf(items, columns, hovered.item)
  };
  const shown = kinds.filter((_, kind) => kindOf.includes(kind));
  const isLevelOn = level !== undefined && isOn(up.place(level.value));
  const levelLabel =
    level && (isLevelOn ? level.label : trans.__('%1 (off the chart)', level.label));
  const marks: [string, string][] = [
    ...shown.map(({ label, variable }): [string, string] => [label, variable]),
    ...(line ? [[line.label, '--jp-success-color1'] as [string, string]] : []),
    ...(levelLabel === undefined ? [] : [[levelLabel, '--jp-ui-font-color2'] as [string, string]])
  ];
  return (
    <ChartFrame
      trans={trans}
      title={title}
      fileName={fileName}
      png={() => svgPng(svg.current, title, marks)}
      csv={() => itemsCsv(items, columns)}
      table={() => (
        <ItemTable
          title={title}
          items={items}
          columns={columns}
          active={active}
          height={height}
          onOpen={props.onOpen}
        />
      )}
    >
      <Surface
        description={props.description}
        height={height}
        tip={frame && isFrame(frame) ? undefined : tip}
        svg={svg}
        onWidth={setWidth}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setFrame(undefined)}
        onPointerLeave={() => setHovered(undefined)}
      >
        <ScatterAxes
          x={x}
          y={y}
          across={across}
          up={up}
          left={LEFT}
          right={width - RIGHT}
          top={TOP}
          bottom={bottom}
          strip={strip ? { height: STRIP, label: trans.__('no value') } : undefined}
          note={y.better && betterWords(y.better, trans)}
        />
        <Points {...points} kinds={kinds} kindOf={kindOf} active={active} />
        {line && (
          <path
            className="jp-mod-line"
            d={stepsThrough(line.xs.map(place.toX), line.ys.map(place.toY), width - RIGHT)}
          />
        )}
        {level && isLevelOn && (
          <line
            className="jp-mod-level"
            x1={LEFT}
            x2={width - RIGHT}
            y1={place.toY(level.value)}
            y2={place.toY(level.value)}
          />
        )}
        {hovered && (
          <circle
            className="jp-mod-over"
            cx={points.xs[hovered.item]}
            cy={points.ys[hovered.item]}
            r={6}
          />
        )}
        {frame && isFrame(frame) && <Frame {...edges(frame)} />}
      </Surface>
      {withKey && <Key kinds={shown} line={line?.label} level={levelLabel} />}
    </ChartFrame>
  );
}

/** The points of each kind as one path, those that are not chosen beneath. */
const Points = memo(
  (props: {
    xs: Float64Array;
    ys: Float64Array;
    kinds: readonly IPointKind[];
    kindOf: readonly number[];
    active: ReadonlySet<number> | undefined;
  }): JSX.Element => {
    const { xs, ys, kinds, kindOf, active } = props;
    const paths = useMemo(() => {
      const found = kinds.map((): [rest: string[], chosen: string[]] => [[], []]);
      xs.forEach((x, item) => {
        const y = ys[item]!;
        if (Number.isFinite(x) && Number.isFinite(y)) {
          const kind = kindOf[item]!;
          const chosen = !active || active.has(item) ? 1 : 0;
          found[kind]![chosen].push(shapeAt(kinds[kind]!.shape, x, y));
        }
      });
      return found.map(each => each.map(parts => parts.join('')));
    }, [xs, ys, kinds, kindOf, active]);
    return (
      <g className="jp-Kubeflow-points">
        {[0, 1].map(chosen =>
          kinds.map(({ label, shape, variable }, kind) => (
            <path
              key={`${label}/${chosen}`}
              className={`jp-mod-${shape}${chosen === 0 ? ' jp-mod-rest' : ''}`}
              style={{ stroke: `var(${variable})` }}
              d={paths[kind]![chosen]}
            />
          ))
        )}
      </g>
    );
  }
);

/** What the marks mean. */
function Key(props: {
  kinds: readonly IPointKind[];
  line: string | undefined;
  level: string | undefined;
}): JSX.Element | null {
  const { kinds, line, level } = props;
  if (kinds.length < 2 && line === undefined && level === undefined) {
    return null;
  }
  const entry = (label: string, mark: React.ReactNode) => (
    <li key={label}>
      <svg aria-hidden className="jp-Kubeflow-marks" width="18" height="12">
        {mark}
      </svg>
      {label}
    </li>
  );
  return (
    <ul className="jp-Kubeflow-chart-key">
      {kinds.map(({ label, shape, variable }) =>
        entry(
          label,
          <g className="jp-Kubeflow-points">
            <path
              className={`jp-mod-${shape}`}
              style={{ stroke: `var(${variable})` }}
              d={shapeAt(shape, 9, 6)}
            />
          </g>
        )
      )}
      {line !== undefined && entry(line, <path className="jp-mod-line" d="M1 6H17" />)}
      {level !== undefined && entry(level, <path className="jp-mod-level" d="M1 6H17" />)}
    </ul>
  );
}

interface IEdges {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function Frame({ left, right, top, bottom }: IEdges): JSX.Element {
  return (
    <rect className="jp-mod-brush" x={left} y={top} width={right - left} height={bottom - top} />
  );
}

function edges({ from, to }: { from: ISpot; to: ISpot }): IEdges {
  return {
    left: Math.min(from.x, to.x),
    right: Math.max(from.x, to.x),
    top: Math.min(from.y, to.y),
    bottom: Math.max(from.y, to.y)
  };
}

function isFrame({ from, to }: { from: ISpot; to: ISpot }): boolean {
  return Math.abs(from.x - to.x) > DRAGGED || Math.abs(from.y - to.y) > DRAGGED;
}

function isOn(place: number): boolean {
  return place >= 0 && place <= 1;
}
