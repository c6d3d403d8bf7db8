/** What stands beside the pointer over a chart. */
import type { IDrawn } from './draw';
import { lookOf } from './lines';
import { pointAt } from './series';
import type { IColours } from './theme';
import { formatExactly } from './units';

/** A point at the place that is pointed to, as ECharts gives it. */
export interface IPoint {
  seriesName: string;
  color: string;
  value: ArrayLike<number>;
}

/**
 * The exact values at one place of the x axis; of a line without a point there its last one before, with its place. Elements, so that no
 * name is ever read as HTML.
 */
export function tooltip(points: readonly IPoint[], drawn: IDrawn, colours: IColours): HTMLElement {
  const { x, y, series, places, locale } = drawn;
  const node = document.createElement('div');
  node.className = 'jp-Kubeflow-chart-tooltip';
  const line = (text: string, colour?: string) => {
    const each = node.appendChild(document.createElement('div'));
    if (colour) {
      const mark = each.appendChild(document.createElement('span'));
      mark.className = 'jp-Kubeflow-chart-mark';
      mark.style.background = colour;
    }
    each.append(text);
  };
  const at = points[0]?.value[0];
  if (at !== undefined) {
    line(`${x.label}: ${formatExactly(at, x.unit, locale)}`);
  }
  series.forEach((each, index) => {
    const here = points.filter(
      ({ seriesName, value }) => seriesName === each.name && Number.isFinite(value[1])
    );
    for (const { color, value } of here) {
      line(`${each.name}: ${formatExactly(value[1]!, y.unit, locale)}`, color);
    }
    const earlier = here.length === 0 && at !== undefined ? pointAt(each, at) : undefined;
    if (earlier) {
      const value = formatExactly(earlier.y, y.unit, locale);
      const color = colours.lines[lookOf(places[index] ?? index).variable];
      const place = earlier.x === at ? '' : ` (${formatExactly(earlier.x, x.unit, locale)})`;
      line(`${each.name}: ${value}${place}`, color);
    }
  });
  return node;
}
