/** Names that a cluster has for fields of the form. What may not be listed is typed. */
import { useEffect, useState } from 'react';

import { isForbidden } from '../../client/errors';
import { type IKind, there } from '../../client/kubernetes/kind';
import { localQueues } from '../../client/kubernetes/kinds';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { claims } from './claims';

/** Names to choose from; undefined where they are not known. */
export interface ISuggestions {
  claims?: readonly string[];
  /** Kueue's. */
  queues?: readonly string[];
  /** Whether there may be queues: Kueue is there, and has some or does not tell. */
  queued?: boolean;
  priorities?: readonly string[];
}

const priorities: IKind = {
  group: localQueues.group,
  versions: localQueues.versions,
  kind: 'WorkloadPriorityClass',
  plural: 'workloadpriorityclasses',
  namespaced: false,
  health: there
};

/** Reads what a namespace has, once. */
export function useSuggestions(kubernetes: IKubernetes, namespace: string): ISuggestions {
  const [found, setFound] = useState<ISuggestions>({});
  useEffect(() => {
    const abort = new AbortController();
    setFound({});
    const put = (change: ISuggestions) =>
      setFound(before => (abort.signal.aborted ? before : { ...before, ...change }));
    const read = async (key: 'claims' | 'queues' | 'priorities', kind: IKind) => {
      try {
        const { client } = kubernetes;
        if (!(await client.discovery.has(kind))) {
          return;
        }
        const items = await client.resource(kind as IKind<IKubernetesObject>).list({
          ...(kind.namespaced ? { namespace } : {}),
          signal: abort.signal
        });
        const names = items.map(each => each.metadata?.name ?? '').sort();
        put({ [key]: names, ...(key === 'queues' ? { queued: names.length > 0 } : {}) });
      } catch (error) {
        // What may not be listed is typed.
        put(key === 'queues' && isForbidden(error) ? { queued: true } : {});
      }
    };
    void read('claims', claims as unknown as IKind);
    void read('queues', localQueues as unknown as IKind);
    void read('priorities', priorities);
    return () => abort.abort();
  }, [kubernetes, namespace]);
  return found;
}
