import type { TranslationBundle } from '@jupyterlab/translation';

import type { ILiveState } from './live';
import { errorKind, OfflineBar, Skeleton, ViewState } from './viewState';

/** Draws live data in whatever state it is: loading, not to be had, no longer current, or current. */
export function LiveView<T>(props: {
  state: ILiveState<T>;
  trans: TranslationBundle;
  retry: () => void;
  /** What a person may not do here and whom to ask, in a sentence. */
  forbidden: string;
  /** What is to be installed, and where to read how. */
  absent: { message?: string; link: { label: string; href: string } };
  /** Whether it is already known that the component is not there. */
  isAbsent?: boolean;
  children: (data: T) => React.ReactNode;
}): JSX.Element {
  const { state, trans, retry } = props;
  const failed = state.error != null;
  if (state.data === undefined && !failed) {
    return <Skeleton trans={trans} />;
  }
  const kind = failed && props.isAbsent ? 'absent' : errorKind(state.error);
  if (state.data === undefined || (failed && (kind === 'forbidden' || kind === 'absent'))) {
    const message = { forbidden: props.forbidden, absent: props.absent.message }[kind as string];
    return (
      <ViewState
        kind={kind}
        trans={trans}
        error={state.error}
        message={message}
        link={kind === 'absent' ? props.absent.link : undefined}
        action={{ label: trans.__('Retry now'), run: retry }}
      />
    );
  }
  return (
    <>
      {failed && <OfflineBar trans={trans} since={state.since} error={state.error} retry={retry} />}
      <div className={`jp-Kubeflow-live${failed ? ' jp-mod-offline' : ''}`}>
        {props.children(state.data)}
      </div>
    </>
  );
}
