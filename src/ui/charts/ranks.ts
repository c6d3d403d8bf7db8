/** How good values are among each other. Pure. */

/**
 * From 0, the worst, to 1, the best; equal values have the same rank, in the middle of those that they share; NaN for what is no number.
 * A value alone is the best.
 */
export function ranksOf(values: Float64Array, better: 'higher' | 'lower'): Float64Array {
  const order = Array.from(values.keys()).filter(index => Number.isFinite(values[index]!));
  const sign = better === 'higher' ? 1 : -1;
  order.sort((one, other) => sign * (values[one]! - values[other]!));
  const ranks = new Float64Array(values.length).fill(NaN);
  const last = order.length - 1;
  for (let from = 0; from <= last;) {
    let to = from;
    while (to < last && values[order[to + 1]!] === values[order[from]!]) {
      to += 1;
    }
    for (let at = from; at <= to; at += 1) {
      ranks[order[at]!] = last === 0 ? 1 : (from + to) / 2 / last;
    }
    from = to + 1;
  }
  return ranks;
}

/** So many colours ranks are drawn in. */
export const SHADES = 12;

/** The colour of a rank, from 0 to `SHADES` - 1; -1 for none. */
export function shadeOf(rank: number): number {
  return Number.isNaN(rank) ? -1 : Math.min(SHADES - 1, Math.floor(rank * SHADES));
}
