/** The metrics of trials over time, from whichever component of the connection has them. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { KatibClient } from '../client/katib';
import { keepsReports, reportsOf } from '../client/kubernetes/trainerReports';
import type { IKubernetes } from '../ui/kubernetes/connection';
import type { IReading, ISeries } from './charts/props';
import type { IStudyRef } from './context';
import type { ITrial } from './model/study';

/** Reads what is known of the metrics of an experiment's trials. Rejects with an `ApiError`. */
export function seriesReader(
  { kind, namespace }: Pick<IStudyRef, 'kind' | 'namespace'>,
  katib: Pick<KatibClient, 'series'>,
  { client }: Pick<IKubernetes, 'client'>,
  trans: TranslationBundle
): (trial: Pick<ITrial, 'name'>) => Promise<ISeries> {
  if (kind === 'Experiment') {
    return async ({ name }) => {
      const found = await katib.series(namespace, name);
      return found.source === 'none'
        ? { source: 'latest', reason: found.reason, metrics: {} }
        : { source: 'history', metrics: byMetric(found.observations) };
    };
  }
  return async ({ name }) => {
    if (!(await keepsReports(client))) {
      return {
        source: 'latest',
        reason: trans.__('Trainer keeps the last report of a training only.'),
        metrics: {}
      };
    }
    const readings: (IReading & { metric: string })[] = [];
    let since: string | undefined;
    for (let more = true; more;) {
      const page = await reportsOf(client, { namespace, name }, since);
      for (const { time, metrics } of page.items) {
        for (const [metric, value] of Object.entries(metrics)) {
          readings.push({ metric, time: Date.parse(time), value: Number(value || NaN) });
        }
      }
      since = page.since;
      more = page.more;
    }
    return { source: 'history', metrics: byMetric(readings) };
  };
}

function byMetric(
  readings: readonly (IReading & { metric: string })[]
): Record<string, IReading[]> {
  const found: Record<string, IReading[]> = {};
  for (const { metric, time, value } of readings) {
    (found[metric] ??= []).push({ time, value });
  }
  return found;
}
