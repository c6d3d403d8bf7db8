import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo, useRef, useState } from 'react';

import { localeOf } from '../format';
import { TextButton } from '../viewState';
import { ChartFrame } from './chartFrame';
import { ChartTable } from './chartTable';
import { csvOf } from './csv';
import { describe } from './describe';
import { lookOf } from './lines';
import { type IPlot, Plot } from './plot';
import { pngOf } from './png';
import { type IAxis, type ISeries, rowsOf } from './series';
import { coloursOf } from './theme';
import { formatExactly } from './units';

/** What a line chart shows. */
export interface ILineChartProps {
  trans: TranslationBundle;
  title: string;
  x: IAxis;
  y: IAxis;
  /** The same array as long as nothing has changed. */
  series: readonly ISeries[];
  /** The limits of the y axis where they are known beforehand. */
  limits?: readonly [number, number];
  /** Of the plot, in CSS pixels. */
  height?: number;
  /** What downloaded files are called, without the ending. */
  fileName: string;
}

/**
 * Lines over time or steps, with exact values on hover, zoom by dragging or keys, lines switched off and on by their names, the same numbers
 * as a table, and downloads as PNG and CSV.
 */
export function LineChart(props: ILineChartProps): JSX.Element {
  const { trans, title, x, y, series, limits, height = 220, fileName } = props;
  const locale = localeOf(trans);
  const [zoomed, setZoomed] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const plot = useRef<IPlot>(null);
  const figure = useRef<HTMLElement>(null);

  const shown = useMemo(() => series.filter(({ name }) => !hidden.has(name)), [series, hidden]);
  const drawn = useMemo(
    () => ({
      x,
      y,
      series: shown,
      places: shown.map(each => series.indexOf(each)),
      limits,
      locale
    }),
    // Axes and limits are made anew at each render.
    [shown, x.label, x.unit, y.label, y.unit, limits?.[0], limits?.[1], locale]
  );
  const description = useMemo(
    () => describe({ title, x, y, series: shown }, trans, locale),
    [drawn, title]
  );
  const toggle = (name: string) =>
    setHidden(names => {
      const next = new Set(names);
      if (!next.delete(name)) {
        next.add(name);
      }
      return next;
    });
  const png = () => {
    const svg = plot.current?.svg();
    if (!svg || !figure.current) {
      return undefined;
    }
    const colours = coloursOf(figure.current);
    const lines = shown.map((each, index) => ({
      name: each.name,
      color: colours.lines[lookOf(drawn.places[index]!).variable]!
    }));
    return pngOf(svg, { ...colours, title, lines });
  };
  return (
    <ChartFrame
      trans={trans}
      title={title}
      fileName={fileName}
      onSwitch={() => setZoomed(false)}
      png={png}
      csv={() => csvOf(x, series)}
      figure={figure}
      tools={
        zoomed && (
          <TextButton onClick={() => plot.current?.showAll()}>{trans.__('Show all')}</TextButton>
        )
      }
      above={
        series.length > 1 && (
          <Legend trans={trans} series={series} hidden={hidden} onToggle={toggle} />
        )
      }
      table={() => <Values {...props} series={shown} height={height} />}
    >
      <Plot
        trans={trans}
        drawn={drawn}
        description={description}
        height={height}
        onZoom={setZoomed}
        handle={plot}
      />
    </ChartFrame>
  );
}

/** All numbers of the lines. */
function Values(props: ILineChartProps & { height: number }): JSX.Element {
  const { trans, title, x, y, series, height } = props;
  const locale = localeOf(trans);
  const rows = useMemo(() => rowsOf(series), [series]);
  return (
    <ChartTable
      title={title}
      columns={[x.label, ...series.map(({ name }) => name)]}
      count={rows.length}
      cells={index => {
        const row = rows[index]!;
        const exact = (value: number | undefined) =>
          value === undefined ? '' : formatExactly(value, y.unit, locale);
        return [formatExactly(row.x, x.unit, locale), ...row.values.map(exact)];
      }}
      height={height}
    />
  );
}

/** The lines by name, each a switch. */
function Legend(props: {
  trans: TranslationBundle;
  series: readonly ISeries[];
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
}): JSX.Element {
  const { series, hidden, onToggle } = props;
  return (
    <div className="jp-Kubeflow-chart-legend" role="group" aria-label={props.trans.__('Lines')}>
      {series.map(({ name }, index) => (
        <button
          key={name}
          type="button"
          className="jp-Kubeflow-chart-line"
          aria-pressed={!hidden.has(name)}
          title={name}
          onClick={() => onToggle(name)}
        >
          <Mark place={index} />
          {name}
        </button>
      ))}
    </div>
  );
}

/** A line's look. */
function Mark(props: { place: number }): JSX.Element {
  const { variable, dash } = lookOf(props.place);
  return (
    <svg aria-hidden width="18" height="8">
      <line
        x1="1"
        y1="4"
        x2="17"
        y2="4"
        style={{ stroke: `var(${variable})` }}
        strokeWidth="2"
        strokeDasharray={{ solid: undefined, dashed: '5 3', dotted: '2 2' }[dash]}
      />
    </svg>
  );
}
