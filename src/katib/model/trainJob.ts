/** The TrainJob that trains with what a trial has tried. Pure. */
import type { ITrainJob } from '../../client/kubernetes/kinds/trainer';
import type { ITrial } from '../../client/kubernetes/kinds/katib';
import { type Json, list, object, text } from '../../graph/wire';

const API = 'trainer.kubeflow.org/v1alpha1';
/** What Katib, and Trainer for an OptimizationJob, write on a trial's job; another job must not count as the trial's. */
const TRIALS = /^(katib\.kubeflow\.org\/|trainer\.kubeflow\.org\/optimizationjob-)/;

/** A TrainJob like the one that was a trial, without what its controller wrote. */
export function likeTrainJob({ metadata, spec }: ITrainJob): ITrainJob {
  const { name, namespace, labels, annotations } = metadata ?? {};
  return {
    apiVersion: API,
    kind: 'TrainJob',
    metadata: {
      name,
      namespace,
      ...own('labels', labels),
      ...own('annotations', annotations)
    },
    spec
  };
}

/**
 * The TrainJob of a Trial: its run itself where that is a TrainJob; where it is a Job, the same command in the same image, with a runtime yet
 * to be chosen. Undefined where it is something else.
 */
export function trainJobOfTrial({ metadata, spec }: ITrial): ITrainJob | undefined {
  const run = object(spec.runSpec);
  const name = metadata?.name;
  const namespace = metadata?.namespace;
  if (run['kind'] === 'TrainJob') {
    const written = object(run['metadata']) as ITrainJob['metadata'];
    const job = { metadata: { ...written, name, namespace }, spec: object(run['spec']) };
    return likeTrainJob(job as unknown as ITrainJob);
  }
  if (run['kind'] !== 'Job') {
    return undefined;
  }
  const containers = list(
    object(object(object(run['spec'])['template'])['spec'])['containers']
  ).map(object);
  const main =
    containers.find(each => each['name'] === spec.primaryContainerName) ?? containers[0] ?? {};
  const trainer: Json = {};
  for (const key of ['image', 'command', 'args', 'env'] as const) {
    if (main[key] !== undefined) {
      trainer[key] = main[key];
    }
  }
  if (main['resources'] !== undefined) {
    trainer['resourcesPerNode'] = main['resources'];
  }
  return {
    apiVersion: API,
    kind: 'TrainJob',
    metadata: { name, namespace },
    spec: { runtimeRef: { kind: 'ClusterTrainingRuntime', name: '' }, trainer }
  } as ITrainJob;
}

/** The kind of what a Trial runs, such as `Job`; empty where it does not say. */
export function runKind({ spec }: ITrial): string {
  return text(object(spec.runSpec)['kind']) ?? '';
}

function own(
  key: 'labels' | 'annotations',
  all: Readonly<Record<string, string>> | undefined
): { [key: string]: Record<string, string> } {
  const kept = Object.entries(all ?? {}).filter(([name]) => !TRIALS.test(name));
  return kept.length > 0 ? { [key]: Object.fromEntries(kept) } : {};
}
