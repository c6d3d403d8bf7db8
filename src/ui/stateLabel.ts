import type { TranslationBundle } from '@jupyterlab/translation';

import type { GraphState } from '../graph/schema';

/** A state in words. */
export function stateLabel(state: GraphState, trans: TranslationBundle): string {
  switch (state) {
    case 'pending':
      return trans.__('Pending');
    case 'running':
      return trans.__('Running');
    case 'succeeded':
      return trans.__('Succeeded');
    case 'failed':
      return trans.__('Failed');
    case 'skipped':
      return trans.__('Skipped');
    case 'cached':
      return trans.__('Cached');
    case 'paused':
      return trans.__('Paused');
    case 'cancelled':
      return trans.__('Cancelled');
  }
}
