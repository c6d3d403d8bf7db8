import { memo, useMemo } from 'react';

import { lineThrough } from './marks';
import { shadeOf, SHADES } from './ranks';

/** How the lines lie. */
export interface ILineLayout {
  /** Where each axis stands. */
  xs: readonly number[];
  /** Of each item its heights on the axes; NaN where it has none. */
  ys: readonly (readonly number[])[];
}

/** All lines, those of one colour as one path: the worst at the bottom, what is not chosen beneath them all. */
export const ParallelLines = memo(
  (
    props: ILineLayout & {
      /** From 0, the worst, to 1, the best; NaN for an item without a rank. */
      ranks: Float64Array;
      /** The items that are chosen; all when it is left out. */
      active: ReadonlySet<number> | undefined;
    }
  ): JSX.Element => {
    const { xs, ys, ranks, active } = props;
    const paths = useMemo(() => ys.map(each => lineThrough(xs, each)), [xs, ys]);
    const shades = useMemo(() => {
      const found = Array.from({ length: SHADES + 1 }, (): string[] => []);
      const rest: string[] = [];
      paths.forEach((path, item) => {
        (active && !active.has(item) ? rest : found[shadeOf(ranks[item]!) + 1]!).push(path);
      });
      return [rest, ...found].map(each => each.join(''));
    }, [paths, ranks, active]);
    const [rest, none, ...ranked] = shades;
    return (
      <g className="jp-Kubeflow-parallel-lines">
        <path className="jp-mod-rest" d={rest} />
        <path className="jp-mod-none" d={none} />
        {ranked.map((d, shade) => (
          <path key={shade} d={d} style={{ stroke: colourOf(shade) }} />
        ))}
      </g>
    );
  }
);

/** From worst to best, from quiet to strong. */
export function colourOf(shade: number): string {
  const part = Math.round((100 * shade) / (SHADES - 1));
  return `color-mix(in oklab, var(--jp-kubeflow-best) ${part}%, var(--jp-kubeflow-worst))`;
}
