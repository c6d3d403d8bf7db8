/**
 * Task state of a KFP run in one shape, whichever of KFP's two ways tells it: `run_details.task_details` (2.x) or native tasks
 * (`/runs/{id}/tasks`, 3.0).
 */
import type { GraphNodeKind, GraphState } from './schema';

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
