import type { TranslationBundle } from '@jupyterlab/translation';

import type { GraphState } from '../graph/schema';
import type { IGraphWords } from '../graph/words';
import { formatDuration } from './format';
import { stateLabel } from './state';

const STATES: GraphState[] = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'skipped',
  'cached',
  'paused',
  'cancelled'
];

/** What a graph says, in the language of the user interface. */
export function graphWords(trans: TranslationBundle): IGraphWords {
  return {
    graph: trans.__('Graph'),
    empty: trans.__('The graph has no nodes.'),
    states: Object.fromEntries(STATES.map(state => [state, stateLabel(state, trans)])) as Record<
      GraphState,
      string
    >,
    kinds: {
      runtime: trans.__('task'),
      dag: trans.__('group'),
      condition: trans.__('condition'),
      branch: trans.__('choice'),
      loop: trans.__('loop'),
      'exit-handler': trans.__('exit handler'),
      importer: trans.__('importer'),
      artifact: trans.__('artifact'),
      model: trans.__('model'),
      service: trans.__('service'),
      router: trans.__('router'),
      'feature-view': trans.__('feature view')
    },
    zoomIn: trans.__('Zoom in'),
    zoomOut: trans.__('Zoom out'),
    fit: trans.__('Fit to view'),
    collapse: trans.__('Collapse'),
    expand: trans.__('Expand'),
    progress: (done, total) => trans.__('×%1, %2 done', total, done),
    iteration: index => trans.__('iteration %1', index),
    duration: formatDuration
  };
}
