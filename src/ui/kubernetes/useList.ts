/** Live lists in components. */
import { useCallback, useContext, useMemo, useSyncExternalStore } from 'react';

import type { IListSnapshot, ListWatch } from '../../client/kubernetes/listWatch';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import type { ILiveState } from '../live';
import { VisibleContext } from '../text';

/** Until when each list was current, in milliseconds since the epoch; one that never was is not here. */
const current = new WeakMap<object, { live: boolean; since: number }>();

/**
 * A list's objects and how current they are. It is watched only while the view is on the screen; what is shared with other views is watched
 * once. Without a list, or before its first answer, `data` is undefined.
 */
export function useList<T extends IKubernetesObject>(
  list: ListWatch<T> | undefined
): ILiveState<readonly T[]> {
  const visible = useContext(VisibleContext);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!list || !visible) {
        return () => undefined;
      }
      return list.subscribe(() => {
        note(list as unknown as ListWatch<IKubernetesObject>);
        listener();
      });
    },
    [list, visible]
  );
  const snapshot = useSyncExternalStore(subscribe, () => list?.snapshot ?? NOTHING);
  if (list) {
    note(list as unknown as ListWatch<IKubernetesObject>);
  }
  const record = list && current.get(list);
  const data = useMemo(
    () => [...(snapshot.items as ReadonlyMap<string, T>).values()],
    [snapshot.items]
  );
  const known = record !== undefined;
  // While it is live, nobody asks since when.
  const since = record?.live ? undefined : record?.since;
  return useMemo(() => {
    if (snapshot.status === 'unwatched') {
      const { status, error: refusal } = snapshot;
      return { data: known ? data : undefined, status, error: null, refusal, since };
    }
    const error = snapshot.error ?? null;
    const resumes = snapshot.status === 'stale' && error === null;
    const status = resumes ? 'loading' : STATUS[snapshot.status];
    return { data: known ? data : undefined, status, error, since };
  }, [known, data, snapshot, since]);
}

/** Remembers until when a list was current. */
function note(list: ListWatch<IKubernetesObject>): void {
  const live = list.snapshot.status === 'live';
  if (live || current.get(list)?.live) {
    current.set(list, { live, since: Date.now() });
  }
}

const STATUS = {
  loading: 'loading',
  live: 'live',
  stale: 'offline',
  stopped: 'offline',
  paused: 'paused'
} as const;

const NOTHING: IListSnapshot<never> = { items: new Map<string, never>(), status: 'paused' };
