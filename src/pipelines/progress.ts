import type { IPipelinesClient, IRun } from '../client/pipelines';
import type { GraphNodeKind } from '../graph/schema';
import type { ITask } from '../graph/tasks';
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

/** How many runs are read at the same time. */
const PARALLEL = 2;

/**
 * The progress of the runs on the screen that failed or go on: read when a row comes into sight, kept when the run has ended, read again
 * at each `refresh` while it goes on.
 */
export class ProgressCache {
  /** @param onChange - called after each answer */
  constructor(
    private readonly client: Pick<IPipelinesClient, 'getRun' | 'getTasks'>,
    private readonly onChange: () => void
  ) {}

  /** What is known of a run. */
  get(runId: string): IProgress | undefined {
    return this.known.get(runId)?.progress;
  }

  /** Says which runs are on the screen and reads what is missing or has grown old. */
  show(runs: readonly IRun[]): void {
    this.wanted = runs.filter(run => {
      const known = this.known.get(run.id);
      const open = run.state === 'running' || (run.state === 'failed' && !known?.final);
      return open && known?.stamp !== this.stamp;
    });
    this.pump();
  }

  /** What was read of unfinished runs is old from now on. */
  refresh(): void {
    this.stamp += 1;
  }

  /** Forgets what was read of these runs. */
  forget(ids: ReadonlySet<string>): void {
    ids.forEach(id => this.known.delete(id));
  }

  /** Forgets everything and cancels what is under way. */
  clear(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.known.clear();
    this.wanted = [];
    this.reading.clear();
  }

  private pump(): void {
    while (this.reading.size < PARALLEL) {
      const run = this.wanted.shift();
      if (!run) {
        return;
      }
      if (!this.reading.has(run.id)) {
        void this.read(run, this.abort.signal);
      }
    }
  }

  private async read(run: IRun, signal: AbortSignal): Promise<void> {
    const { stamp } = this;
    this.reading.add(run.id);
    let progress = this.get(run.id);
    let final = false;
    try {
      const full = await this.client.getRun(run.id, signal);
      progress = progressOf(
        await this.client.getTasks(full, signal),
        plannedTasks(full.pipelineSpec)
      );
      final = run.state === 'failed';
    } catch {
      // The row does without until the next refresh: the list itself says when the server cannot be reached.
    }
    if (signal.aborted) {
      return;
    }
    this.reading.delete(run.id);
    this.known.set(run.id, { progress, stamp, final });
    this.onChange();
    this.pump();
  }

  private readonly known = new Map<
    string,
    { progress: IProgress | undefined; stamp: number; final: boolean }
  >();
  private readonly reading = new Set<string>();
  private wanted: IRun[] = [];
  private stamp = 0;
  private abort = new AbortController();
}
