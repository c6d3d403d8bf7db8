import type { TranslationBundle } from '@jupyterlab/translation';

import type { GraphState } from '../graph/schema';
import { stateIcons } from './icons';

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

/** Whether nothing more will happen to what is in this state. */
export function isFinal(state: GraphState): boolean {
  return state !== 'pending' && state !== 'running' && state !== 'paused';
}

/** A state as icon and colour, with its words for screen readers and on hover. */
export function StateIcon(props: { state: GraphState; trans: TranslationBundle }): JSX.Element {
  const Icon = stateIcons[props.state];
  const label = stateLabel(props.state, props.trans);
  return (
    <span
      className={`jp-Kubeflow-state jp-mod-${props.state}`}
      role="img"
      aria-label={label}
      title={label}
    >
      <Icon.react tag={null} width="16px" height="16px" />
    </span>
  );
}
