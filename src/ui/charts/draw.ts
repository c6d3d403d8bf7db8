/**
 * Draws lines with Apache ECharts. This module is the only one that imports it, and is itself only imported when a chart is shown.
 *
 * It draws SVG: that stays sharp at any zoom of the browser, needs no canvas in tests, and costs little, since a line never has more points
 * than the chart has pixels (ECharts' `sampling`, LTTB).
 */
import { LineChart } from 'echarts/charts';
import {
  DataZoomInsideComponent,
  GridComponent,
  ToolboxComponent,
  TooltipComponent
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { EChartsOption, LineSeriesOption } from 'echarts';

import { oncePerFrame } from './frames';
import { type ILineLook, lookOf } from './lines';
import { extent, type IAxis, type ISeries, showsZero, thinned } from './series';
import { coloursOf, type IColours } from './theme';
import { type IPoint, tooltip } from './tooltip';
import { linearScale } from './scales';
import { formatTick, scaleOf } from './units';

use([
  LineChart,
  GridComponent,
  TooltipComponent,
  DataZoomInsideComponent,
  ToolboxComponent,
  SVGRenderer
]);

/** What is drawn. */
export interface IDrawn {
  x: IAxis;
  y: IAxis;
  series: readonly ISeries[];
  /** The place of each line, of which its look follows. */
  places: readonly number[];
  /** The limits of the y axis where they are known beforehand. */
  limits?: readonly [number, number];
  locale?: string;
}

/** How much is shown on either side of a single place: half a minute, or half a step. */
const AROUND = { time: 30_000, other: 0.5 };

/** Lines of at most so many points show each of them. */
const MARKED = 40;

/** Lines in an element of the page. */
export class Drawing {
  /** `onZoom` is told whether the chart shows a part of its x axis only. */
  constructor(
    private readonly node: HTMLElement,
    onZoom: (zoomed: boolean) => void
  ) {
    this.chart = init(node, null, { renderer: 'svg' });
    this.chart.on('datazoom', () => {
      const { start, end } = this.window();
      onZoom(start > 0 || end < 100);
      this.chart.setOption({ series: this.lines() });
    });
  }

  /** Draws this in place of what was drawn, in the size of the element; what part of the x axis is shown stays. */
  update(drawn: IDrawn): void {
    const colours = coloursOf(this.node);
    this.drawn = { drawn, colours };
    const { clientWidth, clientHeight } = this.node;
    if (clientWidth !== this.chart.getWidth() || clientHeight !== this.chart.getHeight()) {
      this.chart.resize();
    }
    const option = { ...optionOf(drawn, colours), series: this.lines() };
    this.chart.setOption(option, { replaceMerge: ['series'] });
    if (!this.aimed) {
      this.aimed = true;
      this.aim.request();
    }
  }

  /** Shows a part of what is shown (`factor` below 1) or more than that, `shift` of its width further on. */
  zoom(factor: number, shift = 0): void {
    const { start, end } = this.window();
    const width = Math.min(100, (end - start) * factor);
    const middle = (start + end) / 2 + shift * (end - start);
    const from = Math.min(100 - width, Math.max(0, middle - width / 2));
    this.chart.dispatchAction({ type: 'dataZoom', start: from, end: from + width });
  }

  /** Shows the whole x axis. */
  showAll(): void {
    this.chart.dispatchAction({ type: 'dataZoom', start: 0, end: 100 });
  }

  /** The chart as an SVG document, and its size in CSS pixels. */
  svg(): { url: string; width: number; height: number } {
    return {
      url: this.chart.getDataURL({ type: 'svg', excludeComponents: ['toolbox'] }),
      width: this.chart.getWidth(),
      height: this.chart.getHeight()
    };
  }

  dispose(): void {
    this.aim.cancel();
    this.chart.dispose();
  }

  private window(): { start: number; end: number } {
    // There is none before the first drawing.
    const option = this.chart.getOption() as
      { dataZoom?: { start?: number; end?: number }[] } | undefined;
    const dataZoom = option?.dataZoom;
    return { start: dataZoom?.[0]?.start ?? 0, end: dataZoom?.[0]?.end ?? 100 };
  }

  /** The lines with as many points as can be told apart in what is shown: ECharts is slow with very many. */
  private lines(): LineSeriesOption[] {
    const { drawn, colours } = this.drawn!;
    const { start, end } = this.window();
    const [low, high] = extent(drawn.series.map(({ x }) => x)) ?? [0, 0];
    const part = [start, end].map(percent => low + ((high - low) * percent) / 100);
    return drawn.series.map((each, index) =>
      lineOf(
        {
          ...thinned(each, [part[0]!, part[1]!], Math.max(1, this.chart.getWidth())),
          breaks: each.breaks
        },
        lookOf(drawn.places[index] ?? index),
        colours,
        each.x.length <= MARKED
      )
    );
  }

  private drawn: { drawn: IDrawn; colours: IColours } | undefined;
  private readonly chart: ReturnType<typeof init>;
  private aimed = false;
  /** Dragging over the chart chooses the part to show. The chart is drawn anew for that, so it is said once, in a frame of its own. */
  private readonly aim = oncePerFrame(() =>
    this.chart.dispatchAction({
      type: 'takeGlobalCursor',
      key: 'dataZoomSelect',
      dataZoomSelectActive: true
    })
  );
}

function optionOf(drawn: IDrawn, colours: IColours): EChartsOption {
  const { x, y, series, limits, locale } = drawn;
  const places = extent(series.map(each => each.x));
  const across = scaleOf(x.label, x.unit, places?.[1] ?? 0);
  const range = limits ?? extent(series.map(each => each.y));
  const up = scaleOf(y.label, y.unit, range?.[1] ?? 0);
  const [left, right] = around(places, x.unit);
  // Between steps there is nothing to be told.
  const steps = x.unit === 'number' && series.every(each => each.x.every(Number.isInteger));
  const stepTick = (value: number) => (Number.isInteger(value) ? across.tick(value) : '');
  const [bottom, top] = limits ?? beside(range, y.unit);
  const axis = {
    nameLocation: 'middle',
    nameTextStyle: { color: colours.quiet },
    axisLine: { show: true, lineStyle: { color: colours.grid } },
    axisTick: { lineStyle: { color: colours.grid } },
    axisLabel: { color: colours.quiet, hideOverlap: true }
  } as const;
  return {
    animation: false,
    textStyle: { fontFamily: colours.font, fontSize: colours.fontSize, color: colours.text },
    grid: { left: 44, right: 30, top: 12, bottom: 44 },
    xAxis: {
      ...axis,
      type: x.unit === 'time' ? 'time' : 'value',
      name: across.title,
      nameGap: 26,
      min: left,
      max: right,
      minInterval: steps ? 1 : 0,
      splitLine: { show: false },
      axisLabel: {
        ...axis.axisLabel,
        // A time of day is longer than the margin: the last ends where the axis does.
        ...(x.unit === 'time'
          ? { alignMaxLabel: 'right', formatter: (value: number) => formatTick(value, locale) }
          : { formatter: steps ? stepTick : across.tick })
      }
    },
    yAxis: {
      ...axis,
      type: 'value',
      name: up.title,
      nameGap: 40,
      scale: !showsZero(y.unit, range),
      splitLine: { lineStyle: { color: colours.grid, opacity: 0.5 } },
      axisLabel: { ...axis.axisLabel, formatter: up.tick },
      min: bottom,
      max: top
    },
    dataZoom: [
      { type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false, moveOnMouseWheel: false }
    ],
    toolbox: {
      itemSize: 0,
      showTitle: false,
      left: -100,
      feature: { dataZoom: { yAxisIndex: 'none', brushStyle: { color: colours.grid } } }
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: colours.background,
      borderColor: colours.grid,
      textStyle: { color: colours.text, fontFamily: colours.font, fontSize: colours.fontSize },
      axisPointer: { lineStyle: { color: colours.quiet } },
      formatter: points => tooltip(points as unknown as IPoint[], drawn, colours)
    }
  };
}

/** The ends of the x axis: those of the data, which of a single place would be days or tens apart. */
function around(places: readonly [number, number] | undefined, unit: IAxis['unit']) {
  if (!places || places[0] < places[1]) {
    return ['dataMin', 'dataMax'] as const;
  }
  const half = unit === 'time' ? AROUND.time : AROUND.other;
  return [places[0] - half, places[0] + half] as const;
}

/** The ends of the y axis where all values are one that is far from zero; `null` leaves them to the chart. */
function beside(range: readonly [number, number] | undefined, unit: IAxis['unit']) {
  if (!range || range[0] < range[1] || showsZero(unit, range)) {
    // Left out, the ends of an earlier drawing would stay.
    return [null as unknown as undefined, null as unknown as undefined] as const;
  }
  const { value } = linearScale(range, { nice: true });
  // Of a sum of steps, the digits beyond those of the step are noise, which ECharts does not take.
  const end = (place: number) => Number(value(place).toPrecision(12));
  return [end(0), end(1)] as const;
}

function lineOf(
  { name, x, y, breaks = [] }: ISeries,
  { variable, dash, symbol }: ILineLook,
  colours: IColours,
  marked: boolean
): LineSeriesOption {
  const color = colours.lines[variable];
  const data = new Float64Array(2 * (x.length + breaks.length));
  let length = 0;
  const push = (place: number, value: number) => {
    data[length] = place;
    data[length + 1] = value;
    length += 2;
  };
  let next = 0;
  for (let index = 0; index < x.length; index += 1) {
    for (; next < breaks.length && breaks[next]! <= x[index]!; next += 1) {
      if (index > 0) {
        push(breaks[next]!, NaN);
      }
    }
    const value = y[index]!;
    push(x[index]!, Number.isFinite(value) ? value : NaN);
  }
  return {
    id: name,
    name,
    type: 'line',
    data: data.slice(0, length) as unknown as number[],
    dimensions: ['x', 'y'],
    sampling: 'lttb',
    showSymbol: marked,
    symbol,
    symbolSize: 5,
    lineStyle: { color, type: dash, width: 1.5 },
    itemStyle: { color },
    emphasis: { disabled: true }
  };
}
