/** How an object is, as an icon and in words. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { LabIcon } from '@jupyterlab/ui-components';

import { type IHealth, type Phase } from '../../client/kubernetes/kind';
import degraded from '../../../style/icons/state-degraded.svg';
import unknown from '../../../style/icons/state-unknown.svg';
import type { GraphState } from '../../graph/schema';
import { stateIcons } from '../icons';
import { Mark } from '../state';
import { stateLabel } from '../stateLabel';
import { words } from './words';

const degradedIcon = new LabIcon({ name: 'jupyterlab-kubeflow:state-degraded', svgstr: degraded });
const unknownIcon = new LabIcon({ name: 'jupyterlab-kubeflow:state-unknown', svgstr: unknown });

/** The shape of each phase and the state whose colour it has. */
const LOOKS: Readonly<Record<Phase, { icon: LabIcon; colour: GraphState }>> = {
  pending: { icon: stateIcons.pending, colour: 'pending' },
  running: { icon: stateIcons.running, colour: 'running' },
  suspended: { icon: stateIcons.paused, colour: 'paused' },
  succeeded: { icon: stateIcons.succeeded, colour: 'succeeded' },
  failed: { icon: stateIcons.failed, colour: 'failed' },
  ready: { icon: stateIcons.succeeded, colour: 'succeeded' },
  degraded: { icon: degradedIcon, colour: 'paused' },
  terminating: { icon: stateIcons.cancelled, colour: 'pending' },
  unknown: { icon: unknownIcon, colour: 'pending' }
};

/** All phases, in the order in which a filter offers them. */
export const PHASES = Object.keys(LOOKS) as Phase[];

/** A phase in one or two words. */
export function phaseLabel(phase: Phase, trans: TranslationBundle): string {
  switch (phase) {
    case 'suspended':
      return trans.__('Suspended');
    case 'ready':
      return trans.__('Ready');
    case 'degraded':
      return trans.__('Not ready');
    case 'terminating':
      return trans.__('Being deleted');
    case 'unknown':
      return trans.__('Unknown');
    default:
      return stateLabel(phase, trans);
  }
}

/** How an object is in a few words: `Failed: back-off limit exceeded`. The API's own sentence belongs on hover. */
export function healthWords({ phase, reason }: IHealth, trans: TranslationBundle): string {
  const label = phaseLabel(phase, trans);
  const repeats = reason?.toLowerCase().includes(label.toLowerCase());
  return reason && !repeats ? trans.__('%1: %2', label, words(reason).toLowerCase()) : label;
}

/** A phase as icon and colour, with its words, or others, for screen readers and on hover. */
export function PhaseIcon(props: {
  phase: Phase;
  trans: TranslationBundle;
  label?: string;
}): JSX.Element {
  const { phase, trans, label = phaseLabel(phase, trans) } = props;
  return <Mark {...LOOKS[phase]} label={label} />;
}
