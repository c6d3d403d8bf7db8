/** Experiments, Trials and OptimizationJobs as their controllers write them, for specs. */
import type {
  IExperiment,
  IOptimizationJob,
  ISuggestion,
  ITrainJob,
  ITrial
} from '../client/kubernetes/kinds';

const NAMESPACE = 'team-a';
const CREATED = '2026-01-01T10:00:00Z';

/** `seconds` after the experiments were made. */
export const at = (seconds: number): string =>
  new Date(Date.parse(CREATED) + seconds * 1000).toISOString().replace('.000', '');

/** Conditions as Katib leaves them: each type once, in the order given; all true but those that end with `!`. */
export const conditions = (types: readonly string[], reason = '', message = '') =>
  types.map((type, index) => ({
    type: type.replace('!', ''),
    status: type.endsWith('!') ? 'False' : 'True',
    reason: index === types.length - 1 && reason ? reason : `Experiment${type.replace('!', '')}`,
    message:
      index === types.length - 1 && message
        ? message
        : `Experiment is ${type.replace('!', '').toLowerCase()}`,
    lastTransitionTime: at(60 + index),
    lastUpdateTime: at(60 + index)
  }));

/** An experiment that maximises `accuracy` over `lr` and `layers` with at most 12 trials. */
export function makeExperiment(
  name: string,
  change: { spec?: object; status?: object; metadata?: object } = {}
): IExperiment {
  return {
    apiVersion: 'kubeflow.org/v1beta1',
    kind: 'Experiment',
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `uid-${name}`,
      creationTimestamp: CREATED,
      resourceVersion: '1',
      ...change.metadata
    },
    spec: {
      objective: {
        type: 'maximize',
        goal: 0.99,
        objectiveMetricName: 'accuracy',
        additionalMetricNames: ['loss'],
        metricStrategies: [
          { name: 'accuracy', value: 'max' },
          { name: 'loss', value: 'latest' }
        ]
      },
      algorithm: { algorithmName: 'tpe' },
      parameters: [
        {
          name: 'lr',
          parameterType: 'double',
          feasibleSpace: { min: '0.0001', max: '0.1', distribution: 'logUniform' }
        },
        {
          name: 'layers',
          parameterType: 'int',
          feasibleSpace: { min: '1', max: '8', step: '1', distribution: 'uniform' }
        }
      ],
      maxTrialCount: 12,
      parallelTrialCount: 3,
      maxFailedTrialCount: 3,
      resumePolicy: 'LongRunning',
      trialTemplate: { retain: true },
      ...change.spec
    },
    status: {
      startTime: CREATED,
      conditions: conditions(['Created', 'Running']),
      ...change.status
    }
  } as IExperiment;
}

/** A trial of an experiment; `accuracy` is what it has reached, over time as latest, min and max. */
export function makeTrial(
  experiment: string,
  name: string,
  change: {
    state?: readonly string[];
    reason?: string;
    message?: string;
    accuracy?: readonly [string, string, string];
    loss?: string;
    lr?: string;
    layers?: string;
    created?: number;
    end?: number;
    spec?: object;
    metadata?: object;
  } = {}
): ITrial {
  const { state = ['Created', 'Running!', 'Succeeded'], accuracy, loss, end } = change;
  const metric = (of: string, [latest, min, max]: readonly [string, string, string]) => ({
    name: of,
    latest,
    min,
    max
  });
  return {
    apiVersion: 'kubeflow.org/v1beta1',
    kind: 'Trial',
    metadata: {
      name: `${experiment}-${name}`,
      namespace: NAMESPACE,
      uid: `uid-${experiment}-${name}`,
      creationTimestamp: at(change.created ?? 1),
      labels: { 'katib.kubeflow.org/experiment': experiment },
      ownerReferences: [
        {
          apiVersion: 'kubeflow.org/v1beta1',
          kind: 'Experiment',
          name: experiment,
          uid: `uid-${experiment}`,
          controller: true
        }
      ],
      ...change.metadata
    },
    spec: {
      objective: makeExperiment(experiment).spec.objective,
      parameterAssignments: [
        { name: 'lr', value: change.lr ?? '0.01' },
        { name: 'layers', value: change.layers ?? '2' }
      ],
      runSpec: { apiVersion: 'batch/v1', kind: 'Job' },
      retainRun: true,
      ...change.spec
    },
    status: {
      startTime: at(change.created ?? 1),
      ...(end !== undefined && { completionTime: at(end) }),
      conditions: conditions(state, change.reason, change.message),
      ...(accuracy && {
        observation: {
          metrics: [
            metric('accuracy', accuracy),
            ...(loss === undefined ? [] : [metric('loss', [loss, loss, loss])])
          ]
        }
      })
    }
  } as ITrial;
}

/** The Suggestion of an experiment. */
export function makeSuggestion(experiment: string, change: { status?: object } = {}): ISuggestion {
  return {
    apiVersion: 'kubeflow.org/v1beta1',
    kind: 'Suggestion',
    metadata: { name: experiment, namespace: NAMESPACE, uid: `uid-suggestion-${experiment}` },
    spec: {
      algorithm: {
        algorithmName: 'tpe',
        algorithmSettings: [{ name: 'random_state', value: '10' }]
      },
      requests: 7,
      resumePolicy: 'LongRunning'
    },
    status: {
      suggestionCount: 6,
      conditions: conditions(['Created', 'DeploymentReady', 'Running']),
      ...change.status
    }
  } as ISuggestion;
}

/** An OptimizationJob that minimises `loss` over `lr`, `units` and `optimizer`. */
export function makeOptimizationJob(
  name: string,
  change: { spec?: object; status?: object } = {}
): IOptimizationJob {
  return {
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'OptimizationJob',
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `uid-${name}`,
      creationTimestamp: CREATED,
      resourceVersion: '1'
    },
    spec: {
      objectives: [{ metric: 'loss', direction: 'Minimize' }],
      searchAlgorithm: { random: { seed: 1 } },
      parameters: [
        { name: 'lr', searchSpace: { logUniform: { min: '1e-4', max: '0.1', type: 'Float' } } },
        { name: 'hidden-units', searchSpace: { uniform: { min: '8', max: '64', type: 'Int' } } },
        { name: 'optimizer', searchSpace: { categorical: { choices: ['adam', 'sgd'] } } }
      ],
      numTrials: 4,
      parallelTrials: 2,
      trainJobTemplate: { spec: { runtimeRef: { name: 'torch-distributed' } } },
      ...change.spec
    },
    status: { ...change.status }
  } as IOptimizationJob;
}

/** A TrainJob that is a trial of an OptimizationJob. */
export function makeTrialJob(
  of: string,
  name: string,
  change: {
    env?: Readonly<Record<string, string>>;
    annotations?: Record<string, string>;
    metrics?: Readonly<Record<string, string>>;
    conditions?: object[];
    created?: number;
    owner?: string;
  } = {}
): ITrainJob {
  return {
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'TrainJob',
    metadata: {
      name: `${of}-${name}`,
      namespace: NAMESPACE,
      uid: `uid-${of}-${name}`,
      creationTimestamp: at(change.created ?? 1),
      annotations: change.annotations,
      ownerReferences: [
        {
          apiVersion: 'trainer.kubeflow.org/v1alpha1',
          kind: 'OptimizationJob',
          name: of,
          uid: change.owner ?? `uid-${of}`,
          controller: true
        }
      ]
    },
    spec: {
      runtimeRef: { name: 'torch-distributed' },
      trainer: {
        env: Object.entries(change.env ?? {}).map(([key, value]) => ({ name: key, value }))
      }
    },
    status: {
      conditions: change.conditions ?? [],
      ...(change.metrics && {
        trainerStatus: {
          lastUpdatedTime: at(30),
          metrics: Object.entries(change.metrics).map(([key, value]) => ({ name: key, value }))
        }
      })
    }
  } as ITrainJob;
}

/** What of an experiment's spec searches whole numbers `x` from 1 on, each by a Job of its own that runs a command in which it is `${trialParameters.x}`. */
export function searchOverX(
  most: number,
  command: readonly string[],
  { template = {}, job = {} }: { template?: object; job?: object } = {}
): Pick<IExperiment['spec'], 'parameters' | 'trialTemplate'> {
  const feasibleSpace = { min: '1', max: String(most), step: '1' };
  const containers = [{ name: 'main', image: 'python', command: [...command] }];
  return {
    parameters: [{ name: 'x', parameterType: 'int', feasibleSpace }],
    trialTemplate: {
      ...template,
      primaryContainerName: 'main',
      trialParameters: [{ name: 'x', reference: 'x' }],
      trialSpec: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        spec: { ...job, template: { spec: { restartPolicy: 'Never', containers } } }
      }
    }
  };
}
