/** `metrics.k8s.io/v1beta1`: what pods use, as metrics-server measures it, where a cluster has one. It can be read, not watched. */
import { there } from '../kind';
import type { IKind } from '../kind';
import type { IKubernetesObject } from '../object';

/** What the containers of a pod use, by Kubernetes' quantities: `cpu` in cores on average over `window`, `memory` in bytes. */
export interface IPodMetrics extends IKubernetesObject {
  /** When it was measured. */
  timestamp: string;
  /** Over how long, for example `15.2s`. */
  window: string;
  containers: { name: string; usage: { cpu?: string; memory?: string } }[];
}

export const podMetrics: IKind<IPodMetrics> = {
  group: 'metrics.k8s.io',
  versions: ['v1beta1'],
  kind: 'PodMetrics',
  plural: 'pods',
  namespaced: true,
  health: there
};
