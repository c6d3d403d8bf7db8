import { memo, useMemo } from 'react';

import { lineThrough } from './marks';
import { shadeOf, SHADES } from './ranks';

/** More lines than this are drawn thinner. */
const MANY = 200;

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
      <g
        className={`jp-Kubeflow-parallel-lines${(active?.size ?? ys.length) > MANY ? ' jp-mod-many' : ''}`}
      >
        <path className="jp-mod-rest" d={rest} />
        <path className="jp-mod-none" d={none} />
        {ranked.map((d, shade) => (
          <path key={shade} d={d} style={{ stroke: colourOf(shade) }} />
        ))}
      </g>
    );
  }
);

/** From worst to best, from quiet to strong: the theme's grey, its blue, and that with the colour of text. */
export function colourOf(shade: number): string {
  const part = (2 * shade) / (SHADES - 1);
  const [from, to] = part < 1 ? ['worst', 'middling'] : ['middling', 'best'];
  const share = Math.round(100 * (part < 1 ? part : part - 1));
  return `color-mix(in oklab, var(--jp-kubeflow-${to}) ${share}%, var(--jp-kubeflow-${from}))`;
}
