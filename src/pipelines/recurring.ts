/** What is known of a recurring run beside itself, and what follows from it. */
import { isNotFound } from '../client/errors';
import type { IPipelinesClient, IRecurringRun, IRun } from '../client/pipelines';
import { nextTimes } from '../ui/schedule/words';
import { pipelineSpecOf } from './progress';

/** What the list and the detail of recurring runs tell beside the recurring run. */
export interface IRecurringFacts {
  /** Its newest runs, newest first. */
  runs: IRun[];
  /** The name of its pipeline; `undefined` when that was deleted or has none. */
  pipeline?: string;
}

/** The predicate of KFP's filter that lets through what a recurring run has started. */
export function startedBy(recurringRunId: string): Record<string, unknown> {
  return { operation: 'EQUALS', key: 'recurring_run_id', string_value: recurringRunId };
}

/** Reads a recurring run's newest `count` runs and its pipeline's name. */
export async function readFacts(
  client: Pick<IPipelinesClient, 'listRuns' | 'getPipeline'>,
  item: IRecurringRun,
  count: number,
  signal?: AbortSignal
): Promise<IRecurringFacts> {
  const [page, pipeline] = await Promise.all([
    client.listRuns({
      pageSize: count,
      sortBy: 'created_at desc',
      filter: { predicates: [startedBy(item.id)] },
      signal
    }),
    pipelineName(client, item, signal)
  ]);
  return { runs: page.items, pipeline };
}

/** The next `count` times at which it starts a run, in milliseconds since the epoch: none while it is disabled or when it has ended. */
export function nextRuns(
  item: IRecurringRun,
  facts: IRecurringFacts | undefined,
  now: number,
  count: number
): number[] {
  const last = facts?.runs[0];
  const lastTime = Date.parse(last?.scheduledAt ?? last?.createdAt ?? '');
  return item.enabled && item.schedule
    ? nextTimes(
        item.schedule,
        {
          now,
          created: Date.parse(item.createdAt),
          last: Number.isNaN(lastTime) ? undefined : lastTime
        },
        count
      )
    : [];
}

/** Whether it is enabled but its end has come. */
export function hasEnded(item: IRecurringRun, now: number): boolean {
  const end = item.schedule?.end;
  return item.enabled && end !== undefined && Date.parse(end) <= now;
}

async function pipelineName(
  client: Pick<IPipelinesClient, 'getPipeline'>,
  { pipelineId, pipelineSpec }: IRecurringRun,
  signal?: AbortSignal
): Promise<string | undefined> {
  if (pipelineId === undefined) {
    const info = pipelineSpecOf(pipelineSpec)['pipelineInfo'] as { name?: string } | undefined;
    return info?.name;
  }
  try {
    return (await client.getPipeline(pipelineId, signal)).displayName;
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}
