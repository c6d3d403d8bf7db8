import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';

import { errorMessage, TextButton } from '../ui/viewState';
import { Changed } from './actions';

/** Something that is being saved, and why it was not. */
export interface ISaving {
  busy: boolean;
  error: unknown;
  /** Does it; `done` is called once it is. `again` is offered where somebody else was faster. */
  run: (save: () => Promise<void>, done: () => void, again?: () => Promise<void>) => void;
  /** What there is to say and to do after a failure. */
  problem: JSX.Element | null;
  forget: () => void;
}

/** Saves what was typed; what was typed is never lost with a failure. */
export function useSaving(trans: TranslationBundle): ISaving {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<{ error: unknown; anyway?: () => void }>();
  const run: ISaving['run'] = (save, done, again) => {
    setBusy(true);
    setFailure(undefined);
    save()
      .then(done, (error: unknown) => {
        const anyway = again && error instanceof Changed ? () => run(again, done) : undefined;
        setFailure({ error, anyway });
      })
      .finally(() => setBusy(false));
  };
  return {
    busy,
    error: failure?.error,
    run,
    forget: () => setFailure(undefined),
    problem: failure ? (
      <div className="jp-Kubeflow-edit-problem" role="alert">
        <span>{errorMessage(failure.error)}</span>
        {failure.anyway && (
          <TextButton onClick={failure.anyway}>{trans.__('Save mine')}</TextButton>
        )}
      </div>
    ) : null
  };
}
