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
    const found = summary(each.y);
    if (!found) {
      return trans.__('%1 has no numbers.', each.name);
    }
    const [first, last, low, high] = [found.first, found.last, found.low, found.high].map(value =>
      formatShort(value, y.unit, locale)
    );
    return found.count === 1
      ? trans.__('%1 is %2.', each.name, first!)
      : trans.__(
          '%1 goes from %2 to %3 in %4 values, lowest %5, highest %6.',
          each.name,
          first!,
          last!,
          found.count.toLocaleString(locale),
          low!,
          high!
        );
  });
  const rest = series.length - DESCRIBED;
  return [
    trans.__('%1, line chart over %2 from %3 to %4.', title, x.label.toLowerCase(), from!, to!),
    ...lines,
    ...(rest > 0 ? [trans._n('%1 more line.', '%1 more lines.', rest)] : [])
  ].join(' ');
}

/** What is said of the finite numbers of a line; undefined when there are none. */
function summary(values: Float64Array) {
  let count = 0;
  let first = NaN;
  let last = NaN;
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index]!;
    if (Number.isFinite(value)) {
      first = count === 0 ? value : first;
      last = value;
      low = Math.min(low, value);
      high = Math.max(high, value);
      count += 1;
    }
  }
  return count > 0 ? { count, first, last, low, high } : undefined;
}
