/** The pods of one trial, live. */
import { useMemo } from 'react';

import { type ITrainJob, type ITrial, type Pod, pods as podKind } from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { useList } from '../ui/kubernetes/useList';
import { runKind } from './model/trainJob';

/** The object behind a trial: Katib's Trial, or the TrainJob of an OptimizationJob. */
export type TrialObject = ITrial | ITrainJob;

/** Whether it is Katib's. */
export function isKatibTrial(object: TrialObject): object is ITrial {
  return !('runtimeRef' in object.spec);
}

/** The label by which the pods of a trial's run name it. Katib labels those that it collects metrics of. */
export function podLabel(object: TrialObject): string {
  switch (isKatibTrial(object) ? runKind(object) : 'TrainJob') {
    case 'TrainJob':
      return 'jobset.sigs.k8s.io/jobset-name';
    case 'Job':
      return 'batch.kubernetes.io/job-name';
    default:
      return 'katib.kubeflow.org/trial';
  }
}

/** The pods of a trial; what the user may not list is as if it were not there. `ready` once they are all there are. */
export function useTrialPods(
  { lists }: IKubernetes,
  object: TrialObject
): { pods: readonly Pod[]; ready: boolean } {
  const { name = '', namespace } = object.metadata ?? {};
  const { data, error } = useList(
    lists.list(podKind, { namespace, labelSelector: `${podLabel(object)}=${name}` })
  );
  return useMemo(
    () => ({ pods: data ?? [], ready: data !== undefined || error != null }),
    [data, error]
  );
}
