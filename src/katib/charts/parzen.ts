/** Where on a grid values lie, smoothed: the estimator of PED-ANOVA. Pure. */
import { normalBetween } from './normal';

/** How many values stand on each place of a grid. */
export type Counts = Float64Array;

/** The weight of the assumption, made beforehand, that every place is as likely. */
const PRIOR = 1;
/** The narrowest kernel: nine tenths of it lie on its own place. */
const NARROWEST = 0.5 / 1.64;

/**
 * The probability of each place of a grid of numbers: a normal kernel, cut off at the ends of the grid, on each place that has values, as
 * wide as Scott's rule has it, and a wide one over the middle for the assumption made beforehand.
 */
export function densityOfNumbers(counts: Counts): Float64Array {
  const size = counts.length;
  const places = [...counts.keys()].filter(place => counts[place]! > 0);
  const total = sum(counts);
  const width = Math.max(scott(places, counts, total), NARROWEST);
  const density = new Float64Array(size);
  const add = (mean: number, deviation: number, weight: number, parts: (at: number) => number) => {
    const all = normalBetween(-0.5, size - 0.5, mean, deviation);
    for (let place = 0; place < size; place += 1) {
      density[place]! += (weight * parts(place - mean)) / all / (total + PRIOR);
    }
  };
  // The kernels are as wide as one another: what of each lies so many places away is worked out once for them all.
  const away = Float64Array.from({ length: size }, (_, at) => partOf(at, width));
  for (const place of places) {
    add(place, width, counts[place]!, at => away[Math.abs(at)]!);
  }
  add((size - 1) / 2, size, PRIOR, at => partOf(at, size));
  return density;
}

/** What of a normal kernel lies on the place so far from its middle. */
function partOf(at: number, deviation: number): number {
  return normalBetween(at - 0.5, at + 0.5, 0, deviation);
}

/** The probability of each category: what was counted, and a share for the assumption made beforehand. */
export function densityOfCategories(counts: Counts): Float64Array {
  const size = counts.length;
  const total = sum(counts);
  // Each category that occurs is a kernel, which gives every category a share of the assumption.
  const kernels = counts.filter(each => each > 0).length + 1;
  const share = PRIOR / kernels;
  return counts.map(
    count =>
      (total * share + count) / (1 + size * share) / (total + PRIOR) +
      PRIOR / size / (total + PRIOR)
  );
}

/** The width of a kernel by Scott's rule, from the deviation or, where that is less, the range between the quartiles. */
function scott(places: readonly number[], counts: Counts, total: number): number {
  let mean = 0;
  let below = 0;
  const upTo = places.map(place => {
    mean += (place * counts[place]!) / total;
    return (below += counts[place]!);
  });
  const squares = places.reduce((all, place) => all + (place - mean) ** 2 * counts[place]!, 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const first = upTo.findIndex(each => each >= Math.floor(total / 4));
  const third = upTo.findIndex(each => each > Math.floor((total * 3) / 4));
  const last = places.length - 1;
  const range = places[third < 0 ? last : third]! - places[first]!;
  return 1.059 * Math.min(range / 1.34, deviation) * total ** -0.2;
}

function sum(counts: Counts): number {
  return counts.reduce((all, each) => all + each, 0);
}
