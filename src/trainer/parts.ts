/** What belongs to one TrainJob, live: only its own objects are watched. */
import { useMemo } from 'react';

import {
  clusterTrainingRuntimes,
  type IJobSet,
  type ITrainJob,
  type Job,
  jobs as jobKind,
  jobSets,
  type Pod,
  pods as podKind,
  trainingRuntimes
} from '../client/kubernetes/kinds';
import type { IKubernetesObject } from '../client/kubernetes/object';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { useList } from '../ui/kubernetes/useList';
import { errorKind } from '../ui/viewState';
import { JOB_SET, placeOf, type Runtime, runtimeRef } from './nodes';

const JOB_SET_UID = 'jobset.sigs.k8s.io/jobset-uid';

/** What belongs to a job. */
export interface IJobParts {
  jobSet?: IJobSet;
  jobs: readonly Job[];
  /** By step and index. */
  pods: readonly Pod[];
  /** All of them, owners first. */
  owned: readonly IKubernetesObject[];
  runtime?: Runtime;
  /** Whether the pods are all there are. */
  ready: boolean;
  /** Why there are no pods here although there may be some: the user may not list them. */
  refusal?: unknown;
}

/** The parts of a job; what the user may not list, or the cluster does not have, is as if it were not there. */
export function useJobParts({ lists }: IKubernetes, job: ITrainJob): IJobParts {
  const { name = '', namespace, uid = '' } = job.metadata ?? {};
  const labelled = { namespace, labelSelector: `${JOB_SET}=${name}` };
  const only = (of: string) => ({ fieldSelector: `metadata.name=${of}` });
  const sets = useList(lists.list(jobSets, { namespace, ...only(name) })).data;
  const jobs = useList(lists.list(jobKind, labelled)).data;
  const podState = useList(lists.list(podKind, labelled));
  const ref = runtimeRef(job);
  const isOwn = ref.kind === 'TrainingRuntime';
  const own = useList(
    isOwn ? lists.list(trainingRuntimes, { namespace, ...only(ref.name) }) : undefined
  ).data;
  const shared = useList(
    isOwn ? undefined : lists.list(clusterTrainingRuntimes, only(ref.name))
  ).data;

  return useMemo(() => {
    const jobSet = sets?.find(({ metadata }) =>
      metadata?.ownerReferences?.some(owner => owner.uid === uid)
    );
    const ownJobs = (jobs ?? []).filter(each => isOf(each, jobSet));
    const pods = (podState.data ?? []).filter(each => isOf(each, jobSet)).sort(byPlace);
    return {
      jobSet,
      jobs: ownJobs,
      pods,
      owned: [...(jobSet ? [jobSet] : []), ...ownJobs, ...pods],
      runtime: own?.[0] ?? shared?.[0],
      ready: podState.data !== undefined || podState.error != null,
      ...(podState.error != null &&
        errorKind(podState.error) === 'forbidden' && { refusal: podState.error })
    };
  }, [sets, jobs, podState, own, shared, uid]);
}

/** Whether an object is of this JobSet, rather than of an earlier one of the same name that is being deleted. */
function isOf({ metadata }: IKubernetesObject, jobSet: IJobSet | undefined): boolean {
  const label = metadata?.labels?.[JOB_SET_UID];
  return !jobSet || !label || label === jobSet.metadata?.uid;
}

function byPlace(one: Pod, other: Pod): number {
  const [a, b] = [placeOf(one), placeOf(other)];
  return a.step === b.step ? a.index - b.index : a.step < b.step ? -1 : 1;
}
