import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useState } from 'react';

import type { IAccess } from '../../client/kubernetes/access';
import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import type { ILiveState } from '../live';
import { LiveView } from '../liveView';
import { errorKind, OfflineBar, ViewState } from '../viewState';
import type { IKubernetes } from './connection';
import { forbiddenWords, problemOf } from './problem';
import { Unwatched } from './unwatched';
import { useList } from './useList';

/** One object as it is now, or as it was last. */
export interface IWatched<T> {
  object: T;
  /** It was deleted; `object` is what it was last. */
  gone: boolean;
  /** `object` may have changed since. */
  stale: boolean;
  /** The line above the object that says why it is not as it is now; draws nothing while it is live. */
  notice: JSX.Element;
}

/** Which object is watched, and what is said where there is none. */
export interface IWatchedObjectProps<T extends IKubernetesObject> {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  kind: IKind<T>;
  /** Left out for kinds of the cluster. */
  namespace?: string;
  name: string;
  /** Says that the object is not there and never was while this was on the screen. */
  absent: string;
  /** Closes what shows the object. */
  onGone: () => void;
  children: (watched: IWatched<T>) => JSX.Element;
}

/**
 * Watches one object, for the tab that shows it: draws its children with what it is, and with what it was last when it is deleted or cannot
 * be read any more. Before the first answer, and where there is no such object or it may not be read, it says that instead.
 */
export function WatchedObject<T extends IKubernetesObject>(
  props: IWatchedObjectProps<T>
): JSX.Element {
  const { trans, kubernetes, kind, namespace, name } = props;
  const list = kubernetes.lists.list(kind, { namespace, fieldSelector: `metadata.name=${name}` });
  const state = useList(list);
  const now = state.data?.[0];
  const [last, setLast] = useState(now);
  useEffect(() => {
    if (now) {
      setLast(now);
    }
  }, [now]);
  const object = now ?? last;
  const access = { verb: 'get', kind, namespace } as const;
  const retry = () => list.retry();
  if (object) {
    const gone = !now && state.data !== undefined;
    const stale = gone || state.error != null;
    return props.children({
      object,
      gone,
      stale,
      notice: <ObjectNotice {...{ trans, name, gone, state, access, retry }} />
    });
  }
  return state.data && state.error == null ? (
    <ViewState
      kind="empty"
      trans={trans}
      message={props.absent}
      action={{ label: trans.__('Close tab'), run: props.onGone }}
    />
  ) : (
    <LiveView
      state={{ ...state, data: undefined } as ILiveState<unknown>}
      trans={trans}
      retry={retry}
      {...problemOf(access, state.error, trans)}
    >
      {() => null}
    </LiveView>
  );
}

/** That the object was deleted, may not be read any more, cannot be reached, or is not followed. */
function ObjectNotice(props: {
  trans: TranslationBundle;
  name: string;
  gone: boolean;
  state: ILiveState<unknown>;
  access: IAccess;
  retry: () => void;
}): JSX.Element {
  const { trans, name, gone, state, access, retry } = props;
  if (gone) {
    return (
      <p className="jp-Kubeflow-notice" role="status">
        {trans.__('%1 was deleted. This is how it was last.', name)}
      </p>
    );
  }
  if (state.error == null) {
    const watch = { ...access, verb: 'watch' } as const;
    return <Unwatched trans={trans} state={state} access={watch} retry={retry} />;
  }
  return errorKind(state.error) === 'forbidden' ? (
    <p className="jp-Kubeflow-notice" role="alert">
      {forbiddenWords(access, state.error, trans)}
    </p>
  ) : (
    <OfflineBar trans={trans} since={state.since} error={state.error} retry={retry} />
  );
}
