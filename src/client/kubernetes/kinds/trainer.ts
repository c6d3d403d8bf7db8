/** `trainer.kubeflow.org/v1alpha1`. A TrainJob has conditions for its ends only: that it runs shows in `status.jobsStatus`. */
import { because, conditionOf, firstTrue } from '../conditions';
import type {
  IClusterTrainingRuntime,
  IOptimizationJob,
  ITrainingRuntime,
  ITrainJob
} from '../generated/trainer.v1alpha1';
import { there } from '../kind';
import type { IHealth, IKind } from '../kind';

export type { IClusterTrainingRuntime, IOptimizationJob, ITrainingRuntime, ITrainJob };

const trainer = { group: 'trainer.kubeflow.org', versions: ['v1alpha1'] } as const;

export const trainJobs: IKind<ITrainJob> = {
  ...trainer,
  kind: 'TrainJob',
  plural: 'trainjobs',
  namespaced: true,
  health: trainJobHealth
};

export const trainingRuntimes: IKind<ITrainingRuntime> = {
  ...trainer,
  kind: 'TrainingRuntime',
  plural: 'trainingruntimes',
  namespaced: true,
  health: there
};

export const clusterTrainingRuntimes: IKind<IClusterTrainingRuntime> = {
  ...trainer,
  kind: 'ClusterTrainingRuntime',
  plural: 'clustertrainingruntimes',
  namespaced: false,
  health: there
};

export const optimizationJobs: IKind<IOptimizationJob> = {
  ...trainer,
  kind: 'OptimizationJob',
  plural: 'optimizationjobs',
  namespaced: true,
  health: optimizationJobHealth
};

function optimizationJobHealth(job: IOptimizationJob): IHealth {
  const known = firstTrue(job, {
    Complete: 'succeeded',
    Failed: 'failed',
    Suspended: 'suspended'
  });
  if (known) {
    return known;
  }
  const created = conditionOf(job, 'Created');
  if (created?.status === 'False') {
    return because('degraded', created);
  }
  return { phase: job.status ? 'running' : 'pending' };
}

function trainJobHealth(job: ITrainJob): IHealth {
  const percent = job.status?.trainerStatus?.progressPercentage;
  const progress = percent === undefined ? {} : { progress: { done: percent, total: 100 } };
  const ended = firstTrue(job, { Complete: 'succeeded', Failed: 'failed', Suspended: 'suspended' });
  if (ended) {
    return { ...ended, ...progress };
  }
  const parts = job.status?.jobsStatus ?? [];
  // `active` counts Jobs whose pods may all be waiting for a place.
  if (parts.some(each => each.ready > 0 || each.succeeded > 0)) {
    return { phase: 'running', ...progress };
  }
  return { phase: 'pending', ...progress };
}
