/** Which part of a training a pod is: by the labels that JobSet and the Job controller give it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { conditionOf } from '../client/kubernetes/conditions';
import { compareTimes } from '../client/kubernetes/eventTime';
import type {
  IClusterTrainingRuntime,
  ITrainingRuntime,
  ITrainJob,
  Pod
} from '../client/kubernetes/kinds';
import type { IKubernetesObject } from '../client/kubernetes/object';

export type Runtime = IClusterTrainingRuntime | ITrainingRuntime;

/** The TrainJob's name: its JobSet has the same. */
export const JOB_SET = 'jobset.sigs.k8s.io/jobset-name';
const STEP = 'jobset.sigs.k8s.io/replicatedjob-name';
const JOB_INDEX = 'jobset.sigs.k8s.io/job-index';
const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/** A part of a training: a step, and which of its pods. */
export interface IPlace {
  /** The replicated job: `node`, `launcher`, `dataset-initializer` … */
  step: string;
  /** From 0, as the rank of a node. */
  index: number;
}

/** The name of the TrainJob that a pod, Job or JobSet belongs to. */
export function trainJobOf({ metadata }: IKubernetesObject): string {
  return metadata?.labels?.[JOB_SET] ?? '';
}

/** Which part of a training a pod or a Job is. */
export function placeOf({ metadata }: IKubernetesObject): IPlace {
  const { labels = {}, annotations = {} } = metadata ?? {};
  const index =
    labels[COMPLETION_INDEX] ?? annotations[COMPLETION_INDEX] ?? labels[JOB_INDEX] ?? '0';
  return { step: labels[STEP] ?? '', index: Number(index) || 0 };
}

/** Whether a step trains, rather than prepares. */
export function isNodeStep(step: string): boolean {
  return !step.endsWith('-initializer');
}

/** `node 1`, `dataset initializer`. */
export function placeWords({ step, index }: IPlace, trans: TranslationBundle): string {
  const name = step.replaceAll('-', ' ');
  return isNodeStep(step) && step !== 'launcher' ? trans.__('%1 %2', name || 'node', index) : name;
}

/** The part that a pod is, in words; undefined where its labels do not tell. */
export function placeLabel(pod: Pod, trans: TranslationBundle): string | undefined {
  const place = placeOf(pod);
  return place.step ? placeWords(place, trans) : undefined;
}

/** How many nodes a job trains on; its runtime's number where it names none. */
export function nodesWanted(job: ITrainJob, runtime?: Runtime): number | undefined {
  return job.spec.trainer?.numNodes ?? (runtime && (runtime.spec.mlPolicy?.numNodes ?? 1));
}

/** How many of these pods are nodes that are ready. */
export function nodesReady(pods: readonly Pod[]): number {
  return pods.filter(
    pod =>
      isNodeStep(placeOf(pod).step) &&
      !pod.metadata?.deletionTimestamp &&
      conditionOf(pod, 'Ready')?.status === 'True'
  ).length;
}

/** Whether a pod has not ended. */
export function isUnfinished({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** When the first container of these pods began to run, ISO 8601; undefined where none has. */
export function beganOf(pods: readonly Pod[]): string | undefined {
  return pods
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .flatMap(({ state, lastState }) => [lastState?.terminated, state?.running, state?.terminated])
    .flatMap(each => each?.startedAt ?? [])
    .sort(compareTimes)[0];
}

/** When a job was made (or last resumed) and when it ended, ISO 8601. */
export function timesOf(job: ITrainJob): { start?: string; end?: string } {
  const resumed = conditionOf(job, 'Suspended');
  const ended = job.status?.conditions?.find(
    each => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True'
  );
  const start =
    resumed?.status === 'False' && resumed.reason === 'Resumed'
      ? resumed.lastTransitionTime
      : job.metadata?.creationTimestamp;
  return { start, end: ended?.lastTransitionTime };
}

/** The name of the runtime that a job refers to, with its kind. */
export function runtimeRef({ spec }: ITrainJob): { kind: string; name: string } {
  return { kind: spec.runtimeRef.kind ?? 'ClusterTrainingRuntime', name: spec.runtimeRef.name };
}

/** The runtime of a job among these. */
export function runtimeOf(job: ITrainJob, runtimes: readonly Runtime[]): Runtime | undefined {
  const { kind, name } = runtimeRef(job);
  return runtimes.find(
    ({ metadata }) =>
      metadata?.name === name &&
      (kind === 'TrainingRuntime'
        ? metadata.namespace === job.metadata?.namespace
        : !metadata.namespace)
  );
}

/** What a runtime trains with: `torch`. */
export function frameworkOf({ metadata }: Runtime): string {
  return metadata?.labels?.['trainer.kubeflow.org/framework'] ?? '';
}

/** Whether a runtime should not be used for new jobs any more. */
export function isDeprecated({ metadata }: Runtime): boolean {
  return metadata?.labels?.['trainer.kubeflow.org/support'] === 'deprecated';
}
