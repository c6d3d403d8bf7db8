import type { IPipelinesClient, IRun } from '../client/pipelines';
import type { GraphNodeKind } from '../graph/schema';
import type { ITask } from '../graph/tasks';
import { RowCache } from '../ui/rowCache';
import { isFinal } from '../ui/state';

/** What a row tells of a run's tasks. */
export interface IProgress {
  /** Tasks that have ended. */
  done: number;
  /** Tasks known so far, never fewer than the spec has. */
  total: number;
  /** The display name of the first task that failed by itself. */
  failed?: string;
}

const GROUPS: ReadonlySet<GraphNodeKind | 'root'> = new Set([
  'root',
  'dag',
  'condition',
  'branch',
  'loop',
  'exit-handler'
]);

/** Whether a task does work itself, rather than hold other tasks. */
export function isLeaf(task: ITask): boolean {
  return !GROUPS.has(task.kind);
}

/** The progress of a run with these tasks, of whose spec `planned` tasks are known. */
export function progressOf(tasks: readonly ITask[], planned = 0): IProgress {
  const leaves = tasks.filter(isLeaf);
  return {
    done: leaves.filter(task => isFinal(task.state)).length,
    total: Math.max(leaves.length, planned),
    failed: failedTask(tasks)?.displayName
  };
}

/** The task that a run failed in: the first one that ended in failure and does work itself, else a group. */
export function failedTask(tasks: readonly ITask[]): ITask | undefined {
  const failed = tasks
    .filter(task => task.state === 'failed' && task.kind !== 'root')
    .sort((a, b) => (a.endTime ?? '').localeCompare(b.endTime ?? ''));
  return failed.find(isLeaf) ?? failed[0];
}

/** How many tasks with work of their own a PipelineSpec names, groups opened once. */
export function plannedTasks(spec: Record<string, unknown> | undefined): number {
  const root = pipelineSpecOf(spec);
  const components = record(root['components']);
  const count = (component: Record<string, unknown>, depth: number): number => {
    const tasks = record(record(component['dag'])['tasks']);
    return Object.values(tasks).reduce<number>((sum, task) => {
      const name = String(record(record(task)['componentRef'])['name'] ?? '');
      const inner = record(components[name]);
      return sum + (inner['dag'] && depth < 20 ? count(inner, depth + 1) : 1);
    }, 0);
  };
  return count(record(root['root']), 0);
}

/** The PipelineSpec itself, also when it comes together with a platform spec. */
export function pipelineSpecOf(spec: Record<string, unknown> | undefined): Record<string, unknown> {
  return spec?.['pipeline_spec'] ? record(spec['pipeline_spec']) : (spec ?? {});
}

function record(value: unknown): Record<string, unknown> {
  return value instanceof Object && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The progress of runs that failed or go on, of which rows tell; kept when the run has ended. */
export function progressCache(
  client: Pick<IPipelinesClient, 'getRun' | 'getTasks'>,
  onChange: () => void
): RowCache<IRun, IProgress> {
  return new RowCache({
    key: run => run.id,
    read: async ({ id }, signal) => {
      const run = await client.getRun(id, signal);
      return progressOf(await client.getTasks(run, signal), plannedTasks(run.pipelineSpec));
    },
    isWanted: run => run.state === 'running' || run.state === 'failed',
    isFinal: run => run.state === 'failed',
    onChange
  });
}
