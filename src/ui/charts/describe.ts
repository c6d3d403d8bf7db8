/** A chart in words, for who does not see it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { extent, type IAxis, type ISeries } from './series';
import { formatShort } from './units';

/** So many lines are described; the table has all. */
const DESCRIBED = 8;

/** What the lines do: from where to where, how low and how high. */
export function describe(
  chart: { title: string; x: IAxis; y: IAxis; series: readonly ISeries[] },
  trans: TranslationBundle,
  locale?: string
): string {
  const { title, x, y, series } = chart;
  const range = extent(series.map(each => each.x));
  if (!range) {
    return trans.__('%1: no values yet.', title);
  }
  const [from, to] = range.map(value => formatShort(value, x.unit, locale));
  const lines = series.slice(0, DESCRIBED).map(each => {
    const values = each.y.filter(Number.isFinite);
    const limits = extent([values]);
    if (!limits) {
      return trans.__('%1 has no numbers.', each.name);
    }
    const words = [values[0]!, values[values.length - 1]!, ...limits].map(value =>
      formatShort(value, y.unit, locale)
    );
    return values.length === 1
      ? trans.__('%1 is %2.', each.name, words[0]!)
      : trans.__(
          '%1 goes from %2 to %3 in %4 values, lowest %5, highest %6.',
          each.name,
          words[0]!,
          words[1]!,
          values.length.toLocaleString(locale),
          words[2]!,
          words[3]!
        );
  });
  const rest = series.length - DESCRIBED;
  return [
    trans.__('%1, line chart over %2 from %3 to %4.', title, x.label.toLowerCase(), from!, to!),
    ...lines,
    ...(rest > 0 ? [trans._n('%1 more line.', '%1 more lines.', rest)] : [])
  ].join(' ');
}
