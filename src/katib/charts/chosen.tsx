import type { TranslationBundle } from '@jupyterlab/translation';
import { useRef } from 'react';

import { TextButton } from '../../ui/viewState';
import type { IStudy } from '../model/study';

/** How many trials are chosen, and what drops that. */
export function Chosen(props: {
  trans: TranslationBundle;
  /** Of how many. */
  all: number;
  /** Undefined when nothing is chosen. */
  count: number | undefined;
  /** What to say then. */
  none: string;
  clear: () => void;
}): JSX.Element {
  const { trans, all, count } = props;
  return (
    <div className="jp-Kubeflow-chosen">
      <span role="status" className="jp-Kubeflow-quiet">
        {count === undefined
          ? props.none
          : trans._n('%2 of %1 trial chosen.', '%2 of %1 trials chosen.', all, count)}
      </span>
      {count !== undefined && (
        <TextButton onClick={props.clear}>{trans.__('Clear selection')}</TextButton>
      )}
    </div>
  );
}

/** The study as it was when it was last on the screen, so that nothing is worked out for a view that nobody sees. */
export function useShown(study: IStudy, visible: boolean): IStudy {
  const shown = useRef(study);
  if (visible || shown.current.uid !== study.uid) {
    shown.current = study;
  }
  return shown.current;
}
