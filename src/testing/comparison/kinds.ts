/** The kinds that are compared, each with an object that both servers take. */
import {
  clusterServingRuntimes,
  clusterTrainingRuntimes,
  events,
  inferenceServices,
  jobs,
  jobSets,
  pods,
  servingRuntimes,
  trainingRuntimes,
  trainJobs
} from '../../client/kubernetes';
import type { IKindName } from '../../client/kubernetes';
import type { Json } from '../../graph/wire';

/** A kind, and the fields beside `metadata` of an object of it. */
export interface IComparedKind {
  kind: IKindName;
  body: Json;
}

/** No controller and no scheduler takes it, so that only what is asked happens to it. */
export const POD = {
  schedulerName: 'nobody',
  automountServiceAccountToken: false,
  containers: [{ name: 'main', image: 'busybox:1' }]
};
/** A template of pods that end. */
export const TEMPLATE = {
  spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1' }] }
};
export const JOB = { managedBy: 'example.com/comparison', template: TEMPLATE };
export const JOB_SET = {
  managedBy: 'example.com/comparison',
  replicatedJobs: [{ name: 'node', template: { spec: { template: TEMPLATE } } }]
};
export const RUNTIME = {
  mlPolicy: { numNodes: 1 },
  template: {
    spec: {
      replicatedJobs: [
        {
          name: 'node',
          template: {
            metadata: { labels: { 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' } },
            spec: { template: { spec: { containers: [{ name: 'node', image: 'torch:2' }] } } }
          }
        }
      ]
    }
  }
};
/** Refers to the runtime `runtime` of its namespace. */
export const TRAIN_JOB = {
  managedBy: 'kueue.x-k8s.io/multikueue',
  runtimeRef: { kind: 'TrainingRuntime', name: 'runtime' }
};
export const SERVICE = {
  predictor: { model: { modelFormat: { name: 'sklearn' }, storageUri: 'gs://models/iris' } }
};
export const SERVING_RUNTIME = {
  supportedModelFormats: [{ name: 'comparison', version: '1', autoSelect: true }],
  containers: [{ name: 'kserve-container', image: 'server:1' }]
};

export const COMPARED: IComparedKind[] = [
  { kind: trainJobs, body: { spec: TRAIN_JOB } },
  { kind: trainingRuntimes, body: { spec: RUNTIME } },
  { kind: clusterTrainingRuntimes, body: { spec: RUNTIME } },
  { kind: jobSets, body: { spec: JOB_SET } },
  { kind: jobs, body: { spec: JOB } },
  { kind: pods, body: { spec: POD } },
  { kind: events, body: { involvedObject: { kind: 'Pod', name: 'one' }, reason: 'Compared' } },
  { kind: inferenceServices, body: { spec: SERVICE } },
  { kind: servingRuntimes, body: { spec: SERVING_RUNTIME } },
  { kind: clusterServingRuntimes, body: { spec: SERVING_RUNTIME } }
];

/** `GROUP/VERSION` of a kind. */
export const apiVersionOf = ({ group, versions }: IKindName): string =>
  group ? `${group}/${versions[0]}` : (versions[0] ?? '');

/** Where the objects of a kind are, or one of them, or a subresource of it. */
export function placeOf(
  { group, versions, plural, namespaced }: IKindName,
  namespace: string,
  ...rest: string[]
): string {
  const root = group ? `/apis/${group}/${versions[0]}` : `/api/${versions[0]}`;
  return [root, ...(namespaced ? ['namespaces', namespace] : []), plural, ...rest].join('/');
}
