/** Runs, tasks and a client of the Pipelines API for specs. */
import type { IPipelinesClient, IRecurringRun, IRun } from '../client/pipelines';
import type { ITask } from '../graph/tasks';

/** Run number `number`, created that many minutes after a fixed moment, succeeded after 41 seconds. */
export function makeRun(number: number, change: Partial<IRun> = {}): IRun {
  const created = Date.parse('2026-11-20T10:00:00Z') + number * 60_000;
  return {
    id: `run-${number}`,
    name: `digits-${number}`,
    state: 'succeeded',
    rawState: 'SUCCEEDED',
    archived: false,
    createdAt: new Date(created).toISOString(),
    finishedAt: new Date(created + 41_000).toISOString(),
    parameters: {},
    raw: {},
    ...change
  };
}

/** An enabled recurring run of an inline spec that comes every hour, created that many minutes after the same moment. */
export function makeRecurringRun(
  number: number,
  change: Partial<IRecurringRun> = {}
): IRecurringRun {
  const { createdAt } = makeRun(number);
  return {
    id: `recurring-${number}`,
    name: `nightly-${number}`,
    enabled: true,
    schedule: { kind: 'interval', seconds: 3600 },
    maxConcurrency: 1,
    catchup: true,
    createdAt,
    parameters: {},
    raw: { recurring_run_id: `recurring-${number}` },
    ...change
  };
}

/** A pending task of the top level. */
export function makeTask(name: string, change: Partial<ITask> = {}): ITask {
  return {
    id: `task-${name}`,
    name,
    displayName: name,
    scopePath: `root.${name}`,
    kind: 'runtime',
    state: 'pending',
    pods: [],
    inputs: { parameters: {}, artifacts: [] },
    outputs: { parameters: {}, artifacts: [] },
    ...change
  };
}

/** A client whose every operation fails unless it is given. */
export function makeClient(operations: Partial<IPipelinesClient>): IPipelinesClient {
  return new Proxy(operations, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      (() => Promise.reject(new Error(`${String(name)} was not expected`)))
  }) as IPipelinesClient;
}
