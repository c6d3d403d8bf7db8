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

/** A cluster over a transport. */
export function makeKubernetes(transport: ITransport): IKubernetes {
  const client = new KubernetesClient(transport);
  let resources: Promise<IApiResource[]> | undefined;
  return {
    transport,
    client,
    lists: new ListWatchCache(client),
    openApi: new OpenApi(transport),
    resources: () => {
      resources ??= apiResources(transport).catch((error: unknown) => {
        resources = undefined;
        throw error;
      });
      return resources;
    }
  };
}

const made = new WeakMap<IKubeflow, { active: string | undefined; kubernetes: IKubernetes }>();

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
  const kubernetes = makeKubernetes(kubeflow.transport);
  made.set(kubeflow, { active, kubernetes });
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
