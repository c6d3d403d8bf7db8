/** What the graph says. English is the default; a front end hands in its own language. */
import { formatDuration } from './duration';
import type { GraphNodeKind, GraphState, IGraphNode } from './schema';

/** The words of a graph view. */
export interface IGraphWords {
  /** Accessible name of the whole. */
  graph: string;
  empty: string;
  states: Record<GraphState, string>;
  kinds: Record<GraphNodeKind, string>;
  zoomIn: string;
  zoomOut: string;
  fit: string;
  /** How many iterations of a loop have ended. */
  progress: (done: number, total: number) => string;
  iteration: (index: number) => string;
  /** A duration, given in milliseconds. */
  duration: (ms: number) => string;
}

export const ENGLISH: IGraphWords = {
  graph: 'Graph',
  empty: 'The graph has no nodes.',
  states: {
    pending: 'pending',
    running: 'running',
    succeeded: 'succeeded',
    failed: 'failed',
    skipped: 'skipped',
    cached: 'cached',
    paused: 'paused',
    cancelled: 'cancelled'
  },
  kinds: {
    runtime: 'task',
    dag: 'group',
    condition: 'condition',
    branch: 'choice',
    loop: 'loop',
    'exit-handler': 'exit handler',
    importer: 'importer',
    artifact: 'artifact',
    model: 'model',
    service: 'service',
    router: 'router',
    'feature-view': 'feature view'
  },
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Fit to view',
  progress: (done, total) => `×${total}, ${done} done`,
  iteration: index => `iteration ${index}`,
  duration: formatDuration
};

/** How long a node took, or has taken until `now`; empty before it starts. */
export function durationOf(node: IGraphNode, now: number, words: IGraphWords): string {
  const start = node.startTime ? Date.parse(node.startTime) : NaN;
  const running = node.state === 'running';
  const end = node.endTime ? Date.parse(node.endTime) : running ? now : NaN;
  return Number.isNaN(start) ||
    Number.isNaN(end) ||
    node.state === 'cached' ||
    node.state === 'skipped'
    ? ''
    : words.duration(end - start);
}

/** A node as a screen reader says it: `train, task, running, 41 s`. */
export function nodeName(node: IGraphNode, now: number, words: IGraphWords): string {
  return [
    node.label,
    words.kinds[node.kind],
    node.state && words.states[node.state],
    node.iteration !== undefined && words.iteration(node.iteration),
    node.progress && words.progress(node.progress.done, node.progress.total),
    durationOf(node, now, words),
    node.detail
  ]
    .filter(Boolean)
    .join(', ');
}

/** The small line of a node: progress or duration. */
export function note(node: IGraphNode, now: number, words: IGraphWords): string {
  return node.progress
    ? words.progress(node.progress.done, node.progress.total)
    : durationOf(node, now, words);
}
