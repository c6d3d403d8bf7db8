/**
 * Task state of a KFP run in one shape, whichever of KFP's two ways tells it: `run_details.task_details` (2.x) or native tasks
 * (`/runs/{id}/tasks`, 3.0).
 */
import type { GraphNodeKind, GraphState } from './schema';
import { integer, list, object, text, time } from './wire';
import type { Json } from './wire';

export { tasksFromRunDetails } from './runDetails';

/** An artifact that a task read or wrote. */
export interface ITaskArtifact {
  /** Input or output name in the component. */
  key: string;
  artifactId?: string;
  name: string;
  /** Schema title such as `system.Model`, or KFP 3's type such as `Model`. */
  type: string;
  uri?: string;
  metadata: Record<string, unknown>;
}

/** Parameters by name and artifacts in order. */
export interface ITaskIO {
  parameters: Record<string, unknown>;
  artifacts: ITaskArtifact[];
}

/** One task of a run. */
export interface ITask {
  id: string;
  /** Task name in the spec. */
  name: string;
  displayName: string;
  /** Place in the spec, iterations as numbers: `root.for-loop-1.0.train`. */
  scopePath: string;
  kind: GraphNodeKind | 'root';
  state: GraphState;
  parentId?: string;
  iteration?: number;
  iterationCount?: number;
  /** ISO 8601. */
  createTime?: string;
  startTime?: string;
  endTime?: string;
  /** What went wrong, or why it waits, in words. */
  message?: string;
  pods: { name: string; type: 'driver' | 'executor' }[];
  inputs: ITaskIO;
  outputs: ITaskIO;
}

/** States of native tasks (`PipelineTask.TaskState`) and of `v2beta1RuntimeState`; what is not there counts as pending. */
const STATES: Record<string, GraphState> = {
  PENDING: 'pending',
  RUNNING: 'running',
  // Until it has ended.
  CANCELING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  SKIPPED: 'skipped',
  CACHED: 'cached',
  PAUSED: 'paused',
  CANCELED: 'cancelled'
};

/** `PipelineTask.TaskType`. A `CONDITION_BRANCH` holds the conditions of one if, elif and else. */
const KINDS: Record<string, ITask['kind']> = {
  ROOT: 'root',
  RUNTIME: 'runtime',
  CONDITION_BRANCH: 'branch',
  CONDITION: 'condition',
  LOOP: 'loop',
  EXIT_HANDLER: 'exit-handler',
  IMPORTER: 'importer',
  DAG: 'dag'
};

/**
 * The tasks of `GET /apis/v2beta1/runs/{id}/tasks` (`v2beta1PipelineTask` of KFP 3). What has no id is left out; other fields may be
 * missing.
 */
export function tasksFromNative(tasks: unknown[]): ITask[] {
  const wires = tasks.map(object).filter(task => text(task.task_id) !== undefined);
  const byId = new Map(wires.map(task => [text(task.task_id)!, task]));
  const paths = new Map<string, string>();
  return wires.map(task => native(task, scopePath(task, byId, paths)));
}

function native(task: Json, path: string): ITask {
  const status = object(task.status_metadata);
  const attributes = object(task.type_attributes);
  // The API has no word for a task that waits or was cancelled; Local Kubeflow says it here (docs/architecture.md).
  const special = text(object(status.custom_properties).state);
  const state = STATES[special ?? ''] ?? STATES[text(task.state) ?? ''] ?? 'pending';
  const name = text(task.name) ?? path.split('.').pop()!;
  const history = list(task.state_history).map(object);
  const error = history.map(entry => text(object(entry.error).message)).filter(Boolean);
  const begun = history.find(entry => text(entry.state) === 'RUNNING');
  return {
    id: text(task.task_id)!,
    name,
    displayName: text(task.display_name) ?? name,
    scopePath: path,
    kind: KINDS[text(task.type) ?? ''] ?? (path === 'root' ? 'root' : 'runtime'),
    state,
    parentId: text(task.parent_task_id),
    iteration: integer(attributes.iteration_index),
    iterationCount: integer(attributes.iteration_count),
    createTime: time(task.create_time),
    startTime: time(task.start_time) ?? time(begun?.update_time),
    endTime: time(task.end_time),
    message: text(status.message) ?? error[error.length - 1],
    pods: list(task.pods)
      .map(object)
      .filter(pod => text(pod.name) !== undefined)
      .map(pod => ({
        name: text(pod.name)!,
        type: pod.type === 'DRIVER' ? ('driver' as const) : ('executor' as const)
      })),
    inputs: io(task.inputs),
    outputs: io(task.outputs)
  };
}

/** KFP's own scope paths name no iteration; ours do, after the loop's name. */
function scopePath(task: Json, byId: Map<string, Json>, paths: Map<string, string>): string {
  const id = text(task.task_id)!;
  const known = paths.get(id);
  if (known !== undefined) {
    return known;
  }
  const own = text(task.scope_path);
  const name = text(task.name) ?? own?.split('.').pop() ?? id;
  // What is in the map already ends a chain of parents that bites its tail.
  paths.set(id, own ?? name);
  const parent = byId.get(text(task.parent_task_id) ?? '');
  const index = integer(object(task.type_attributes).iteration_index);
  let path = own ?? (parent || task.type !== 'ROOT' ? name : 'root');
  if (parent) {
    const above = scopePath(parent, byId, paths);
    if (!own?.startsWith(`${above}.`) || (index !== undefined && parent.type === 'LOOP')) {
      const repeated = name === (text(parent.name) ?? above.split('.').pop());
      const parts = [above];
      if (index !== undefined && parent.type === 'LOOP') {
        parts.push(String(index));
      }
      // An iteration of a loop over a dag bears the loop's name.
      if (parts.length === 1 || !(repeated || own === `${above}.${index}`)) {
        parts.push(name);
      }
      path = parts.join('.');
    }
  }
  paths.set(id, path);
  return path;
}

function io(value: unknown): ITaskIO {
  const wire = object(value);
  const parameters: Record<string, unknown> = {};
  for (const entry of list(wire.parameters).map(object)) {
    const key = text(entry.parameter_key);
    if (key !== undefined) {
      parameters[key] = entry.value;
    }
  }
  const artifacts = list(wire.artifacts)
    .map(object)
    .flatMap(entry =>
      list(entry.artifacts).map(artifact =>
        ioArtifact(text(entry.artifact_key) ?? '', object(artifact))
      )
    );
  return { parameters, artifacts };
}

function ioArtifact(key: string, wire: Json): ITaskArtifact {
  const title = text(wire.type) ?? 'Artifact';
  const metadata = object(wire.metadata);
  const value = wire.number_value;
  return {
    key,
    artifactId: text(wire.artifact_id),
    name: text(wire.name) ?? key,
    type: title !== 'TYPE_UNSPECIFIED' ? title : 'Artifact',
    uri: text(wire.uri),
    metadata:
      typeof value === 'number' && metadata[key] === undefined
        ? { ...metadata, [text(wire.name) ?? key]: value }
        : metadata
  };
}
