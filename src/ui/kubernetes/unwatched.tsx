import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAccess } from '../../client/kubernetes/access';
import type { ILiveState } from '../live';
import { TextButton } from '../viewState';
import { forbiddenWords } from './problem';

/** The line above data that may be read but not watched: why it does not follow changes, and how to read it again. */
export function Unwatched(props: {
  trans: TranslationBundle;
  state: ILiveState<unknown>;
  /** Watching what is shown. */
  access: IAccess;
  retry: () => void;
}): JSX.Element | null {
  const { trans, state } = props;
  if (state.status !== 'unwatched') {
    return null;
  }
  const why = forbiddenWords(props.access, state.refusal, trans);
  return (
    <div className="jp-Kubeflow-offline" role="status" data-view-state="unwatched">
      <span>
        {trans.__(
          'Not live: %1',
          why.replace(/^(You|The)\b/, word => word.toLowerCase())
        )}
      </span>
      <TextButton onClick={props.retry}>{trans.__('Read again')}</TextButton>
    </div>
  );
}
