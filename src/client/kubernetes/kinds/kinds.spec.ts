import type { IKubernetesObject } from '../object';
import { healthOf } from '../kind';
import type { IHealth, IKind } from '../kind';
import * as kinds from '.';

const condition = (type: string, status = 'True', more = {}) => ({ type, status, ...more });
const conditions = (...types: string[]) => ({ conditions: types.map(type => condition(type)) });

/** Kind, what the server says, and what it means. */
const cases: [IKind<never>, string, object, IHealth][] = [
  [kinds.pods, 'waits for a node', {
    status: { phase: 'Pending', conditions: [condition('PodScheduled', 'False', { reason: 'Unschedulable', message: '0/3 nodes are available.' })] }
  }, { phase: 'pending', reason: 'Unschedulable', message: '0/3 nodes are available.' }],
  [kinds.pods, 'cannot get its image', {
    status: { phase: 'Pending', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } } }] }
  }, { phase: 'failed', reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' }],
  [kinds.pods, 'runs', {
    spec: { containers: [{}, {}] },
    status: { phase: 'Running', conditions: [condition('Ready')], containerStatuses: [{ ready: true }, { ready: true }] }
  }, { phase: 'running', progress: { done: 2, total: 2 } }],
  [kinds.pods, 'runs, but is not ready', {
    spec: { containers: [{}] },
    status: { phase: 'Running', conditions: [condition('Ready', 'False', { reason: 'ContainersNotReady' })], containerStatuses: [{ ready: false }] }
  }, { phase: 'degraded', reason: 'ContainersNotReady', progress: { done: 0, total: 1 } }],
  [kinds.pods, 'has failed', {
    status: { phase: 'Failed', containerStatuses: [{ name: 'node', state: { terminated: { exitCode: 3, reason: 'Error' } } }] }
  }, { phase: 'failed', reason: 'Error', message: 'Container node ended with exit code 3.' }],
  [kinds.pods, 'was evicted', {
    status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' }
  }, { phase: 'failed', reason: 'Evicted', message: 'The node was low on memory.' }],
  [kinds.namespaces, 'is there', { status: { phase: 'Active' } }, { phase: 'ready' }],
  [kinds.podMetrics, 'is there', { containers: [] }, { phase: 'ready' }],
  [kinds.events, 'warns', { type: 'Warning', reason: 'BackOff', message: 'Back-off' }, { phase: 'degraded', reason: 'BackOff', message: 'Back-off' }],
  [kinds.jobs, 'has begun', { spec: { completions: 3 }, status: { active: 2, succeeded: 1 } }, { phase: 'running', progress: { done: 1, total: 3 } }],
  [kinds.jobs, 'has failed', {
    spec: {}, status: { failed: 1, conditions: [condition('Failed', 'True', { reason: 'BackoffLimitExceeded' })] }
  }, { phase: 'failed', reason: 'BackoffLimitExceeded', progress: { done: 0, total: 1 } }],
  [kinds.jobSets, 'is suspended', { spec: { replicatedJobs: [{ replicas: 2 }] }, status: conditions('Suspended') }, { phase: 'suspended', progress: { done: 0, total: 2 } }],
  [kinds.trainJobs, 'is new', { spec: {} }, { phase: 'pending' }],
  [kinds.trainJobs, 'runs, which no condition says', {
    spec: {}, status: { jobsStatus: [{ name: 'node', active: 1, ready: 1, succeeded: 0, failed: 0, suspended: 0 }], trainerStatus: { progressPercentage: 40 } }
  }, { phase: 'running', progress: { done: 40, total: 100 } }],
  [kinds.trainJobs, 'is between its steps', {
    spec: {}, status: { jobsStatus: [{ name: 'dataset-initializer', active: 0, ready: 0, succeeded: 1, failed: 0, suspended: 0 }, { name: 'node', active: 0, ready: 0, succeeded: 0, failed: 0, suspended: 0 }] }
  }, { phase: 'running' }],
  [kinds.trainJobs, 'is complete', { spec: {}, status: conditions('Complete') }, { phase: 'succeeded' }],
  [kinds.trainJobs, 'was resumed', { spec: {}, status: { conditions: [condition('Suspended', 'False')] } }, { phase: 'pending' }],
  [kinds.optimizationJobs, 'runs', { status: {} }, { phase: 'running' }],
  [kinds.optimizationJobs, 'cannot make its trials', {
    status: { conditions: [condition('Created', 'False', { reason: 'TrainJobsCreationFailed', message: 'no such runtime' })] }
  }, { phase: 'degraded', reason: 'TrainJobsCreationFailed', message: 'no such runtime' }],
  [kinds.tuningExperiments, 'runs', {
    spec: { maxTrialCount: 12 }, status: { ...conditions('Created', 'Running'), trialsSucceeded: 3, trialsFailed: 1, trialsEarlyStopped: 1, trialMetricsUnavailable: 1 }
  }, { phase: 'running', progress: { done: 6, total: 12 } }],
  [kinds.trials, 'gave no metrics', { spec: {}, status: conditions('Created', 'Running', 'MetricsUnavailable') }, { phase: 'failed' }],
  [kinds.suggestions, 'is deployed', { spec: {}, status: conditions('Created', 'DeploymentReady') }, { phase: 'ready' }],
  [kinds.inferenceServices, 'is new', { spec: {} }, { phase: 'pending' }],
  [kinds.inferenceServices, 'answers', { spec: {}, status: conditions('Ready') }, { phase: 'ready' }],
  [kinds.inferenceServices, 'is on its way to its first answer', {
    spec: {}, status: { conditions: [condition('Ready', 'False')], modelStatus: { transitionStatus: 'InProgress', states: { activeModelState: '', targetModelState: 'Pending' } } }
  }, { phase: 'pending' }],
  [kinds.inferenceServices, 'cannot load its first model', {
    spec: {}, status: { conditions: [condition('Ready', 'False')], modelStatus: { transitionStatus: 'BlockedByFailedLoad', lastFailureInfo: { reason: 'ModelLoadFailed', message: 'No such bucket' } } }
  }, { phase: 'failed', reason: 'ModelLoadFailed', message: 'No such bucket' }],
  [kinds.inferenceServices, 'answers with the older model', {
    spec: {}, status: { conditions: [condition('Ready')], modelStatus: { transitionStatus: 'BlockedByFailedLoad' } }
  }, { phase: 'degraded', reason: 'BlockedByFailedLoad' }],
  [kinds.inferenceServices, 'is stopped', { metadata: { annotations: { 'serving.kserve.io/stop': 'true' } }, spec: {}, status: { conditions: [condition('Ready', 'False')] } }, { phase: 'suspended' }],
  [kinds.inferenceGraphs, 'is not ready', { spec: {}, status: { conditions: [condition('Ready', 'False', { reason: 'RouterNotReady' })] } }, { phase: 'degraded', reason: 'RouterNotReady' }],
  [kinds.llmInferenceServices, 'answers', { spec: {}, status: conditions('Ready') }, { phase: 'ready' }],
  [kinds.trainedModels, 'is there', { spec: {}, status: conditions('Ready') }, { phase: 'ready' }],
  [kinds.servingRuntimes, 'is switched off', { spec: { disabled: true } }, { phase: 'suspended', reason: 'Disabled' }],
  [kinds.clusterServingRuntimes, 'is there', { spec: {} }, { phase: 'ready' }],
  [kinds.featureStores, 'has failed', { spec: {}, status: { phase: 'Failed', conditions: [condition('FeatureStore', 'False', { reason: 'Failed' })] } }, { phase: 'failed', reason: 'Failed' }],
  [kinds.workloads, 'waits for quota', { spec: {}, status: { conditions: [condition('QuotaReserved', 'False', { reason: 'Pending', message: "couldn't assign flavors" })] } }, { phase: 'pending', reason: 'Pending', message: "couldn't assign flavors" }],
  [kinds.workloads, 'is admitted', { spec: {}, status: conditions('QuotaReserved', 'Admitted') }, { phase: 'running' }],
  [kinds.workloads, 'has failed', { spec: {}, status: { conditions: [condition('Admitted'), condition('Finished', 'True', { reason: 'Failed' })] } }, { phase: 'failed', reason: 'Failed' }],
  [kinds.localQueues, 'takes no work', { spec: {}, status: { conditions: [condition('Active', 'False', { reason: 'ClusterQueueIsInactive' })] } }, { phase: 'degraded', reason: 'ClusterQueueIsInactive' }],
  [kinds.clusterQueues, 'takes work', { spec: {}, status: conditions('Active') }, { phase: 'ready' }],
  [kinds.leaderWorkerSets, 'has some groups', { spec: { replicas: 3 }, status: { readyReplicas: 1, conditions: [condition('Progressing')] } }, { phase: 'degraded', progress: { done: 1, total: 3 } }],
  [kinds.trainingRuntimes, 'is there', { spec: {} }, { phase: 'ready' }],
  [kinds.clusterTrainingRuntimes, 'is there', { spec: {} }, { phase: 'ready' }]
]; // prettier-ignore

const all = Object.values(kinds) as IKind<IKubernetesObject>[];

describe('kinds', () => {
  it.each(cases)('$kind $1', (kind, _, object, expected) => {
    expect(healthOf(kind, object as never)).toEqual(expected);
  });

  it.each(all)('$kind is being deleted, whatever else it is', kind => {
    const metadata = {
      deletionTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['example.com/keep']
    };
    expect(healthOf(kind, { metadata, spec: {} } as IKubernetesObject)).toEqual({
      phase: 'terminating',
      message: 'Waits for example.com/keep.'
    });
  });

  it.each(all)('$kind has a state before any controller has seen it', kind => {
    expect(healthOf(kind, { metadata: {}, spec: {} } as IKubernetesObject).phase).toMatch(/./);
  });

  it('covers every kind', () => {
    expect(all.filter(kind => !cases.some(([each]) => (each as unknown) === kind))).toEqual([]);
  });
});
