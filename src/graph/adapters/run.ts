/** The graph of a run: that of its spec, with states. */
import type { GraphState, IGraphDocument, IGraphNode } from '../schema';
import type { ITask } from '../tasks';
import { labelOf } from './kinds';
import { graphFromSpec } from './spec';

/** What is known of the run beside its tasks. */
export interface IRunInfo {
  id: string;
  name?: string;
  state?: GraphState;
  /** When the tasks were read, ISO 8601. */
  asOf?: string;
}

/** What a run's graph shows. */
export interface IRunGraphOptions {
  /** The iteration to show, by the id of its loop; a loop that is not here shows all of its iterations as one. */
  iterations?: Readonly<Record<string, number>>;
}

/**
 * The graph of a run. Nodes have the ids of `graphFromSpec`. A node in a loop stands for all of its iterations: its state is the one that
 * matters most, `progress` says how many have ended uncancelled, `detail` names the first that failed, and `refs.taskId` is the task of that one.
 * Without a spec the nodes come from the tasks, without edges.
 * @throws SpecError when `spec` is not a KFP v2 pipeline
 */
export function graphFromRun(
  spec: unknown,
  tasks: readonly ITask[],
  run?: IRunInfo,
  options: IRunGraphOptions = {}
): IGraphDocument {
  const document: IGraphDocument =
    spec === undefined || spec === null
      ? { version: 1, nodes: nodesFromTasks(tasks), edges: [] }
      : graphFromSpec(spec);
  const loops = new Set(document.nodes.filter(node => node.kind === 'loop').map(node => node.id));
  const chosen = options.iterations ?? {};
  const parts = collect(tasks, loops, chosen);
  const ended = isEnded(run?.state);
  const states = new Map<string, GraphState>();
  const nodes = document.nodes.map(node => {
    const own = parts.get(node.id);
    const above = node.parent === undefined ? undefined : states.get(node.parent);
    const shown = own ? withTasks(node, own) : { ...node, state: unseen(above, ended) };
    if (chosen[node.id] !== undefined) {
      shown.iteration = chosen[node.id];
    }
    states.set(node.id, shown.state!);
    return shown;
  });
  return {
    ...document,
    ...(run?.name ? { title: run.name } : {}),
    nodes,
    ...(run
      ? {
          source: {
            api: 'kfp/v2beta1' as const,
            runId: run.id,
            ...(run.state ? { state: run.state } : {}),
            ...(run.asOf ? { asOf: run.asOf } : {})
          }
        }
      : {})
  };
}

/** The tasks of a node: its own, and for a loop those of its iterations. */
interface IPart {
  tasks: ITask[];
  iterations: ITask[];
  /** Whether the node is in a loop all of whose iterations are shown. */
  repeated: boolean;
}

function collect(
  tasks: readonly ITask[],
  loops: ReadonlySet<string>,
  chosen: Readonly<Record<string, number>>
): Map<string, IPart> {
  const parts = new Map<string, IPart>();
  for (const task of tasks) {
    const place = staticPath(task.scopePath, loops, chosen);
    if (place === null) {
      continue;
    }
    const part = parts.get(place.id) ?? { tasks: [], iterations: [], repeated: false };
    part.repeated ||= place.repeated;
    (place.iteration ? part.iterations : part.tasks).push(task);
    parts.set(place.id, part);
  }
  return parts;
}

/** The node of a scope path; `null` when it is in an iteration that is not shown. */
function staticPath(
  scopePath: string,
  loops: ReadonlySet<string>,
  chosen: Readonly<Record<string, number>>
): { id: string; iteration: boolean; repeated: boolean } | null {
  let id = '';
  let iteration = false;
  let repeated = false;
  for (const segment of scopePath.split('.')) {
    iteration = !iteration && loops.has(id) && /^\d+$/.test(segment);
    if (!iteration) {
      id = id === '' ? segment : `${id}.${segment}`;
    } else if (chosen[id] === undefined) {
      repeated = true;
    } else if (chosen[id] !== Number(segment)) {
      return null;
    }
  }
  return { id, iteration, repeated: iteration ? false : repeated };
}

function withTasks(node: IGraphNode, part: IPart): IGraphNode {
  const of = part.tasks.length > 0 ? part.tasks : part.iterations;
  const first = (state: GraphState): ITask | undefined => of.find(task => task.state === state);
  const shown = first('failed') ?? first('running') ?? of[0]!;
  const result: IGraphNode = { ...node, state: aggregate(of.map(task => task.state)) };
  const start = extreme(
    of.map(task => task.startTime ?? task.createTime),
    -1
  );
  if (start !== undefined && result.state !== 'pending') {
    result.startTime = start;
  }
  const end = of.every(task => isEnded(task.state))
    ? extreme(
        of.map(task => task.endTime),
        1
      )
    : undefined;
  if (end !== undefined) {
    result.endTime = end;
  }
  if (node.kind === 'loop') {
    const counted = part.tasks.reduce((sum, task) => sum + (task.iterationCount ?? 0), 0);
    result.progress = progress(part.iterations, counted);
  } else if (part.repeated) {
    result.progress = progress(of, 0);
  }
  if (result.progress?.total === 0) {
    // A loop that has not begun does not know its items yet.
    delete result.progress;
  }
  const message = failure(node, part, shown);
  if (message !== undefined) {
    result.detail = message;
  }
  const pod = shown.pods.find(one => one.type === 'executor') ?? shown.pods[0];
  result.refs = { ...node.refs, taskId: shown.id, ...(pod ? { podName: pod.name } : {}) };
  return result;
}

function progress(of: readonly ITask[], counted: number): { done: number; total: number } {
  return {
    done: of.filter(task => isEnded(task.state) && task.state !== 'cancelled').length,
    total: Math.max(counted, of.length)
  };
}

function failure(node: IGraphNode, part: IPart, shown: ITask): string | undefined {
  if (node.kind === 'loop') {
    const failed = part.iterations.find(task => task.state === 'failed');
    return failed ? named(failed, failed.message) : (shown.message ?? node.detail);
  }
  if (shown.message === undefined || node.kind === 'condition') {
    return node.detail;
  }
  return part.repeated ? named(shown, shown.message) : shown.message;
}

function named(task: ITask, message: string | undefined): string {
  const numbers = task.scopePath.split('.').filter(segment => /^\d+$/.test(segment));
  const which = `Iteration ${numbers.join('.')} ${task.state === 'failed' ? 'failed' : ''}`.trim();
  return message === undefined ? which : `${which}: ${message}`;
}

/** The state that matters most to someone who looks at all of them at once. */
export function aggregate(states: readonly GraphState[]): GraphState {
  const has = (state: GraphState): boolean => states.includes(state);
  const all = (...which: GraphState[]): boolean => states.every(state => which.includes(state));
  if (has('failed')) {
    return 'failed';
  }
  if (has('running') || has('paused')) {
    return has('running') ? 'running' : 'paused';
  }
  if (has('pending')) {
    return all('pending') ? 'pending' : 'running';
  }
  if (has('cancelled')) {
    return 'cancelled';
  }
  for (const state of ['skipped', 'cached'] as const) {
    if (all(state)) {
      return state;
    }
  }
  return 'succeeded';
}

/** The state of a node without a task: what was never begun in a run that has ended was skipped. */
function unseen(above: GraphState | undefined, ended: boolean): GraphState {
  return ended || above === 'skipped' ? 'skipped' : above === 'cached' ? 'cached' : 'pending';
}

function isEnded(state: GraphState | undefined): boolean {
  return state !== undefined && !['pending', 'running', 'paused'].includes(state);
}

function extreme(times: readonly (string | undefined)[], sign: 1 | -1): string | undefined {
  let best: string | undefined;
  for (const at of times) {
    if (
      at !== undefined &&
      (best === undefined || sign * (Date.parse(at) - Date.parse(best)) > 0)
    ) {
      best = at;
    }
  }
  return best;
}

function nodesFromTasks(tasks: readonly ITask[]): IGraphNode[] {
  const loops = new Set<string>();
  const nodes = new Map<string, IGraphNode>();
  for (const task of [...tasks].sort((a, b) => a.scopePath.length - b.scopePath.length)) {
    const place = staticPath(task.scopePath, loops, {});
    if (!place || place.iteration || task.kind === 'root' || nodes.has(place.id)) {
      continue;
    }
    if (task.kind === 'loop') {
      loops.add(place.id);
    }
    const above = place.id.slice(0, Math.max(0, place.id.lastIndexOf('.')));
    nodes.set(place.id, {
      id: place.id,
      kind: task.kind,
      label: labelOf(task.kind, task.displayName),
      ...(nodes.has(above) ? { parent: above } : {})
    });
  }
  return [...nodes.values()];
}
