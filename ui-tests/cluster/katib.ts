import { type APIRequestContext, expect } from '@playwright/test';

/** Where Katib's objects of the tests' namespace are. */
export const KATIB = '/apis/kubeflow.org/v1beta1/namespaces/team';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/team';
const MERGE = { 'Content-Type': 'application/merge-patch+json' };

/** A time on the day of the tests' experiments. */
const at = (second: number) => `2026-11-20T10:00:${String(second).padStart(2, '0')}Z`;

/**
 * Installs what Katib's API server side is: its CRDs, which have no schemas (`manifests/v1beta1/components/crd` of Katib), and the right to
 * look at their objects for the users who have few. Katib itself is no Go module that could be built, so the tests write what it would.
 */
export async function installKatib(api: APIRequestContext): Promise<void> {
  for (const kind of ['Experiment', 'Suggestion', 'Trial']) {
    const singular = kind.toLowerCase();
    await make(api, CRDS, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${singular}s.kubeflow.org` },
      spec: {
        group: 'kubeflow.org',
        scope: 'Namespaced',
        names: { kind, singular, plural: `${singular}s`, categories: ['kubeflow', 'katib'] },
        versions: [
          {
            name: 'v1beta1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
            }
          }
        ]
      }
    });
    const serves = async () => (await api.get(`${KATIB}/${singular}s`)).status();
    await expect.poll(serves).toBe(200);
  }
  await make(api, `${RBAC}/roles`, {
    metadata: { name: 'look-at-katib' },
    rules: [{ apiGroups: ['kubeflow.org'], resources: ['*'], verbs: ['get', 'list', 'watch'] }]
  });
  await make(api, `${RBAC}/rolebindings`, {
    metadata: { name: 'look-at-katib' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'look-at-katib' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'limited' }]
  });
}

/** Removes all that `installKatib` has made, and with it all experiments. */
export async function removeKatib(api: APIRequestContext): Promise<void> {
  for (const plural of ['experiments', 'suggestions', 'trials']) {
    await api.delete(`${CRDS}/${plural}.kubeflow.org`);
  }
  await api.delete(`${RBAC}/rolebindings/look-at-katib`);
  await api.delete(`${RBAC}/roles/look-at-katib`);
}

/** A condition as Katib writes it. */
export function condition(type: string, of: string, status = 'True', second = 1): object {
  return {
    type,
    status,
    reason: `${of}${type}`,
    message: `${of} is ${type.toLowerCase()}`,
    lastTransitionTime: at(second),
    lastUpdateTime: at(second)
  };
}

const assignments = (lr: string) => [
  { name: 'lr', value: lr },
  { name: 'layers', value: '2' }
];

/** What a trial has observed, as Katib writes it. */
export function observation(accuracy: string): object {
  return { metrics: [{ name: 'accuracy', latest: accuracy, max: accuracy, min: accuracy }] };
}

const TEMPLATE = {
  retain: false,
  primaryContainerName: 'training-container',
  trialParameters: [
    { name: 'learningRate', description: '', reference: 'lr' },
    { name: 'layers', description: '', reference: 'layers' }
  ],
  trialSpec: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'training-container',
              image: 'python:3.11',
              command: [
                'python',
                'train.py',
                '--lr=${trialParameters.learningRate}',
                '--layers=${trialParameters.layers}'
              ]
            }
          ]
        }
      }
    }
  }
};

/** The status of an experiment under way, of which so many trials have succeeded and one runs. */
export function running(name: string, succeeded: readonly string[], best: string): object {
  const [bestTrialName, lr, accuracy] = best.split(' ') as [string, string, string];
  return {
    startTime: at(0),
    conditions: [condition('Created', 'Experiment', 'True', 0), condition('Running', 'Experiment')],
    trials: succeeded.length + 1,
    trialsSucceeded: succeeded.length,
    trialsRunning: 1,
    succeededTrialList: succeeded,
    runningTrialList: [`${name}-running`],
    currentOptimalTrial: {
      bestTrialName,
      parameterAssignments: assignments(lr),
      observation: observation(accuracy)
    }
  };
}

/** Writes an experiment under way with its Suggestion and three Trials, as Katib does: two have succeeded, one runs. */
export async function writeExperiment(api: APIRequestContext, name: string): Promise<void> {
  const objective = {
    type: 'maximize',
    objectiveMetricName: 'accuracy',
    metricStrategies: [{ name: 'accuracy', value: 'max' }]
  };
  const spec = {
    objective,
    algorithm: { algorithmName: 'tpe' },
    maxTrialCount: 12,
    parallelTrialCount: 1,
    maxFailedTrialCount: 3,
    resumePolicy: 'LongRunning',
    parameters: [
      { name: 'lr', parameterType: 'double', feasibleSpace: { min: '0.001', max: '0.1' } },
      { name: 'layers', parameterType: 'int', feasibleSpace: { min: '1', max: '4' } }
    ],
    metricsCollectorSpec: { collector: { kind: 'StdOut' } },
    trialTemplate: TEMPLATE
  };
  const made = await write(api, 'Experiment', name, spec, {
    status: running(name, [`${name}-one`, `${name}-two`], `${name}-two 0.05 0.93`)
  });
  const owned = {
    labels: { 'katib.kubeflow.org/experiment': name },
    ownerReferences: [
      {
        apiVersion: 'kubeflow.org/v1beta1',
        kind: 'Experiment',
        name,
        uid: made.metadata.uid,
        controller: true,
        blockOwnerDeletion: true
      }
    ]
  };
  const trials = [
    ['one', '0.01', '0.81'],
    ['two', '0.05', '0.93'],
    ['running', '0.02', '']
  ] as const;
  await write(
    api,
    'Suggestion',
    name,
    { algorithm: spec.algorithm, requests: trials.length, resumePolicy: spec.resumePolicy },
    {
      ...owned,
      status: {
        startTime: at(0),
        suggestionCount: trials.length,
        suggestions: trials.map(([trial, lr]) => ({
          name: `${name}-${trial}`,
          parameterAssignments: assignments(lr)
        })),
        conditions: ['Created', 'DeploymentReady', 'Running'].map(type =>
          condition(type, 'Suggestion')
        )
      }
    }
  );
  for (const [trial, lr, accuracy] of trials) {
    await write(
      api,
      'Trial',
      `${name}-${trial}`,
      {
        objective,
        parameterAssignments: assignments(lr),
        primaryContainerName: TEMPLATE.primaryContainerName,
        runSpec: { ...TEMPLATE.trialSpec, metadata: { name: `${name}-${trial}` } },
        metricsCollector: spec.metricsCollectorSpec
      },
      {
        ...owned,
        status: {
          startTime: at(1),
          ...(accuracy ? { completionTime: at(41), observation: observation(accuracy) } : {}),
          conditions: [
            condition('Created', 'Trial'),
            condition('Running', 'Trial', accuracy ? 'False' : 'True'),
            ...(accuracy ? [condition('Succeeded', 'Trial', 'True', 41)] : [])
          ]
        }
      }
    );
  }
}

/** Writes a part of an object's status. */
export async function writeStatus(
  api: APIRequestContext,
  path: string,
  status: object
): Promise<void> {
  const told = await api.patch(`${KATIB}/${path}/status`, { headers: MERGE, data: { status } });
  expect(told.status(), await told.text()).toBe(200);
}

interface IMade {
  metadata: { uid: string };
}

/** Makes an object and then writes its status. */
async function write(
  api: APIRequestContext,
  kind: string,
  name: string,
  spec: object,
  { status, ...metadata }: { status: object; [key: string]: unknown }
): Promise<IMade> {
  const plural = `${kind.toLowerCase()}s`;
  const made = await make(api, `${KATIB}/${plural}`, {
    apiVersion: 'kubeflow.org/v1beta1',
    kind,
    metadata: { name, ...metadata },
    spec
  });
  await writeStatus(api, `${plural}/${name}`, status);
  return made;
}

async function make(api: APIRequestContext, route: string, data: object): Promise<IMade> {
  const made = await api.post(route, { data });
  expect(made.status(), await made.text()).toBe(201);
  return (await made.json()) as IMade;
}
