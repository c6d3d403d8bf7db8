/**
 * The Kubernetes API of the contract specs: that of a real control plane under `npm run test:cluster`, else that of Local Kubeflow. The
 * specs are the same.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

import { DirectTransport } from '../client';
import { KubernetesClient, namespaces, there, trainJobs } from '../client/kubernetes';
import type { IKind, IKubernetesObject, WatchEvent } from '../client/kubernetes';
import { httpsFetch } from './httpsFetch';
import { restartLocalKubeflow, startLocalKubeflow, stopLocalKubeflow } from './localKubeflow';
import type { ILocalKubeflow } from './localKubeflow';

/** The control plane that `npm run test:cluster` has started (scripts/test-cluster.mjs). */
export interface ICluster {
  /** Base URL of the API server. */
  url: string;
  /** Client URL of etcd. */
  etcd: string;
  /** PEM of the certificate authority. */
  ca: string;
  /** kubeconfig of `root`; those of the other users lie beside it, as `NAME.kubeconfig`. */
  kubeconfig: string;
  folder: string;
  /** User to bearer token: `root`, `alice` and `bob` (limited to the namespace `team`). */
  users: Record<string, string>;
  /** Unix socket for killing and restarting parts (ui-tests/cluster/control.mjs). */
  control: string;
}

/** One Kubernetes API: where it is and who asks. */
export interface IKubernetesServer {
  name: 'Local Kubeflow' | 'Kubernetes';
  url: string;
  token: string;
  ca: string;
}

const parsed = <T>(variable: string): T | undefined => {
  const text = process.env[variable];
  return text ? (JSON.parse(text) as T) : undefined;
};

/** The real control plane; undefined when the specs run on Local Kubeflow alone. */
export const cluster = parsed<ICluster>('KUBEFLOW_TEST_CLUSTER');

/** The Local Kubeflow that jest has started. */
function local(): ILocalKubeflow {
  const found = parsed<ILocalKubeflow>('KUBEFLOW_TEST_LOCAL');
  if (!found) {
    throw new Error('These specs run in the project that starts Local Kubeflow.');
  }
  return found;
}

/** The data folder of Local Kubeflow. */
export const localHome = (): string => local().home;

/** The Kubernetes API of a Local Kubeflow, by default of the one that jest has started. */
export function localServer({ home, services, token } = local()): IKubernetesServer {
  return {
    name: 'Local Kubeflow',
    url: services['kubernetes'] ?? '',
    token,
    ca: readFileSync(path.join(home, 'kubernetes', 'ca.crt'), 'utf8')
  };
}

/** The API that a contract spec speaks to, as an administrator. */
export function server(): IKubernetesServer {
  return cluster
    ? { name: 'Kubernetes', url: cluster.url, token: cluster.users['root'] ?? '', ca: cluster.ca }
    : localServer();
}

/** A transport to a server's Kubernetes API. */
export function transportTo({ url, token, ca }: IKubernetesServer): DirectTransport {
  return new DirectTransport({ services: { kubernetes: url }, token, fetch: httpsFetch(ca) });
}

/** The client under test. */
export const clientOf = (target: IKubernetesServer = server()): KubernetesClient =>
  new KubernetesClient(transportTo(target));

/** A ConfigMap: what the specs write where no controller and no webhook takes part. */
export interface IConfigMap extends IKubernetesObject {
  data?: Record<string, string>;
}

export const configMaps: IKind<IConfigMap> = {
  group: '',
  versions: ['v1'],
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  health: there
};

/** Makes a namespace for the specs of a file before them, and lets it go after them. The answer gives its name. */
export function ownNamespace(client: KubernetesClient): () => string {
  const name = `spec-${randomUUID().slice(0, 8)}`;
  beforeAll(() => client.resource(namespaces).create({ metadata: { name } }));
  afterAll(() => client.resource(namespaces).delete({ name }));
  return () => name;
}

/**
 * Calls `use` with a watch whose version is too old: on a real API server one from before the kind's first object, on Local Kubeflow one
 * from before a restart, of a server of its own.
 */
export async function expiredWatch(
  use: (watch: () => AsyncIterable<WatchEvent<IConfigMap>>) => Promise<void>
): Promise<void> {
  if (cluster) {
    const old: IKind<IConfigMap> = { ...trainJobs, health: there };
    return use(() => clientOf().resource(old).watch({ resourceVersion: '1' }));
  }
  let server = await startLocalKubeflow();
  try {
    const metadata = { generateName: 'spec-', namespace: 'default' };
    const made = await clientOf(localServer(server)).resource(configMaps).create({ metadata });
    server = await restartLocalKubeflow(server.home);
    const resourceVersion = String(Number(made.metadata?.resourceVersion) - 1);
    await use(() => clientOf(localServer(server)).resource(configMaps).watch({ resourceVersion }));
  } finally {
    await stopLocalKubeflow(server.home);
  }
}
