import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo, useRef, useState } from 'react';

import { formatNumber } from '../format';
import { between, type Brush, type Brushes, withBrush } from './brush';
import { ChartFrame } from './chartFrame';
import { axisOf, type IColumn } from './columns';
import { type IItems, itemsCsv, linesOf } from './items';
import { ItemTable } from './itemTable';
import { lineThrough, nearestLine } from './marks';
import { ParallelAxis } from './parallelAxis';
import { colourOf, type ILineLayout, ParallelLines } from './parallelLines';
import { ranksOf, SHADES } from './ranks';
import { type ISpot, type ITip, Surface } from './surface';
import { svgPng } from './svgImage';
import { betterWords, CHARACTER } from './words';

const TOP = 62;
const BOTTOM = 14;
const LEFT = 72;
const RIGHT = 44;
/** At least so many pixels lie between two axes; a chart that has no room for that scrolls. */
const APART = 84;
/** So many pixels beside an axis belong to it. */
const GRIP = 12;
const REACH = 8;

/** What a chart of parallel coordinates shows. */
export interface IParallelChartProps {
  trans: TranslationBundle;
  title: string;
  /** The chart in words. */
  description: string;
  items: IItems;
  /** One axis each, from left to right; by the last one, which says which values are better, lines are coloured. The same array as long as nothing has changed. */
  columns: readonly IColumn[];
  /** Those that are drawn in full, others are behind them; all when it is left out. */
  active: ReadonlySet<number> | undefined;
  /** The one that is drawn above all others, as far as it is active. */
  best?: number;
  brushes: Brushes;
  /** What is chosen has changed; `done` once the pointer is let go. */
  onBrush: (brushes: Brushes, done: boolean) => void;
  onOpen: (name: string) => void;
  height?: number;
  fileName: string;
}

interface IDrag {
  column: number;
  /** Where on the axis it began, or the end that stays. */
  from: number;
  moved: boolean;
}

/**
 * Items as lines over parallel axes. A range dragged on an axis chooses the items within; a click on an axis drops its range, one on a line
 * opens its item.
 */
export function ParallelChart(props: IParallelChartProps): JSX.Element {
  const { trans, title, items, columns, active, brushes, onBrush, height = 360, fileName } = props;
  const [hovered, setHovered] = useState<{ item: number; at: ISpot }>();
  const [width, setWidth] = useState(0);
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<IDrag>();
  const axes = useMemo(() => columns.map(column => axisOf(column)), [columns]);
  const objective = columns[columns.length - 1]!;
  const ranks = useMemo(() => ranksOf(objective.values, objective.better ?? 'higher'), [objective]);
  const bottom = height - BOTTOM;
  const ys = useMemo(
    () =>
      items.names.map((_, item) =>
        columns.map(
          ({ values }, index) => bottom - axes[index]!.place(values[item]!) * (bottom - TOP)
        )
      ),
    [columns, axes, bottom, items]
  );
  const xs = useMemo(() => {
    const step = (width - LEFT - RIGHT) / Math.max(1, columns.length - 1);
    return columns.map((_, index) => LEFT + index * step);
  }, [width, columns.length]);
  const layout: ILineLayout = { xs, ys };

  const axisAt = ({ x, y }: ISpot) =>
    y < TOP - GRIP || y > bottom + BOTTOM ? -1 : xs.findIndex(each => Math.abs(each - x) <= GRIP);
  const placeAt = ({ y }: ISpot) => Math.min(1, Math.max(0, (bottom - y) / (bottom - TOP)));
  const itemAt = (at: ISpot) => {
    const found = nearestLine(
      at,
      xs,
      active ? ys.map((y, i) => (active.has(i) ? y : [])) : ys,
      REACH
    );
    return at.y < TOP - REACH ? undefined : found;
  };
  const brushed = (at: ISpot, { column, from }: IDrag): Brushes => {
    const { name } = columns[column]!;
    const brush: Brush = between(columns[column]!, axes[column]!, from, placeAt(at));
    return withBrush(brushes, name, brush);
  };
  const onPointerDown = (at: ISpot, event: React.PointerEvent) => {
    const column = event.button === 0 ? axisAt(at) : -1;
    if (column >= 0) {
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      drag.current = { column, from: placeAt(at), moved: false };
      setHovered(undefined);
    }
  };
  const onPointerMove = (at: ISpot) => {
    if (!drag.current) {
      const item = axisAt(at) < 0 ? itemAt(at) : undefined;
      setHovered(item === undefined ? undefined : { item, at });
      return;
    }
    drag.current.moved ||= Math.abs(placeAt(at) - drag.current.from) * (bottom - TOP) > 3;
    if (drag.current.moved) {
      onBrush(brushed(at, drag.current), false);
    }
  };
  const onPointerUp = (at: ISpot, event: React.PointerEvent) => {
    const ended = drag.current;
    drag.current = undefined;
    if (ended) {
      const { name } = columns[ended.column]!;
      onBrush(ended.moved ? brushed(at, ended) : withBrush(brushes, name, undefined), true);
    } else if (event.button === 0 && hovered) {
      props.onOpen(items.names[hovered.item]!);
    }
  };
  const onPointerCancel = () => {
    if (drag.current) {
      drag.current = undefined;
      onBrush(brushes, true);
    }
  };
  const tip: ITip | undefined = hovered && {
    at: hovered.at,
    head: items.names[hovered.item]!,
    lines: linesOf(items, columns, hovered.item)
  };
  const over = hovered?.item;
  const best =
    props.best !== undefined && (!active || active.has(props.best)) ? props.best : undefined;
  return (
    <ChartFrame
      trans={trans}
      title={title}
      fileName={fileName}
      png={() => svgPng(svg.current, title)}
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
      <div className="jp-Kubeflow-parallel">
        <Surface
          description={props.description}
          height={height}
          minWidth={LEFT + RIGHT + APART * (columns.length - 1)}
          tip={tip}
          svg={svg}
          onWidth={setWidth}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={onPointerCancel}
          onPointerLeave={() => setHovered(undefined)}
        >
          <Shades trans={trans} column={objective} ranks={ranks} hasBest={best !== undefined} />
          <ParallelLines {...layout} ranks={ranks} active={active} />
          {best !== undefined && <path className="jp-mod-best" d={lineThrough(xs, ys[best]!)} />}
          {over !== undefined && <path className="jp-mod-over" d={lineThrough(xs, ys[over]!)} />}
          {columns.map((column, index) => (
            <ParallelAxis
              key={column.name}
              column={column}
              axis={axes[index]!}
              x={xs[index]!}
              top={TOP}
              bottom={bottom}
              width={columns.length > 1 ? xs[1]! - xs[0]! : LEFT}
              note={column.better && betterWords(column.better, trans)}
              brush={brushes.get(column.name)}
            />
          ))}
        </Surface>
      </div>
    </ChartFrame>
  );
}

/** What the colours mean: the values of the worst and the best item at their ends. */
function Shades(props: {
  trans: TranslationBundle;
  column: IColumn;
  ranks: Float64Array;
  /** Whether the best one is drawn above all others. */
  hasBest: boolean;
}): JSX.Element | null {
  const { trans, column, ranks, hasBest } = props;
  const ends = useMemo(() => {
    const ranked = [...ranks.keys()].filter(item => !Number.isNaN(ranks[item]!));
    ranked.sort((one, other) => ranks[one]! - ranks[other]!);
    return [ranked[0], ranked[ranked.length - 1]].map(item =>
      item === undefined ? '' : formatNumber(column.values[item]!)
    );
  }, [column, ranks]);
  if (ends[0] === '') {
    return null;
  }
  const box = 9;
  const worst = trans.__('%1: %2 worse', column.name, ends[0]!);
  const left = 14 + worst.length * CHARACTER;
  const words = trans.__('better → %1', ends[1]!);
  const end = SHADES * box + 6 + words.length * CHARACTER;
  return (
    <g className="jp-Kubeflow-shades" transform={`translate(${left} 6)`}>
      <text x={-6} y={9} textAnchor="end">
        {worst}
      </text>
      {Array.from({ length: SHADES }, (_, shade) => (
        <rect
          key={shade}
          x={shade * box}
          width={box}
          height={10}
          style={{ fill: colourOf(shade) }}
        />
      ))}
      <text x={SHADES * box + 6} y={9}>
        {words}
      </text>
      {hasBest && (
        <g transform={`translate(${end + 16} 0)`}>
          <path className="jp-mod-best" d="M0 5H18" />
          <text x={24} y={9}>
            {trans.__('the best')}
          </text>
        </g>
      )}
    </g>
  );
}
