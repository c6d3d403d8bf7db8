/** One Kubernetes client and one set of live lists for the whole page, made anew with each connection. */
import { useMemo, useSyncExternalStore } from 'react';

import { type IApiResource, apiResources } from '../../client/kubernetes/apiResources';
import { ListWatchCache } from '../../client/kubernetes/cache';
import { KubernetesClient } from '../../client/kubernetes/client';
import { OpenApi } from '../../client/kubernetes/openApi';
import type { ITransport } from '../../client/transport';
import type { IKubeflow } from '../tokens';

/** What the parts need of a cluster. */
export interface IKubernetes {
  readonly transport: ITransport;
  readonly client: KubernetesClient;
  /** Lists that stay up to date, shared by all views. */
  readonly lists: ListWatchCache;
  readonly openApi: OpenApi;
  /** All kinds of the server; read once, and again after a failure. */
  resources(): Promise<IApiResource[]>;
}

/** A cluster over a transport. `signal` ends the reading of its kinds, as when another connection is chosen. */
export function makeKubernetes(transport: ITransport, signal?: AbortSignal): IKubernetes {
  const client = new KubernetesClient(transport);
  let resources: Promise<IApiResource[]> | undefined;
  return {
    transport,
    client,
    lists: new ListWatchCache(client),
    openApi: new OpenApi(transport),
    resources: () => {
      resources ??= apiResources(transport, signal).catch((error: unknown) => {
        resources = undefined;
        throw error;
      });
      return resources;
    }
  };
}

/** What was made last, and what ends what it still asks for. */
interface IMade {
  active: string | undefined;
  readonly kubernetes: IKubernetes;
  readonly end: AbortController;
}

const made = new WeakMap<IKubeflow, IMade>();

/** The cluster of the active connection: the same one for all who ask, until another connection is chosen. */
export function kubernetesOf(kubeflow: IKubeflow): IKubernetes {
  const active = kubeflow.connection.state?.active;
  const known = made.get(kubeflow);
  if (known && (known.active === active || active === undefined)) {
    return known.kubernetes;
  }
  if (known && known.active === undefined) {
    known.active = active;
    return known.kubernetes;
  }
  known?.end.abort();
  const end = new AbortController();
  const kubernetes = makeKubernetes(kubeflow.transport, end.signal);
  made.set(kubeflow, { active, kubernetes, end });
  return kubernetes;
}

/** The cluster of the active connection; the component is drawn anew when that changes. */
export function useKubernetes(kubeflow: IKubeflow): IKubernetes {
  const active = useSyncExternalStore(
    listener => kubeflow.connection.subscribe(listener),
    () => kubeflow.connection.state?.active
  );
  return useMemo(() => kubernetesOf(kubeflow), [kubeflow, active]);
}

/** The namespace of the active connection; empty where it names none. */
export function useNamespace(kubeflow: IKubeflow): string {
  return useSyncExternalStore(
    listener => kubeflow.connection.subscribe(listener),
    () => kubeflow.connection.state?.namespace ?? ''
  );
}
