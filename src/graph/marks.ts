/** The signs of the graph: for states and kinds, drawn in a square of 16. */
import type { GraphNodeKind, GraphState } from './schema';

/** Lines of a state's sign. */
export const STATE_MARKS: Record<GraphState, string> = {
  succeeded: 'M3.5 8.5l3 3 6-7',
  running: 'M5.5 3.5l7 4.5-7 4.5z',
  failed: 'M4 4l8 8M12 4l-8 8',
  skipped: 'M3 11c1-6 7-7 10-3M13 4v4H9',
  cached: 'M12.5 6A5 5 0 1 0 13 9M13 2.5V6H9.5',
  paused: 'M5.5 4v8M10.5 4v8',
  pending: 'M8 3.5a4.5 4.5 0 1 0 .01 0z',
  cancelled: 'M8 3a5 5 0 1 0 .01 0zM4.5 11.5l7-7'
};

const BOX = 'M2.5 5L8 2l5.5 3v6L8 14l-5.5-3zM2.5 5L8 8l5.5-3M8 8v6';

/** Lines of a kind's sign. */
export const KIND_MARKS: Record<GraphNodeKind, string> = {
  runtime: 'M2.5 3h11v10h-11zM5 6.5l2 1.750L5 10M8.5 10.250H11',
  dag: 'M6 2.5h4v3H6zM2 10.5h4v3H2zM10 10.5h4v3h-4zM8 5.5v2.5M4 10.5V8h8v2.5',
  condition: 'M8 2l6 6-6 6-6-6zM8 5.5v3M8 10.5v.01',
  branch: 'M4 2.5v11M4 8h4c3 0 4-1 4-4M10 5.5L12 3l2 2.5',
  loop: 'M3 8a5 5 0 0 1 9-3M13 8a5 5 0 0 1-9 3M12.5 2v3.5H9M3.5 14v-3.5H7',
  'exit-handler': 'M9 3H3v10h6M6.5 8H14M11 5l3 3-3 3',
  importer: 'M8 2v8M5 7l3 3 3-3M2.5 10v3.5h11V10',
  artifact: 'M4 2h5l3.5 3.5V14H4zM9 2v3.5h3.5',
  model: BOX,
  service: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5v.01M5 11v.01',
  router: 'M2 8h5M7 8l4-4.5h3M7 8l4 4.5h3',
  'feature-view': 'M2.5 3h11v10h-11zM2.5 6.5h11M6.5 3v10'
};
