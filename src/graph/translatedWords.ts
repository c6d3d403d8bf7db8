/** The words of a graph in the language of the user interface. */
import { ENGLISH } from './words';
import type { IGraphWords } from './words';

/** What translates: JupyterLab's `TranslationBundle` and the like. */
export interface ITranslations {
  __(message: string, ...values: unknown[]): string;
}

/** What a graph says, translated. */
export function graphWords(trans: ITranslations): IGraphWords {
  return {
    graph: trans.__('Graph'),
    empty: trans.__('The graph has no nodes.'),
    states: {
      pending: trans.__('Pending'),
      running: trans.__('Running'),
      succeeded: trans.__('Succeeded'),
      failed: trans.__('Failed'),
      skipped: trans.__('Skipped'),
      cached: trans.__('Cached'),
      paused: trans.__('Paused'),
      cancelled: trans.__('Cancelled')
    },
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
    progress: (done, total) => trans.__('×%1, %2 done', total, done),
    iteration: index => trans.__('iteration %1', index),
    duration: ENGLISH.duration
  };
}
