/** Kinds of the core group and of `events.k8s.io` (Kubernetes 1.34, types of `@kubernetes/client-node`). */
import type { CoreV1Event, V1ContainerStatus, V1Namespace, V1Pod } from '@kubernetes/client-node';

import { because, conditionOf } from '../conditions';
import type { IHealth, IKind } from '../kind';
import type { Wire } from '../object';

export type Pod = Wire<V1Pod>;
export type Namespace = Wire<V1Namespace>;
export type Event = Wire<CoreV1Event>;

/** Why a container waits, when that is a failure that does not mend itself soon. */
const STUCK = new Set([
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImageNeverPull',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'RunContainerError'
]);

export const pods: IKind<Pod> = {
  group: '',
  versions: ['v1'],
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  health: podHealth
};

export const namespaces: IKind<Namespace> = {
  group: '',
  versions: ['v1'],
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  health: namespace => ({
    phase: namespace.status?.phase === 'Terminating' ? 'terminating' : 'ready'
  })
};

export const events: IKind<Event> = {
  group: '',
  versions: ['v1'],
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  health: event => ({
    phase: event.type === 'Warning' ? 'degraded' : 'ready',
    ...(event.reason && { reason: event.reason }),
    ...(event.message && { message: event.message })
  })
};

function podHealth(pod: Pod): IHealth {
  const status = pod.status ?? {};
  const containers: Wire<V1ContainerStatus>[] = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? [])
  ];
  const total = pod.spec?.containers?.length ?? 0;
  const done = (status.containerStatuses ?? []).filter(each => each.ready).length;
  if (status.phase === 'Succeeded') {
    return { phase: 'succeeded' };
  }
  if (status.phase === 'Failed') {
    return failure(status.reason, status.message, containers);
  }
  for (const each of containers) {
    const waiting = each.state?.waiting;
    if (waiting?.reason && STUCK.has(waiting.reason)) {
      return because('failed', { type: '', status: '', ...waiting });
    }
  }
  if (status.phase === 'Running') {
    const ready = conditionOf(pod, 'Ready');
    const phase = ready && ready.status !== 'True' ? 'degraded' : 'running';
    return {
      ...because(phase, phase === 'degraded' ? ready : undefined),
      progress: { done, total }
    };
  }
  const unscheduled = conditionOf(pod, 'PodScheduled');
  if (unscheduled && unscheduled.status === 'False') {
    return because('pending', unscheduled);
  }
  return { phase: status.phase === 'Pending' ? 'pending' : 'unknown' };
}

function failure(
  reason: string | undefined,
  message: string | undefined,
  containers: Wire<V1ContainerStatus>[]
): IHealth {
  const ended = containers
    .map(each => ({ name: each.name, ...each.state?.terminated }))
    .find(each => (each.exitCode ?? 0) !== 0);
  const why = reason ?? ended?.reason;
  const said =
    message ??
    ended?.message ??
    (ended && `Container ${ended.name} ended with exit code ${ended.exitCode}.`);
  return { phase: 'failed', ...(why && { reason: why }), ...(said && { message: said }) };
}
