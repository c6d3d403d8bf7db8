import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { GraphState } from '../graph/schema';
import { stateIcons } from './icons';
import { stateLabel } from './stateLabel';

/** Whether nothing more will happen to what is in this state. */
export function isFinal(state: GraphState): boolean {
  return state !== 'pending' && state !== 'running' && state !== 'paused';
}

/** A state as icon and colour, with its words for screen readers and on hover. */
export function StateIcon(props: {
  state: GraphState;
  trans: TranslationBundle;
  /** Its words; those of `stateLabel` when left out. */
  label?: string;
}): JSX.Element {
  const { state, trans, label = stateLabel(state, trans) } = props;
  return <Mark icon={stateIcons[state]} colour={state} label={label} />;
}

/** An icon in the colour of a state, with what it means for screen readers and on hover. */
export function Mark(props: { icon: LabIcon; colour: GraphState; label: string }): JSX.Element {
  const { icon: Icon, colour, label } = props;
  return (
    <span
      className={`jp-Kubeflow-state jp-mod-${colour}`}
      role="img"
      aria-label={label}
      title={label}
    >
      <Icon.react tag={null} width="16px" height="16px" />
    </span>
  );
}
