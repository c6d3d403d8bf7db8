/**
 * The Kubernetes API of the contract specs: that of a real control plane under `npm run test:cluster`, else that of Local Kubeflow. The
 * specs are the same.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

import { DirectTransport } from '../client';
import { KubernetesClient } from '../client/kubernetes';
import { httpsFetch } from './httpsFetch';
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

/** The Kubernetes API of the Local Kubeflow that jest has started. */
export function localServer(): IKubernetesServer {
  const local = parsed<ILocalKubeflow>('KUBEFLOW_TEST_LOCAL');
  if (!local) {
    throw new Error('These specs run in the project that starts Local Kubeflow.');
  }
  return {
    name: 'Local Kubeflow',
    url: local.services['kubernetes'] ?? '',
    token: local.token,
    ca: readFileSync(path.join(local.home, 'kubernetes', 'ca.crt'), 'utf8')
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
