/** Where jobs stand in Kueue's queues. Pure. */
import { conditionOf, trueCondition } from '../client/kubernetes/conditions';
import type { IWorkload } from '../client/kubernetes/kinds';

/** Evictions after which a workload goes to the end of its queue. */
const REQUEUED = new Set(['PodsReadyTimeout', 'AdmissionCheck']);

/** A job's place in its queue. */
export interface IQueuePlace {
  /** The LocalQueue. */
  queue: string;
  /** From 1. */
  position: number;
  /** How many wait in it. */
  waiting: number;
  /** Kueue's sentence on why it waits. */
  message?: string;
}

/**
 * The places of the jobs that wait, by the uid of the job that owns the Workload. Pending workloads of one LocalQueue stand as Kueue orders
 * them: by priority, then by when they were created (or evicted, for want of ready pods or by an admission check). Other LocalQueues of the
 * same ClusterQueue are not counted: their workloads may be in namespaces that the user does not see.
 */
export function queuePlaces(workloads: readonly IWorkload[]): ReadonlyMap<string, IQueuePlace> {
  const queues = new Map<string, IWorkload[]>();
  for (const workload of workloads) {
    const queue = workload.spec.queueName;
    if (queue && isWaiting(workload)) {
      const key = `${workload.metadata?.namespace ?? ''}/${queue}`;
      queues.set(key, [...(queues.get(key) ?? []), workload]);
    }
  }
  const places = new Map<string, IQueuePlace>();
  for (const waiting of queues.values()) {
    waiting.sort(byTurn).forEach((workload, index) => {
      const message = conditionOf(workload, 'QuotaReserved')?.message;
      for (const { kind, uid } of workload.metadata?.ownerReferences ?? []) {
        if (kind === 'TrainJob') {
          places.set(uid, {
            queue: workload.spec.queueName!,
            position: index + 1,
            waiting: waiting.length,
            ...(message && { message })
          });
        }
      }
    });
  }
  return places;
}

function isWaiting(workload: IWorkload): boolean {
  return (
    workload.spec.active !== false &&
    !workload.metadata?.deletionTimestamp &&
    !trueCondition(workload, 'Finished') &&
    !trueCondition(workload, 'QuotaReserved')
  );
}

function byTurn(one: IWorkload, other: IWorkload): number {
  const [x, y] = [since(one), since(other)];
  return (
    (other.spec.priority ?? 0) - (one.spec.priority ?? 0) ||
    (x < y ? -1 : x > y ? 1 : 0) ||
    (one.metadata?.name ?? '').localeCompare(other.metadata?.name ?? '')
  );
}

function since(workload: IWorkload): string {
  const evicted = trueCondition(workload, 'Evicted');
  return (
    (REQUEUED.has(evicted?.reason ?? '') ? evicted?.lastTransitionTime : undefined) ??
    workload.metadata?.creationTimestamp ??
    ''
  );
}
