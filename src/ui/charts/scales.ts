/** Where values stand on an axis of its own kind: linear, logarithmic, or one place a category. Pure. */
import { formatNumber } from '../format';

/** A labelled place of an axis. */
export interface ITick {
  /** From 0, where the axis begins, to 1, where it ends. */
  place: number;
  label: string;
}

/** An axis from 0 to 1. */
export interface IAxisScale {
  /** Where a value stands; NaN for one that has no place, such as zero on a logarithmic axis. Of a category its index is the value. */
  place(value: number): number;
  /** What stands at a place; between categories a fraction. */
  value(place: number): number;
  ticks: readonly ITick[];
}

/** About so many ticks. */
const TICKS = 5;
/** Into about so many parts an axis is cut to find round numbers for its ends: the outermost values stay in its first and its last tenth. */
const PARTS = 20;

/**
 * A linear axis.
 * @param nice - moves its ends outwards to round numbers, so that a new value seldom moves the others
 * @param whole - has ticks at whole numbers only
 */
export function linearScale(
  limits: readonly [number, number],
  { nice = false, whole = false }: { nice?: boolean; whole?: boolean } = {}
): IAxisScale {
  let [low, high] = apart(limits);
  const step = Math.max(stepOf((high - low) / TICKS), whole ? 1 : 0);
  if (nice) {
    const part = stepOf((high - low) / PARTS);
    low = Math.floor(low / part + 1e-9) * part;
    high = Math.ceil(high / part - 1e-9) * part;
  }
  const place = (value: number) => (value - low) / (high - low);
  const ticks: ITick[] = [];
  const last = Math.floor(high / step + 1e-9);
  for (let count = Math.ceil(low / step - 1e-9); count <= last; count += 1) {
    // Of a sum of steps, the digits beyond those of the step are noise.
    const value = Number((count * step).toPrecision(12));
    ticks.push({ place: place(value), label: labelOf(value, step) });
  }
  return { place, value: at => low + at * (high - low), ticks };
}

/** A logarithmic axis. Both limits are above zero. */
export function logScale(limits: readonly [number, number]): IAxisScale {
  const [low, high] = apart([Math.log10(limits[0]), Math.log10(limits[1])]);
  const place = (value: number) => (value > 0 ? (Math.log10(value) - low) / (high - low) : NaN);
  const decades = high - low;
  const multiples = decades < 2.5 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / (TICKS + 2)));
  const ticks: ITick[] = [];
  for (let power = Math.floor(low); power <= high; power += 1) {
    for (const multiple of power % every === 0 ? multiples : []) {
      const value = Number(`${multiple}e${power}`);
      const at = place(value);
      if (at >= -1e-9 && at <= 1 + 1e-9) {
        ticks.push({ place: at, label: formatNumber(value) });
      }
    }
  }
  return { place, value: at => 10 ** (low + at * (high - low)), ticks };
}

/** An axis with an equal part for each category, which stands in its middle. */
export function categoryScale(categories: readonly string[]): IAxisScale {
  const count = Math.max(1, categories.length);
  const place = (index: number) => (index + 0.5) / count;
  return {
    place,
    value: at => at * count - 0.5,
    ticks: categories.map((label, index) => ({ place: place(index), label }))
  };
}

/** A value at a tick, with the digits that tell it from the next one. */
function labelOf(value: number, step: number): string {
  return Math.abs(value) < 999 * step ? formatNumber(value) : String(value);
}

/** Those of the ticks that are far enough apart on an axis of so many pixels. */
export function thinned(ticks: readonly ITick[], length: number, apart: number): readonly ITick[] {
  let last = -Infinity;
  return ticks.filter(({ place }) => {
    const isFar = place * length - last >= apart;
    last = isFar ? place * length : last;
    return isFar;
  });
}

/** Limits that differ. */
function apart([low, high]: readonly [number, number]): [number, number] {
  const half = low === high ? Math.abs(low) / 10 || 0.5 : 0;
  return [low - half, high + half];
}

/** The step of 1, 2, 5 or 10 times a power of ten that is, as a factor, nearest to this one. */
function stepOf(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const times = rough / power;
  return power * (times >= 50 ** 0.5 ? 10 : times >= 10 ** 0.5 ? 5 : times >= 2 ** 0.5 ? 2 : 1);
}
