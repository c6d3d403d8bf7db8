/** `batch/v1` (Kubernetes 1.34) and `jobset.x-k8s.io/v1alpha2`. */
import type { V1Job } from '@kubernetes/client-node';

import { firstTrue } from '../conditions';
import type { IJobSet } from '../generated/jobset.v1alpha2';
import type { IHealth, IKind } from '../kind';
import type { Wire } from '../object';

export type Job = Wire<V1Job>;
export type { IJobSet };

export const jobs: IKind<Job> = {
  group: 'batch',
  versions: ['v1'],
  kind: 'Job',
  plural: 'jobs',
  namespaced: true,
  health: jobHealth
};

export const jobSets: IKind<IJobSet> = {
  group: 'jobset.x-k8s.io',
  versions: ['v1alpha2'],
  kind: 'JobSet',
  plural: 'jobsets',
  namespaced: true,
  health: jobSetHealth
};

function jobHealth(job: Job): IHealth {
  const { spec, status } = job;
  const total = spec?.completions ?? spec?.parallelism ?? 1;
  const progress = { done: Math.min(status?.succeeded ?? 0, total), total };
  const ended = firstTrue(job, {
    Complete: 'succeeded',
    SuccessCriteriaMet: 'succeeded',
    Failed: 'failed',
    FailureTarget: 'failed',
    Suspended: 'suspended'
  });
  if (ended) {
    return { ...ended, progress };
  }
  return { phase: (status?.active ?? 0) > 0 ? 'running' : 'pending', progress };
}

function jobSetHealth(set: IJobSet): IHealth {
  const parts = set.status?.replicatedJobsStatus ?? [];
  const total = (set.spec.replicatedJobs ?? []).reduce(
    (sum, each) => sum + (each.replicas ?? 1),
    0
  );
  const progress = { done: parts.reduce((sum, each) => sum + each.succeeded, 0), total };
  const ended = firstTrue(set, {
    Completed: 'succeeded',
    Failed: 'failed',
    Suspended: 'suspended'
  });
  if (ended) {
    return { ...ended, progress };
  }
  const begun = parts.some(each => each.active + each.ready + each.succeeded > 0);
  return { phase: begun ? 'running' : 'pending', progress };
}
