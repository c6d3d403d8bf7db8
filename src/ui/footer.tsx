import type { TranslationBundle } from '@jupyterlab/translation';

import { formatClock } from './format';
import type { ILiveState } from './live';

/** A panel's last line: how many there are, and how current the list is. */
export function Footer(props: {
  trans: TranslationBundle;
  count: string;
  state: ILiveState<unknown>;
}): JSX.Element {
  const { trans, state } = props;
  const words = {
    loading: trans.__('loading…'),
    live: trans.__('updated live'),
    unwatched:
      state.since === undefined
        ? trans.__('not live')
        : trans.__('not live, read at %1', formatClock(state.since)),
    paused: trans.__('paused'),
    offline:
      state.since === undefined
        ? trans.__('offline')
        : trans.__('offline since %1', formatClock(state.since))
  }[state.status];
  return (
    <footer className="jp-Kubeflow-footer">
      {props.count}
      <span className={`jp-Kubeflow-footer-status jp-mod-${state.status}`}> · {words}</span>
    </footer>
  );
}
