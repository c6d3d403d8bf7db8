/** What a training runtime offers, as far as forms show it and go by it. Pure. */
import type { IClusterTrainingRuntime, ITrainingRuntime } from '../../client/kubernetes/kinds';
import { integer, type Json, list, object, text } from '../../graph/wire';

/** The kinds of runtimes. */
export type RuntimeKind = 'ClusterTrainingRuntime' | 'TrainingRuntime';

/** What starts the training processes of a node, by the runtime's convention. */
export type Launcher = 'python' | 'torchrun' | 'mpirun';

/** A runtime, of a namespace or of the cluster. */
export interface IRuntime {
  kind: RuntimeKind;
  name: string;
  /** `torch`, `xgboost`, `deepspeed` …, as its label says. */
  framework?: string;
  /** How many nodes train when the job does not say. */
  nodes: number;
  processes?: number;
  image?: string;
  /** What a node asks for by default, as `cpu 4`. */
  asks: string[];
  launcher: Launcher;
  /** Whether it brings the training code with it, and takes arguments only. */
  builtin: boolean;
  /** Its replicated jobs. */
  steps: readonly IStep[];
}

/** A replicated job of a runtime. */
export interface IStep {
  name: string;
  replicas: number;
  /** How many pods each has; undefined for the nodes, which the job counts. */
  pods?: number;
  /** Whether its pods are told apart by their index, as they are by default. */
  indexed: boolean;
}

const FRAMEWORK = 'trainer.kubeflow.org/framework';
const ANCESTOR = 'trainer.kubeflow.org/trainjob-ancestor-step';

/** What a runtime offers. */
export function runtimeOf(
  kind: RuntimeKind,
  runtime: ITrainingRuntime | IClusterTrainingRuntime
): IRuntime {
  const policy = object(runtime.spec?.mlPolicy);
  const jobs = list(runtime.spec?.template?.spec?.replicatedJobs).map(object);
  const steps = new Map(jobs.map(job => [stepOf(job), job]));
  const node = containerOf(steps.get('trainer'));
  const resources = object(node['resources']);
  const asked = { ...object(resources['requests']), ...object(resources['limits']) };
  const framework = runtime.metadata?.labels?.[FRAMEWORK];
  return {
    kind,
    name: runtime.metadata?.name ?? '',
    framework,
    nodes: integer(policy['numNodes']) ?? 1,
    processes: integer(
      object(policy['mpi'] ?? policy['torch'] ?? policy['flux'])['numProcPerNode']
    ),
    image: text(node['image']),
    asks: Object.entries(asked).map(([name, amount]) => `${name} ${String(amount)}`),
    launcher: policy['mpi'] ? 'mpirun' : policy['torch'] ? 'torchrun' : 'python',
    builtin: framework === 'torchtune',
    steps: jobs.map(readStep)
  };
}

/** Runtimes by name, those of the namespace first, as `TrainerClient` prefers them. */
export function sortRuntimes(runtimes: readonly IRuntime[]): IRuntime[] {
  const rank = (each: IRuntime) => (each.kind === 'TrainingRuntime' ? 0 : 1);
  return [...runtimes].sort(
    (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name)
  );
}

/**
 * The runtime that a new job begins with: the only one, else one of plain Python, which needs no framework, else the one that `TrainerClient` takes
 * by default. Undefined where none of these is there.
 */
export function firstRuntime(runtimes: readonly IRuntime[]): IRuntime | undefined {
  const plain = ({ framework = '' }: IRuntime) => ['python', 'plain'].includes(framework);
  return runtimes.length === 1
    ? runtimes[0]
    : (runtimes.find(plain) ?? runtimes.find(({ name }) => name === 'torch-distributed'));
}

/** The longest name, by RFC 1035, of all that is made for a job. */
export const LONGEST_NAME = 63;

/** The step of the nodes, by Trainer's convention. */
const NODES: IStep = { name: 'node', replicas: 1, indexed: true };

/**
 * The longest name of a job with which JobSet takes the names that it makes of it (its webhook, v0.12): `JOB-STEP-REPLICA` and, where pods have an index,
 * `JOB-STEP-REPLICA-INDEX-XXXXX`. A runtime that is not known counts as one with nodes alone.
 */
export function longestName(
  draft: { nodes: string; dataset: string; model: string },
  runtime: IRuntime | undefined
): number {
  const nodes = Number(draft.nodes) || (runtime?.nodes ?? 1);
  const steps = runtime && runtime.steps.length > 0 ? runtime.steps : [NODES];
  // Local Kubeflow adds the steps that fetch where the runtime has none.
  const fetching = (['dataset', 'model'] as const)
    .filter(each => draft[each] !== '')
    .map(each => ({ name: `${each}-initializer`, replicas: 1, pods: 1, indexed: true }));
  const added = [...steps, ...fetching].map(({ name, replicas, pods = nodes, indexed }) => {
    const job = `-${name}-${Math.max(0, replicas - 1)}`;
    return (indexed ? `${job}-${Math.max(0, pods - 1)}-xxxxx` : job).length;
  });
  return LONGEST_NAME - Math.max(...added);
}

function readStep(job: Json): IStep {
  const spec = object(object(job['template'])['spec']);
  const name = text(job['name']) ?? '';
  const trains = stepOf(job) === 'trainer';
  return {
    name,
    replicas: trains ? 1 : (integer(job['replicas']) ?? 1),
    pods: trains || name === NODES.name ? undefined : (integer(spec['parallelism']) ?? 1),
    indexed: spec['completionMode'] !== 'NonIndexed'
  };
}

/** The step of a replicated job in a TrainJob, by its label. */
function stepOf(job: Json): string | undefined {
  const template = object(job['template']);
  return text(object(object(template['metadata'])['labels'])[ANCESTOR]) ?? text(job['name']);
}

/** The container of the training code: `node`, else the only one. */
function containerOf(job: Json | undefined): Json {
  const template = object(object(job?.['template'])['spec']);
  const containers = list(object(object(template['template'])['spec'])['containers']).map(object);
  return containers.find(each => each['name'] === 'node') ?? containers[0] ?? {};
}
