/** How trials are told apart in charts: each state has its own shape, and a colour beside it. */
import type { IPointKind } from '../../ui/charts/scatterChart';
import type { TrialState } from '../model/study';

const LOOKS: Readonly<Record<TrialState, Omit<IPointKind, 'label'>>> = {
  succeeded: { shape: 'dot', variable: '--jp-brand-color1' },
  'early-stopped': { shape: 'diamond', variable: '--jp-warn-color1' },
  failed: { shape: 'cross', variable: '--jp-error-color1' },
  'metrics-unavailable': { shape: 'triangle', variable: '--jp-warn-color1' },
  killed: { shape: 'square', variable: '--jp-ui-font-color2' },
  running: { shape: 'ring', variable: '--jp-info-color1' },
  pending: { shape: 'dash', variable: '--jp-ui-font-color2' }
};

/** The states in the order of the charts' legends. */
export const STATES = Object.keys(LOOKS) as TrialState[];

/** The kinds of points, in that order. */
export function kindsOf(label: (state: TrialState) => string): IPointKind[] {
  return STATES.map(state => ({ ...LOOKS[state], label: label(state) }));
}
