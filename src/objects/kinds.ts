/** Finding the kinds that commands and views name. */
import { useEffect, useState } from 'react';

import { ApiError, isAborted } from '../client/errors';
import { findResource, type IApiResource } from '../client/kubernetes/apiResources';
import type { IKind } from '../client/kubernetes/kind';
import { asKind, KNOWN } from '../ui/kubernetes/anyKind';
import type { IKubernetes } from '../ui/kubernetes/connection';

/** The kind of a plural, kind or short name. Rejects with an `ApiError` of reason `NotInstalled` where the server has none. */
export async function kindNamed(
  { resources }: IKubernetes,
  name: string,
  group?: string
): Promise<IKind> {
  const wanted = name.toLowerCase();
  const known = KNOWN.find(
    each =>
      (group === undefined ? each.group !== 'events.k8s.io' : each.group === group) &&
      (each.plural === wanted || each.kind.toLowerCase() === wanted)
  );
  if (known) {
    return known;
  }
  const found = findResource(await resources(), name, group);
  if (!found) {
    throw new ApiError({
      service: 'kubernetes',
      status: 404,
      reason: 'NotInstalled',
      message: `The cluster does not know ${[name, group].filter(Boolean).join('.')}. Install the component that brings it, or choose another connection.`
    });
  }
  return asKind(found);
}

/** Something that is read once, and again on demand. */
export interface IRead<T> {
  value?: T;
  error?: unknown;
  retry: () => void;
}

/** The kinds that can be listed. */
export function useResources(kubernetes: IKubernetes): IRead<readonly IApiResource[]> {
  return useRead(
    async () => (await kubernetes.resources()).filter(each => each.verbs.includes('list')),
    [kubernetes]
  );
}

/** The kind that a tab is about. */
export function useKind(kubernetes: IKubernetes, name: string, group?: string): IRead<IKind> {
  return useRead(() => kindNamed(kubernetes, name, group), [kubernetes, name, group]);
}

/** What a promise brings; read anew when `deps` change. One that was cancelled brings nothing: it is about to be read anew. */
export function useRead<T>(read: () => Promise<T>, deps: React.DependencyList): IRead<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<IRead<T>, 'retry'>>({});
  useEffect(() => {
    let gone = false;
    setState({});
    read().then(
      value => gone || setState({ value }),
      (error: unknown) => gone || isAborted(error) || setState({ error })
    );
    return () => {
      gone = true;
    };
  }, [...deps, turn]);
  return { ...state, retry: () => setTurn(turn + 1) };
}
