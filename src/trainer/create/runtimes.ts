/** What a training runtime offers, as far as the form shows it and goes by it. Pure. */
import type { IClusterTrainingRuntime, ITrainingRuntime } from '../../client/kubernetes/kinds';
import { integer, type Json, list, object, text } from '../../graph/wire';
import type { RuntimeKind } from './model';
import type { Launcher } from './script';

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
    builtin: framework === 'torchtune'
  };
}

/** Runtimes by name, those of the namespace first, as `TrainerClient` prefers them. */
export function sortRuntimes(runtimes: readonly IRuntime[]): IRuntime[] {
  const rank = (each: IRuntime) => (each.kind === 'TrainingRuntime' ? 0 : 1);
  return [...runtimes].sort(
    (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name)
  );
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
