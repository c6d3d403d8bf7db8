/**
 * What a training has reported over time. Trainer keeps the last report only (`status.trainerStatus`); a server that keeps them all, as
 * Local Kubeflow, says so in its discovery, by the subresource `trainjobs/metrics` (docs/architecture.md).
 */
import type { KubernetesClient } from './client';
import { trainJobs } from './kinds';
import type { ITrainJob } from './kinds';
import type { IName } from './resource';

/** One report. */
export interface ITrainerReport {
  /** When, by the training's clock: RFC 3339. */
  time: string;
  /** From 0 to 100. */
  progressPercentage?: number;
  estimatedRemainingSeconds?: number;
  /** Values as they were reported, which are texts. */
  metrics: Readonly<Record<string, string>>;
}

/** Some reports, in the order in which they arrived. */
export interface IReportPage {
  items: ITrainerReport[];
  /** From where a later question goes on. */
  since: string;
  /** Whether there are more now. */
  more: boolean;
}

interface ITrainJobMetrics {
  metadata: { resourceVersion: string; continue?: string };
  items: ITrainerReport[];
}

/** Whether the server keeps what trainings have reported. Rejects with an `ApiError`. */
export function keepsReports(client: KubernetesClient): Promise<boolean> {
  return client.discovery.hasSubresource(trainJobs, 'metrics');
}

/** So many reports are asked for at once: few enough to be read without being felt, some 10 ms. */
const PAGE = 1000;

/** The reports after `since`, all when it is left out: a page of them. Rejects with an `ApiError`. */
export async function reportsOf(
  client: KubernetesClient,
  job: IName,
  since?: string,
  signal?: AbortSignal
): Promise<IReportPage> {
  const { metadata, items } = await client
    .resource(trainJobs)
    .subresource<ITrainJobMetrics>(job, 'metrics', { query: { since, limit: PAGE }, signal });
  return {
    items,
    since: metadata.resourceVersion,
    more: metadata.continue !== undefined
  };
}

/** The last report of a job as the job itself has it; undefined when there is none. */
export function lastReport(job: ITrainJob): ITrainerReport | undefined {
  const told = job.status?.trainerStatus;
  if (!told) {
    return undefined;
  }
  const { lastUpdatedTime, metrics, ...progress } = told;
  return {
    time: lastUpdatedTime ?? '',
    ...progress,
    metrics: Object.fromEntries((metrics ?? []).map(({ name, value }) => [name, value]))
  };
}
