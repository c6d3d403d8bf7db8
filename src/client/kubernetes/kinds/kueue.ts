/** `kueue.x-k8s.io/v1beta2`, else v1beta1, whose objects hold the same where they are read here. */
import { because, firstTrue, readiness, trueCondition } from '../conditions';
import type { IClusterQueue, ILocalQueue, IWorkload } from '../generated/kueue.v1beta2';
import type { IHealth, IKind } from '../kind';

export type { IClusterQueue, ILocalQueue, IWorkload };

const kueue = { group: 'kueue.x-k8s.io', versions: ['v1beta2', 'v1beta1'] } as const;

export const workloads: IKind<IWorkload> = {
  ...kueue,
  kind: 'Workload',
  plural: 'workloads',
  namespaced: true,
  health: workloadHealth
};

export const localQueues: IKind<ILocalQueue> = {
  ...kueue,
  kind: 'LocalQueue',
  plural: 'localqueues',
  namespaced: true,
  health: queue => readiness(queue, 'Active')
};

export const clusterQueues: IKind<IClusterQueue> = {
  ...kueue,
  kind: 'ClusterQueue',
  plural: 'clusterqueues',
  namespaced: false,
  health: queue => readiness(queue, 'Active')
};

function workloadHealth(workload: IWorkload): IHealth {
  const finished = trueCondition(workload, 'Finished');
  if (finished) {
    return because(finished.reason === 'Failed' ? 'failed' : 'succeeded', finished);
  }
  if (workload.spec.active === false) {
    return because('suspended', trueCondition(workload, 'Evicted'));
  }
  return (
    firstTrue(workload, { Admitted: 'running', Evicted: 'pending', QuotaReserved: 'pending' }) ??
    because(
      'pending',
      workload.status?.conditions?.find(each => each.type === 'QuotaReserved')
    )
  );
}
