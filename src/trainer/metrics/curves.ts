/** From reports to charts: which metrics belong together, and over what they are drawn. Pure. */
import { type ISeries, seriesOf } from '../../ui/charts/series';
import { countsSteps } from '../../ui/charts/steps';
import type { IMetric, Reports } from './reports';

/** Metrics of one meaning, such as `loss` and `eval_loss`, which are drawn in one chart. */
export interface ICurves {
  /** What they have in common: `loss`. */
  family: string;
  metrics: IMetric[];
}

/** What a training calls its parts, before or after the name of a metric. */
const PARTS = 'train(?:ing)?|eval(?:uation)?|val(?:id(?:ation)?)?|test';
const BEFORE = new RegExp(`^(?:${PARTS})[/_.\\- ](.+)$`, 'i');
const AFTER = new RegExp(`^(.+)[/_.\\- ](?:${PARTS})$`, 'i');

/** The name of a metric without the part of the training that it is of: `loss` for `eval_loss` and `loss/train`. */
export function familyOf(name: string): string {
  return BEFORE.exec(name)?.[1] ?? AFTER.exec(name)?.[1] ?? name;
}

/** The metrics that count steps, over which others can be drawn. */
export function stepsOf(reports: Reports): string[] {
  return [...reports.metrics.values()]
    .filter(({ name, values }) => countsSteps(name) && values.some(Number.isFinite))
    .map(({ name }) => name);
}

/** The metrics that are numbers, by family, in the order in which they were first reported. Those that count steps are none. */
export function curvesOf(reports: Reports): ICurves[] {
  const steps = new Set(stepsOf(reports));
  const found = new Map<string, IMetric[]>();
  for (const metric of reports.metrics.values()) {
    if (!steps.has(metric.name) && metric.values.some(Number.isFinite)) {
      const family = familyOf(metric.name);
      found.set(family, [...(found.get(family) ?? []), metric]);
    }
  }
  return [...found].map(([family, metrics]) => ({ family, metrics }));
}

/** Where each report is on the x axis: at its time, or at the value that it has of a metric that counts steps; NaN without one. */
export function placesOf(reports: Reports, step: string | undefined): readonly number[] {
  if (step === undefined) {
    return reports.times;
  }
  const places = new Array<number>(reports.count).fill(NaN);
  const { at, values } = reports.metrics.get(step) ?? { at: [], values: [] };
  at.forEach((index, each) => {
    places[index] = values[each]!;
  });
  return places;
}

/** A line that is broken where the training did not run, at the moments of its resumptions. */
export function parted(line: ISeries, resumptions: readonly number[]): ISeries {
  return resumptions.length > 0 ? { ...line, breaks: resumptions } : line;
}

/** The line of a metric. Reports that have no place are left out. */
export function lineOf({ name, at, values }: IMetric, places: readonly number[]): ISeries {
  const xs = new Float64Array(at.length);
  const ys = new Float64Array(at.length);
  let length = 0;
  for (let index = 0; index < at.length; index += 1) {
    const x = places[at[index]!]!;
    if (Number.isFinite(x)) {
      xs[length] = x;
      ys[length] = values[index]!;
      length += 1;
    }
  }
  return seriesOf(name, xs.subarray(0, length), ys.subarray(0, length));
}

/** The line of the progress, from 0 to 100. Reports without it are left out. */
export function progressOf(name: string, reports: Reports, places: readonly number[]): ISeries {
  const { count, progress } = reports;
  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  let length = 0;
  for (let index = 0; index < count; index += 1) {
    if (Number.isFinite(places[index]!) && !Number.isNaN(progress[index]!)) {
      xs[length] = places[index]!;
      ys[length] = progress[index]!;
      length += 1;
    }
  }
  return seriesOf(name, xs.subarray(0, length), ys.subarray(0, length));
}
