/** From what trials reported to lines, one a trial. Pure. */
import { type ISeries as ILine, seriesOf } from '../../ui/charts/series';
import { countsSteps } from '../../ui/charts/steps';
import type { IReading, ISeries } from './props';

/** Over what curves are drawn: the count of values, the seconds since the trial's first one, or a metric that counts steps. */
export type Over =
  | { readonly kind: 'count' }
  | { readonly kind: 'time' }
  | { readonly kind: 'step'; readonly name: string };

/** A trial and what is known of its metrics. */
export interface IKnownTrial {
  readonly name: string;
  readonly series: ISeries;
}

/** The metrics that these trials reported, those named first before the others; those that count steps are none. */
export function metricsOf(trials: readonly IKnownTrial[], first: readonly string[]): string[] {
  const found = new Set(first);
  for (const { series } of trials) {
    Object.keys(series.metrics).forEach(name => found.add(name));
  }
  return [...found].filter(
    name => !countsSteps(name) && trials.some(({ series }) => hasNumbers(series.metrics[name]))
  );
}

/** Over what the curves of these trials can be drawn, the count of values first. */
export function oversOf(trials: readonly IKnownTrial[]): Over[] {
  const steps = new Set<string>();
  let timed = false;
  for (const { series } of trials) {
    for (const [name, readings] of Object.entries(series.metrics)) {
      timed ||= isTimed(readings);
      if (countsSteps(name) && hasNumbers(readings)) {
        steps.add(name);
      }
    }
  }
  return [
    { kind: 'count' },
    ...(timed ? [{ kind: 'time' } as const] : []),
    ...[...steps].map(name => ({ kind: 'step', name }) as const)
  ];
}

/** The lines of a metric; trials that have no value of it with a place are left out. */
export function linesOf(trials: readonly IKnownTrial[], metric: string, over: Over): ILine[] {
  return trials.flatMap(({ name, series }) => {
    const readings = series.metrics[metric] ?? [];
    const places = placesOf(series, readings, over);
    const drawn = readings.flatMap(({ value }, index) => {
      const x = places[index]!;
      return Number.isFinite(x) ? [{ x, y: value }] : [];
    });
    return drawn.length === 0
      ? []
      : [
          seriesOf(
            name,
            Float64Array.from(drawn, ({ x }) => x),
            Float64Array.from(drawn, ({ y }) => y)
          )
        ];
  });
}

/** Where each reading of a metric stands; NaN where that is not known. */
function placesOf(series: ISeries, readings: readonly IReading[], over: Over): number[] {
  if (over.kind === 'count') {
    return readings.map((_, index) => index + 1);
  }
  if (over.kind === 'time') {
    const began = Math.min(...Object.values(series.metrics).map(each => each[0]?.time ?? Infinity));
    return readings.map(({ time }) => (isTimed(readings) ? (time - began) / 1000 : NaN));
  }
  const steps = series.metrics[over.name] ?? [];
  if (steps.length === readings.length) {
    return steps.map(({ value }) => value);
  }
  // What was reported more or less often than the steps stands at the last one before it.
  let next = 0;
  return readings.map(({ time }) => {
    while (next < steps.length && steps[next]!.time <= time) {
      next += 1;
    }
    return steps[next - 1]?.value ?? NaN;
  });
}

/** Whether readings have times of their own; a collector that found none in a log writes one for all. */
function isTimed(readings: readonly IReading[]): boolean {
  const [first, last] = [readings[0], readings[readings.length - 1]];
  return first !== undefined && first.time > 0 && first.time < last!.time;
}

function hasNumbers(readings: readonly IReading[] | undefined): boolean {
  return readings !== undefined && readings.some(({ value }) => Number.isFinite(value));
}
