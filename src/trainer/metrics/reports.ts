/** What a training has reported, by metric: grows at its end only. */
import type { ITrainerReport } from '../../client/kubernetes/trainerReports';

/** The values of one metric. */
export interface IMetric {
  name: string;
  /** Which report each value is of. */
  at: number[];
  /** NaN for a text that is no number. */
  values: number[];
  /** The last value as it was reported. */
  last: string;
}

/** Reports in the order in which they arrived. */
export class Reports {
  /** When each was made, in milliseconds since the epoch. */
  readonly times: number[] = [];
  /** From 0 to 100; NaN where a report has none. */
  readonly progress: number[] = [];
  readonly metrics = new Map<string, IMetric>();
  /** The last one. */
  last: ITrainerReport | undefined;

  /** How many there are. */
  get count(): number {
    return this.times.length;
  }

  /** Adds reports; those without a time that can be read are left out. */
  add(reports: Iterable<ITrainerReport>): void {
    for (const report of reports) {
      const time = Date.parse(report.time);
      if (Number.isNaN(time)) {
        continue;
      }
      const index = this.times.push(time) - 1;
      this.progress.push(report.progressPercentage ?? NaN);
      this.last = report;
      for (const [name, value] of Object.entries(report.metrics)) {
        let metric = this.metrics.get(name);
        if (!metric) {
          this.metrics.set(name, (metric = { name, at: [], values: [], last: value }));
        }
        metric.at.push(index);
        metric.values.push(numberOf(value));
        metric.last = value;
      }
    }
  }
}

/** The number that a reported text stands for, as Python writes numbers (`inf`, `nan`); NaN for other texts. */
export function numberOf(text: string): number {
  const trimmed = text.trim();
  const infinite = /^([+-]?)inf(inity)?$/i.exec(trimmed);
  if (infinite) {
    return infinite[1] === '-' ? -Infinity : Infinity;
  }
  return trimmed === '' ? NaN : Number(trimmed);
}
