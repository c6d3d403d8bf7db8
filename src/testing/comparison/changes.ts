/** Ways to spoil an object: each kind's own, by field. */
import type { Json } from '../../graph/wire';
import { JOB_SET, POD, RUNTIME, SERVING_RUNTIME, TEMPLATE } from './kinds';

/** What is different → the fields of a body to create (`null` drops a field; the rest is merged), by plural. */
export const VARIANTS: Record<string, Record<string, Json>> = {
  trainjobs: {
    'without a spec': { spec: null },
    'without a runtime': { spec: { runtimeRef: null } },
    'with a runtime without a name': { spec: { runtimeRef: { name: null } } },
    'with an empty runtime name': { spec: { runtimeRef: { name: '' } } },
    'with a runtime that is not there': { spec: { runtimeRef: { name: 'none' } } },
    'with a cluster runtime that is not there': {
      spec: { runtimeRef: { name: 'none', kind: 'ClusterTrainingRuntime' } }
    },
    'with a runtime of an unknown kind': { spec: { runtimeRef: { kind: 'Deployment' } } },
    'with another manager': { spec: { managedBy: 'example.com/other' } },
    'with text for a number': { spec: { trainer: { numNodes: 'two' } } },
    'with a fraction for a number': { spec: { trainer: { numNodes: 1.5 } } },
    'with no nodes': { spec: { trainer: { numNodes: 0 } } },
    'with processes in words': { spec: { trainer: { numProcPerNode: 'many' } } },
    'with no processes': { spec: { trainer: { numProcPerNode: 0 } } },
    'with processes': { spec: { trainer: { numProcPerNode: 2 } } },
    'with a number for an image': { spec: { trainer: { image: 1 } } },
    'with text for a switch': { spec: { suspend: 'yes' } },
    'with text for a list': { spec: { trainer: { command: 'python' } } },
    'with null for an object': { spec: { trainer: null } },
    'with a variable without a name': { spec: { trainer: { env: [{ value: '1' }] } } },
    'with a variable twice': {
      spec: { trainer: { env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] } } // prettier-ignore
    },
    'with a bad quantity': {
      spec: { trainer: { resourcesPerNode: { limits: { cpu: 'lots' } } } }
    },
    'with a numeric quantity': { spec: { trainer: { resourcesPerNode: { limits: { cpu: 2 } } } } },
    'with labels': { spec: { labels: { app: 'one' }, annotations: { a: 'b' } } },
    'with an initializer': {
      spec: { initializer: { dataset: { storageUri: 'hf://data' }, model: {} } }
    },
    'with an empty address': { spec: { initializer: { dataset: { storageUri: '' } } } },
    'with a name of a subdomain': { metadata: { name: 'one.two' } },
    'with a name that begins with a digit': { metadata: { name: '1-one' } },
    'with a deadline of no time': { spec: { activeDeadlineSeconds: 0 } }
  },
  trainingruntimes: {
    'without a spec': { spec: null },
    'without a template': { spec: { template: null } },
    'with two policies': {
      spec: { mlPolicy: { torch: { numProcPerNode: 'auto' }, mpi: { numProcPerNode: 1 } } }
    },
    'with torch': { spec: { mlPolicy: { torch: {} } } },
    'with MPI': { spec: { mlPolicy: { mpi: {} } } },
    'with an unknown MPI': { spec: { mlPolicy: { mpi: { mpiImplementation: 'Other' } } } },
    'with no nodes': { spec: { mlPolicy: { numNodes: 0 } } },
    'with coscheduling': { spec: { podGroupPolicy: { coscheduling: {} } } },
    'with text for a policy': { spec: { mlPolicy: 'torch' } },
    'with two replicas of a step': {
      spec: { template: { spec: { replicatedJobs: [{ ...RUNTIME.template.spec.replicatedJobs[0], replicas: 2 }] } } } // prettier-ignore
    },
    'with a step without its container': {
      spec: {
        template: {
          spec: {
            replicatedJobs: [
              {
                ...RUNTIME.template.spec.replicatedJobs[0],
                template: {
                  ...RUNTIME.template.spec.replicatedJobs[0]?.template,
                  spec: { template: TEMPLATE }
                }
              }
            ]
          }
        }
      }
    },
    'with a job twice': {
      spec: { template: { spec: { replicatedJobs: [...RUNTIME.template.spec.replicatedJobs, ...RUNTIME.template.spec.replicatedJobs] } } } // prettier-ignore
    },
    'with jobs without names': {
      spec: { template: { spec: { replicatedJobs: [{ template: { spec: { template: TEMPLATE } } }] } } } // prettier-ignore
    }
  },
  jobsets: {
    'without a spec': { spec: null },
    'without jobs': { spec: { replicatedJobs: null } },
    'with a job without a name': { spec: { replicatedJobs: [{ template: { spec: { template: TEMPLATE } } }] } }, // prettier-ignore
    'with a job without a template': { spec: { replicatedJobs: [{ name: 'node' }] } },
    'with a job twice': {
      spec: { replicatedJobs: [...JOB_SET.replicatedJobs, ...JOB_SET.replicatedJobs] }
    },
    'with a bad job name': {
      spec: { replicatedJobs: [{ ...JOB_SET.replicatedJobs[0], name: 'No_de' }] }
    },
    'with names that grow too long': { metadata: { name: 'n'.repeat(60) } },
    'with a name of a subdomain': { metadata: { name: 'one.two' } },
    'with text for replicas': {
      spec: { replicatedJobs: [{ ...JOB_SET.replicatedJobs[0], replicas: 'two' }] }
    },
    'with a negative count': {
      spec: { replicatedJobs: [{ ...JOB_SET.replicatedJobs[0], replicas: -1 }] }
    },
    'with an unknown operator': { spec: { successPolicy: { operator: 'Some' } } },
    'with success of another job': {
      spec: { successPolicy: { operator: 'All', targetReplicatedJobs: ['other'] } }
    },
    'with an unknown order': { spec: { startupPolicy: { startupPolicyOrder: 'Random' } } },
    'with restarts in words': { spec: { failurePolicy: { maxRestarts: 'few' } } },
    'with restarts': { spec: { failurePolicy: { maxRestarts: 3 } } },
    'with a manager without a domain': { spec: { managedBy: 'me' } },
    'with a coordinator of another job': { spec: { coordinator: { replicatedJob: 'other' } } },
    'with a time to live': { spec: { ttlSecondsAfterFinished: 60 } },
    'with a negative time to live': { spec: { ttlSecondsAfterFinished: -1 } },
    'with a bad subdomain': { spec: { network: { subdomain: 'No_domain' } } },
    'with a dependency on itself': {
      spec: { replicatedJobs: [{ ...JOB_SET.replicatedJobs[0], dependsOn: [{ name: 'node', status: 'Ready' }] }] } // prettier-ignore
    }
  },
  jobs: {
    'without a spec': { spec: null },
    'without a template': { spec: { template: null } },
    'that restarts always': { spec: { template: { spec: { restartPolicy: 'Always' } } } },
    'without a restart policy': { spec: { template: { spec: { restartPolicy: null } } } },
    'with an unknown restart policy': { spec: { template: { spec: { restartPolicy: 'Often' } } } },
    'without containers': { spec: { template: { spec: { containers: [] } } } },
    'with a container without an image': {
      spec: { template: { spec: { containers: [{ name: 'main' }] } } }
    },
    'with a negative number of completions': { spec: { completions: -1 } },
    'with a negative number of pods': { spec: { parallelism: -1 } },
    'with a negative number of retries': { spec: { backoffLimit: -1 } },
    'with a negative deadline': { spec: { activeDeadlineSeconds: -1 } },
    'with a negative time to live': { spec: { ttlSecondsAfterFinished: -1 } },
    'with text for a number': { spec: { completions: 'all' } },
    'with many pods': { spec: { completions: 4, parallelism: 2 } },
    'with pods only': { spec: { parallelism: 2 } },
    indexed: { spec: { completionMode: 'Indexed', completions: 2, parallelism: 2 } },
    'indexed without a number': { spec: { completionMode: 'Indexed', parallelism: 2 } },
    'with an unknown mode': { spec: { completionMode: 'Random' } },
    'with retries by index without an index': { spec: { backoffLimitPerIndex: 1 } },
    'with a selector': { spec: { selector: { matchLabels: { a: 'b' } } } },
    'with a manager without a domain': { spec: { managedBy: 'me' } },
    'with a bad quantity': {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'a', resources: { limits: { cpu: 'lots' } } }] } } } // prettier-ignore
    },
    'with labels on its pods': {
      spec: { template: { metadata: { labels: { 'bad label': 'x' } } } }
    },
    'with a policy for failures': {
      spec: {
        podFailurePolicy: {
          rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }]
        }
      }
    }
  },
  pods: {
    'without a spec': { spec: null },
    'without containers': { spec: { containers: [] } },
    'with null for containers': { spec: { containers: null } },
    'with a container without a name': { spec: { containers: [{ image: 'a' }] } },
    'with a container without an image': { spec: { containers: [{ name: 'main' }] } },
    'with a bad container name': { spec: { containers: [{ name: 'Main', image: 'a' }] } },
    'with a container twice': { spec: { containers: [...POD.containers, ...POD.containers] } },
    'with a container that is initial as well': { spec: { initContainers: POD.containers } },
    'with an unknown restart policy': { spec: { restartPolicy: 'Often' } },
    'with an unknown pull policy': container({ imagePullPolicy: 'Sometimes' }),
    'with the newest image': container({ image: 'busybox' }),
    'with an image by digest': container({ image: `a/b@sha256:${'0'.repeat(64)}` }),
    'with an image of a registry with a port': container({ image: 'registry:5000/a' }),
    'with a bad quantity': container({ resources: { requests: { memory: 'much' } } }),
    'with a negative quantity': container({ resources: { requests: { memory: '-1Gi' } } }),
    'with an unknown resource': container({ resources: { limits: { gpu: 1 } } }),
    'with more asked for than allowed': container({
      resources: { limits: { cpu: '1' }, requests: { cpu: '2' } }
    }),
    'with limits': container({ resources: { limits: { cpu: '500m', memory: '1Gi' } } }),
    'with a numeric quantity': container({ resources: { limits: { cpu: 0.5 } } }),
    'with a port out of range': container({ ports: [{ containerPort: 70000 }] }),
    'with a port': container({ ports: [{ containerPort: 80, name: 'http' }] }),
    'with a bad port name': container({ ports: [{ containerPort: 80, name: 'Not A Name' }] }),
    'with an unknown protocol': container({ ports: [{ containerPort: 80, protocol: 'ICMP' }] }),
    'with a variable without a name': container({ env: [{ value: 'a' }] }),
    'with a number for a variable': container({ env: [{ name: 'A', value: 1 }] }),
    'with a variable from a field': container({
      env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]
    }),
    'with a variable from two places': container({
      env: [{ name: 'A', value: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]
    }),
    'with a volume that is not there': container({
      volumeMounts: [{ name: 'data', mountPath: '/data' }]
    }),
    'with a volume': {
      spec: {
        volumes: [{ name: 'data', configMap: { name: 'a' } }, { name: 'none' }],
        containers: [
          { name: 'main', image: 'a:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }
        ]
      }
    },
    'with a volume twice': {
      spec: { volumes: [{ name: 'data', emptyDir: {} }, { name: 'data', emptyDir: {} }] } // prettier-ignore
    },
    'with a volume of two kinds': {
      spec: { volumes: [{ name: 'data', emptyDir: {}, configMap: { name: 'a' } }] }
    },
    'with a probe': container({ readinessProbe: { httpGet: { port: 80 } } }),
    'with a probe of nothing': container({ readinessProbe: { periodSeconds: 5 } }),
    'with a probe at a bad time': container({
      readinessProbe: { periodSeconds: -1, exec: { command: ['a'] } }
    }),
    'with a negative grace': { spec: { terminationGracePeriodSeconds: -1 } },
    'with no deadline': { spec: { activeDeadlineSeconds: 0 } },
    'with an unknown toleration': { spec: { tolerations: [{ operator: 'Like' }] } },
    'with a bad host name': { spec: { hostname: 'Not_A_Host' } },
    'with an unknown DNS policy': { spec: { dnsPolicy: 'None' } },
    'with a bad node selector': { spec: { nodeSelector: { 'bad key': 'x' } } }
  },
  events: {
    'about another namespace': { involvedObject: { namespace: 'other' } },
    'about nothing': { involvedObject: null },
    'with text for a count': { count: 'three' },
    'with a count': { count: 3, type: 'Warning', message: 'It is so.' },
    'with a bad time': { lastTimestamp: 'yesterday' },
    'of the newer API': { eventTime: '2026-01-01T00:00:00.000000Z' }
  },
  inferenceservices: {
    'without a spec': { spec: null },
    'without a predictor': { spec: { predictor: null } },
    'with a predictor of nothing': { spec: { predictor: { model: null } } },
    'with two predictors': { spec: { predictor: { sklearn: { storageUri: 'gs://models/iris' } } } },
    'with fewer replicas at most': { spec: { predictor: { minReplicas: 3, maxReplicas: 2 } } },
    'with a negative number of replicas': { spec: { predictor: { minReplicas: -1 } } },
    'with no replicas': { spec: { predictor: { minReplicas: 0 } } },
    'with text for replicas': { spec: { predictor: { minReplicas: 'one' } } },
    'with a canary': { spec: { predictor: { canaryTrafficPercent: 10 } } },
    'with too large a canary': { spec: { predictor: { canaryTrafficPercent: 110 } } },
    'without a format': { spec: { predictor: { model: { modelFormat: null } } } },
    'with a format without a name': { spec: { predictor: { model: { modelFormat: { name: null } } } } }, // prettier-ignore
    'with an unknown format': { spec: { predictor: { model: { modelFormat: { name: 'clay' } } } } },
    'with an unknown address': { spec: { predictor: { model: { storageUri: 'ftp://models' } } } },
    'with an unknown protocol': { spec: { predictor: { model: { protocolVersion: 'v9' } } } },
    'with a container': {
      spec: { predictor: { model: null, containers: [{ name: 'main', image: 'server:1' }] } }
    },
    'with a container without a name': {
      spec: { predictor: { model: null, containers: [{ image: 'server:1' }] } }
    },
    'with a bad quantity': {
      spec: { predictor: { model: { resources: { limits: { cpu: 'lots' } } } } }
    },
    'with an unknown metric': { spec: { predictor: { scaleMetric: 'joy' } } },
    'with an unknown autoscaler': {
      metadata: { annotations: { 'serving.kserve.io/autoscalerClass': 'wind' } }
    },
    'with an unknown mode': {
      metadata: { annotations: { 'serving.kserve.io/deploymentMode': 'Odd' } }
    },
    'with a name of a subdomain': { metadata: { name: 'one.two' } },
    'with a name that begins with a digit': { metadata: { name: '1-one' } },
    'with a transformer': {
      spec: { transformer: { containers: [{ name: 'main', image: 'server:1' }] } }
    },
    'with a negative time': { spec: { predictor: { timeout: -1 } } }
  },
  servingruntimes: {
    'without a spec': { spec: null },
    'without containers': { spec: { containers: null } },
    'with a container without a name': { spec: { containers: [{ image: 'a' }] } },
    'with a container twice': {
      spec: { containers: [...SERVING_RUNTIME.containers, ...SERVING_RUNTIME.containers] }
    },
    'with a format without a name': { spec: { supportedModelFormats: [{ version: '1' }] } },
    'with a format twice': {
      spec: {
        supportedModelFormats: [
          { name: 'twice', version: '1', autoSelect: true, priority: 1 },
          { name: 'twice', version: '1', autoSelect: true, priority: 2 }
        ]
      }
    },
    'with a priority of nothing': {
      spec: { supportedModelFormats: [{ name: 'none', priority: 0 }] }
    },
    'with text for a switch': { spec: { disabled: 'no' } },
    'with an unknown image pull policy': {
      spec: { containers: [{ name: 'main', image: 'a', imagePullPolicy: 'Sometimes' }] }
    },
    'with a bad quantity': {
      spec: { containers: [{ name: 'main', image: 'a', resources: { limits: { cpu: 'lots' } } }] }
    },
    'with a probe without a port': {
      spec: { containers: [{ name: 'main', image: 'a', readinessProbe: { httpGet: {} } }] }
    },
    'with a port': {
      spec: { containers: [{ name: 'main', image: 'a', ports: [{ containerPort: 80 }] }] }
    },
    'with workers': { spec: { workerSpec: { pipelineParallelSize: 0 } } }
  }
};
VARIANTS.clustertrainingruntimes = VARIANTS.trainingruntimes ?? {};
VARIANTS.clusterservingruntimes = VARIANTS.servingruntimes ?? {};

/** What is changed of an object that is there → a merge patch, by plural. */
export const UPDATES: Record<string, Record<string, Json>> = {
  trainjobs: {
    'another runtime': { spec: { runtimeRef: { name: 'other' } } },
    'another manager': { spec: { managedBy: 'trainer.kubeflow.org/trainjob-controller' } },
    'another image': { spec: { trainer: { image: 'torch:3' } } },
    'more nodes': { spec: { trainer: { numNodes: 2 } } },
    suspended: { spec: { suspend: true } },
    'other labels on its pods': { spec: { labels: { a: 'b' } } }
  },
  trainingruntimes: {
    'more nodes': { spec: { mlPolicy: { numNodes: 2 } } },
    'no template': { spec: { template: null } }
  },
  jobsets: {
    'another job': { spec: { replicatedJobs: [{ ...JOB_SET.replicatedJobs[0], name: 'other' }] } },
    'another manager': { spec: { managedBy: 'example.com/other' } },
    'another success': { spec: { successPolicy: { operator: 'Any' } } },
    suspended: { spec: { suspend: true } },
    'another time to live': { spec: { ttlSecondsAfterFinished: 5 } }
  },
  jobs: {
    'another image': {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'busybox:2' }] } } }
    },
    'another mode': { spec: { completionMode: 'Indexed', completions: 1 } },
    'another selector': { spec: { selector: { matchLabels: { a: 'b' } } } },
    'another number of completions': { spec: { completions: 3 } },
    'another number of pods': { spec: { parallelism: 3 } },
    'another manager': { spec: { managedBy: 'example.com/other' } },
    suspended: { spec: { suspend: true } },
    'another time to live': { spec: { ttlSecondsAfterFinished: 5 } },
    'more retries': { spec: { backoffLimit: 9 } }
  },
  pods: {
    'another image': { spec: { containers: [{ name: 'main', image: 'busybox:2' }] } },
    'another command': {
      spec: { containers: [{ name: 'main', image: 'busybox:1', command: ['a'] }] }
    },
    'another restart policy': { spec: { restartPolicy: 'Never' } },
    'one container more': {
      spec: { containers: [...POD.containers, { name: 'side', image: 'busybox:1' }] }
    },
    'a deadline': { spec: { activeDeadlineSeconds: 60 } },
    'another toleration': { spec: { tolerations: [] } },
    'another node': { spec: { nodeName: 'node-1' } }
  },
  events: {
    'another message': { message: 'It is so.' },
    'another object': { involvedObject: { name: 'two' } }
  },
  inferenceservices: {
    'another format': { spec: { predictor: { model: { modelFormat: { name: 'xgboost' } } } } },
    'more replicas': { spec: { predictor: { minReplicas: 2, maxReplicas: 3 } } },
    'another mode': {
      metadata: { annotations: { 'serving.kserve.io/deploymentMode': 'Knative' } }
    },
    'no predictor': { spec: { predictor: null } }
  },
  servingruntimes: {
    disabled: { spec: { disabled: true } },
    'another image': { spec: { containers: [{ name: 'kserve-container', image: 'server:2' }] } }
  }
};
UPDATES.clustertrainingruntimes = UPDATES.trainingruntimes ?? {};
UPDATES.clusterservingruntimes = UPDATES.servingruntimes ?? {};

function container(fields: Json): Json {
  return { spec: { containers: [{ name: 'main', image: 'busybox:1', ...fields }] } };
}
