import type { TranslationBundle } from '@jupyterlab/translation';
import { useRef, useState } from 'react';

import { formatNumber } from '../format';
import { ChartFrame } from './chartFrame';
import { ChartTable } from './chartTable';
import { csv } from './csv';
import { Surface } from './surface';
import { svgPng } from './svgImage';
import { fitting } from './words';

const ROW = 24;
const VALUE = 56;

/** Parts of a whole as bars, in the order given. */
export function BarChart(props: {
  trans: TranslationBundle;
  title: string;
  /** The chart in words. */
  description: string;
  /** What a bar is of, and what its length is. */
  labels: readonly [name: string, value: string];
  /** From 0 to 1. */
  bars: readonly { readonly name: string; readonly value: number }[];
  fileName: string;
}): JSX.Element {
  const { trans, title, labels, bars, fileName } = props;
  const [width, setWidth] = useState(0);
  const svg = useRef<SVGSVGElement>(null);
  const height = Math.max(1, bars.length) * ROW + 8;
  const left = Math.min(200, width / 3);
  const most = Math.max(0, ...bars.map(({ value }) => value)) || 1;
  return (
    <ChartFrame
      trans={trans}
      title={title}
      fileName={fileName}
      png={() => svgPng(svg.current, title)}
      csv={() => csv([labels, ...bars.map(({ name, value }) => [name, String(value)])])}
      table={() => (
        <ChartTable
          title={title}
          columns={labels}
          count={bars.length}
          cells={row => [bars[row]!.name, String(bars[row]!.value)]}
          height={height + ROW}
        />
      )}
    >
      <Surface
        description={props.description}
        height={height}
        tip={undefined}
        svg={svg}
        onWidth={setWidth}
      >
        {bars.map(({ name, value }, index) => (
          <g key={name} transform={`translate(0 ${index * ROW + 4})`}>
            <title>{`${name}: ${value}`}</title>
            <text className="jp-mod-label" x={left - 8} y={ROW / 2} dy="0.32em">
              {fitting(name, left - 8)}
            </text>
            <rect
              className="jp-mod-bar"
              x={left}
              y={4}
              width={Math.max(1, ((width - left - VALUE) * value) / most)}
              height={ROW - 8}
            />
            <text
              className="jp-mod-value"
              x={left + ((width - left - VALUE) * value) / most + 6}
              y={ROW / 2}
              dy="0.32em"
            >
              {formatNumber(value)}
            </text>
          </g>
        ))}
      </Surface>
    </ChartFrame>
  );
}
