/** TrainJobs, their pods and workloads for specs. */
import type { ITrainJob, IWorkload, Job, Pod } from '../client/kubernetes/kinds';

const NAMESPACE = 'team-a';
const CREATED = '2026-01-01T10:00:00Z';

/** A condition, since a minute after the job was made. */
export const condition = (type: string, status = 'True', reason = type, message = '') => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-01-01T10:01:00Z'
});

/** A TrainJob on two nodes; `conditions` are those of its status. */
export function makeJob(
  name: string,
  change: { spec?: object; status?: object; conditions?: object[]; metadata?: object } = {}
): ITrainJob {
  return {
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'TrainJob',
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `uid-${name}`,
      creationTimestamp: CREATED,
      resourceVersion: '1',
      ...change.metadata
    },
    spec: {
      runtimeRef: { name: 'torch-distributed' },
      trainer: { numNodes: 2 },
      ...change.spec
    },
    status: {
      ...(change.conditions && { conditions: change.conditions }),
      ...change.status
    }
  } as ITrainJob;
}

/** The part of a running job's status that says so. */
export const RUNNING = {
  jobsStatus: [{ name: 'node', active: 1, ready: 1, succeeded: 0, failed: 0, suspended: 0 }]
};

/** A pod of a job's node; `state` is that of its one container. */
export function makePod(
  job: string,
  index: number,
  phase: string,
  state: object = {},
  change: { status?: object; step?: string; metadata?: object; created?: string } = {}
): Pod {
  const step = change.step ?? 'node';
  const name = `${job}-${step}-0-${index}-abcde`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `uid-${name}`,
      labels: {
        'jobset.sigs.k8s.io/jobset-name': job,
        'jobset.sigs.k8s.io/replicatedjob-name': step,
        'batch.kubernetes.io/job-completion-index': String(index)
      },
      ...(change.created && { creationTimestamp: change.created }),
      ...change.metadata
    },
    spec: { containers: [{ name: step, image: 'pytorch/pytorch' }] },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: step,
          image: 'pytorch/pytorch',
          imageID: '',
          ready: phase === 'Running',
          restartCount: 0,
          state
        }
      ],
      ...change.status
    }
  } as Pod;
}

/** The Job of a job's nodes, and a pod of it that has failed as attempt `attempt`. */
export function makeNodes(job: string, change: { spec?: object; status?: object } = {}) {
  const metadata = {
    name: `${job}-node-0`,
    namespace: NAMESPACE,
    uid: `job-${job}`,
    labels: { 'jobset.sigs.k8s.io/jobset-name': job }
  };
  const of = { apiVersion: 'batch/v1', kind: 'Job', name: metadata.name, uid: metadata.uid };
  const failed = (attempt: number, index: number, state: object) => {
    const pod = makePod(job, index, 'Failed', state, { created: `2026-01-01T10:00:0${attempt}Z` });
    const name = `${pod.metadata!.name}-${attempt}`;
    return { ...pod, metadata: { ...pod.metadata, name, uid: name, ownerReferences: [of] } } as Pod;
  };
  const spec = { parallelism: 2, completions: 2, ...change.spec };
  return { job: { metadata, spec, status: change.status } as unknown as Job, failed, of };
}

/** How a container has ended. */
export const terminated = (exitCode: number, change: object = {}) => ({
  terminated: {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: '2026-01-01T10:00:10Z',
    finishedAt: '2026-01-01T10:00:51Z',
    ...change
  }
});

/** A Workload of Kueue that waits in the queue `training`, for the job of this name. */
export function makeWorkload(
  job: string,
  change: { spec?: object; conditions?: object[]; created?: string; kind?: string } = {}
): IWorkload {
  return {
    metadata: {
      name: `trainjob-${job}`,
      namespace: NAMESPACE,
      uid: `workload-${job}`,
      creationTimestamp: change.created ?? CREATED,
      ownerReferences: [
        {
          apiVersion: 'trainer.kubeflow.org/v1alpha1',
          kind: change.kind ?? 'TrainJob',
          name: job,
          uid: `uid-${job}`
        }
      ]
    },
    spec: { queueName: 'training', podSets: [], ...change.spec },
    status: { conditions: change.conditions ?? [] }
  } as unknown as IWorkload;
}
