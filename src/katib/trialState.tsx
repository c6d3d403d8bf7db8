import type { TranslationBundle } from '@jupyterlab/translation';

import type { GraphState } from '../graph/schema';
import { PhaseIcon } from '../ui/kubernetes/phase';
import { StateIcon } from '../ui/state';
import type { TrialState } from './model/study';
import { trialStateLabel } from './stateWords';

/** The states that have the shape of a task's. */
const LOOKS: Readonly<Record<Exclude<TrialState, 'metrics-unavailable'>, GraphState>> = {
  pending: 'pending',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  killed: 'cancelled',
  'early-stopped': 'skipped'
};

/** A trial's state as icon and colour, with its words for screen readers and on hover. */
export function TrialStateIcon(props: {
  state: TrialState;
  trans: TranslationBundle;
}): JSX.Element {
  const { state, trans } = props;
  const label = trialStateLabel(state, trans);
  if (state === 'metrics-unavailable') {
    return <PhaseIcon phase="degraded" trans={trans} label={label} />;
  }
  return <StateIcon state={LOOKS[state]} trans={trans} label={label} />;
}
