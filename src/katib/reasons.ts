/** Why something cannot be done to a tuning experiment, in sentences. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Obstacle } from './model/budget';

/** Why the budget of an experiment cannot be changed any more; undefined when it can. */
export function lastingReason(
  obstacle: Obstacle | undefined,
  trans: TranslationBundle
): string | undefined {
  switch (obstacle) {
    case 'failed':
      return trans.__('It has failed, and Katib does not resume that. Clone it.');
    case 'ended':
      return trans.__(
        'It ended before its budget was used up, and Katib does not resume that. Clone it.'
      );
    case 'policy':
      return trans.__(
        'Its resume policy is Never, so it ended for good. Clone it, with the policy LongRunning if it is to be resumed.'
      );
    default:
      return undefined;
  }
}

/** Why nothing of an OptimizationJob can be changed. */
export function immutableReason(trans: TranslationBundle): string {
  return trans.__(
    'An OptimizationJob cannot be changed after it was made. Clone it with another budget, or delete it.'
  );
}
