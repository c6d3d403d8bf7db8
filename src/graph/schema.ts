/**
 * The graph document: a versioned JSON that any front end can draw (`application/vnd.kubeflow.graph.v1+json`).
 * Its JSON Schema is `schema.json` beside this file.
 */

/** The mime type of a graph document. */
export const GRAPH_MIME_TYPE = 'application/vnd.kubeflow.graph.v1+json';

/** What a node stands for: KFP's task types, then what other graphs need. */
export type GraphNodeKind =
  | 'runtime'
  | 'dag'
  | 'condition'
  | 'branch'
  | 'loop'
  | 'exit-handler'
  | 'importer'
  | 'artifact'
  | 'model'
  | 'service'
  | 'router'
  | 'feature-view';

/** The state a node or a run is in. */
export type GraphState =
  'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cached' | 'paused' | 'cancelled';

/** One node; a node that others name as `parent` is a group. */
export interface IGraphNode {
  /** Scope path: `root.train`, `root.for-loop-1.0.train`. The same before and during a run. */
  id: string;
  kind: GraphNodeKind;
  label: string;
  /** The id of the group that holds it; none at the top. */
  parent?: string;
  state?: GraphState;
  /** Index of the loop iteration that the node is, from 0. */
  iteration?: number;
  /** A loop's progress. */
  progress?: { done: number; total: number };
  /** A condition's expression, an error's message, a hint: shown in the node and on hover. */
  detail?: string;
  /** ISO 8601 times. */
  startTime?: string;
  endTime?: string;
  /** Names in other systems, for example `{taskId, podName}`. */
  refs?: Record<string, string>;
}

/** One edge between two nodes. */
export interface IGraphEdge {
  id: string;
  from: string;
  to: string;
  label?: string;
}

/** A graph document. */
export interface IGraphDocument {
  version: 1;
  title?: string;
  nodes: IGraphNode[];
  edges: IGraphEdge[];
  /** The run that the document shows, as of a moment; it can be read again through KFP's API. */
  source?: {
    api: 'kfp/v2beta1';
    runId: string;
    state?: GraphState;
    /** ISO 8601. */
    asOf?: string;
  };
}
