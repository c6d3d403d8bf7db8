/** What the form shows of a TrainJob (Trainer v1alpha1): read from the object, and written into it without touching what the form does not know. Pure. */
import type { ITrainJob } from '../../client/kubernetes/kinds';
import { type Json, list, object, text } from '../../graph/wire';
import type { IRow } from '../../ui/form/rows';
import { cloneMetadata, put, shown, some, wholeNumber } from '../../ui/kubernetes/form/json';
import type { RuntimeKind } from '../../ui/kubernetes/runtimes';
import { same } from '../../ui/kubernetes/threeWay';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import { type IScript, readScript, scriptCommand } from '../../ui/training/script';

/** What a node runs: a file that travels in the job, or a command; an empty one is the runtime's own. */
export type Code = { kind: 'script'; script: IScript } | { kind: 'command'; command: string[] };

/** The fields of the form, all as texts that a person types; an empty one leaves the field out of the job. */
export interface IDraft {
  name: string;
  runtime: { kind: RuntimeKind; name: string };
  code: Code;
  args: string[];
  image: string;
  /** Those with a value; those from secrets and the like stand in the YAML alone. */
  env: IRow[];
  nodes: string;
  processes: string;
  cpu: string;
  memory: string;
  /** GPUs and everything else that a node may ask for, by the name of the resource. */
  devices: IRow[];
  dataset: string;
  model: string;
  checkpoint: { claim: string; path: string };
  queue: string;
  priority: string;
  suspend: boolean;
}

/** Kueue's labels of a job. */
export const QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';
export const PRIORITY_LABEL = 'kueue.x-k8s.io/priority-class';

const API = 'trainer.kubeflow.org/v1alpha1';
const TEXTS = ['cpu', 'memory'] as const;

/** Where patches of pods stand: `podTemplateOverrides` in versions of Trainer before 2.2. */
export type PatchField = 'runtimePatches' | 'podTemplateOverrides';

/** A new job. */
export function newJob(name: string, namespace: string): Json {
  return {
    apiVersion: API,
    kind: 'TrainJob',
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec: { runtimeRef: { kind: 'ClusterTrainingRuntime', name: '' } }
  };
}

/** Another job like one: all of its spec under a new name, without what controllers have written. */
export function cloneJob(job: ITrainJob, name: string): Json {
  const spec = structuredClone(job.spec) as unknown as Json;
  const patches = list(spec['runtimePatches'])
    .map(object)
    .filter(patch => !text(patch['manager'])?.startsWith('kueue.x-k8s.io/'))
    .map(({ time: _, ...patch }) => patch);
  return {
    apiVersion: job.apiVersion ?? API,
    kind: 'TrainJob',
    metadata: cloneMetadata(job, name),
    spec: without({ ...spec, runtimePatches: patches.length > 0 ? patches : undefined })
  };
}

/** What the form shows of a job. What has another type than it should is shown as far as it can be. */
export function readDraft(job: Json): IDraft {
  const metadata = object(job['metadata']);
  const labels = object(metadata['labels']);
  const spec = object(job['spec']);
  const reference = object(spec['runtimeRef']);
  const trainer = object(spec['trainer']);
  const initializer = object(spec['initializer']);
  const asked = resources(trainer);
  const command = list(trainer['command']).map(shown);
  const script = readScript(command);
  return {
    name: shown(metadata['name']),
    runtime: {
      kind: reference['kind'] === 'TrainingRuntime' ? 'TrainingRuntime' : 'ClusterTrainingRuntime',
      name: shown(reference['name'])
    },
    code: script ? { kind: 'script', script } : { kind: 'command', command },
    args: list(trainer['args']).map(shown),
    image: shown(trainer['image']),
    env: list(trainer['env'])
      .map(object)
      .filter(isPlain)
      .map(each => ({ name: shown(each['name']), value: shown(each['value']) })),
    nodes: shown(trainer['numNodes']),
    processes: shown(trainer['numProcPerNode']),
    cpu: asked.get('cpu') ?? '',
    memory: asked.get('memory') ?? '',
    devices: [...asked]
      .filter(([name]) => !(TEXTS as readonly string[]).includes(name))
      .map(([name, value]) => ({ name, value })),
    dataset: shown(object(initializer['dataset'])['storageUri']),
    model: shown(object(initializer['model'])['storageUri']),
    checkpoint: readCheckpoint(spec),
    queue: shown(labels[QUEUE_LABEL]),
    priority: shown(labels[PRIORITY_LABEL]),
    suspend: spec['suspend'] === true
  };
}

/** The job with what the form says; members that it shows already, and all that it does not know, stay as they are. */
export function writeDraft(job: Json, draft: IDraft, patches: PatchField = 'runtimePatches'): Json {
  const before = readDraft(job);
  const result = structuredClone(job);
  const said = settled(draft);
  for (const key of Object.keys(WRITERS) as (keyof IDraft)[]) {
    if (!same(before[key], said[key])) {
      WRITERS[key](result, said, patches);
    }
  }
  return result;
}

/** The draft as it can be read from the job again: rows without a name are not yet part of it. */
export function settled(draft: IDraft): IDraft {
  const named = (rows: readonly IRow[]) => rows.filter(row => row.name !== '');
  const devices = new Map(named(draft.devices).map(row => [row.name, row]));
  return { ...draft, env: named(draft.env), devices: [...devices.values()] };
}

/** The position in `spec.trainer.env` of a row of the form, and back. */
export function envRow(job: Json, index: number): number | undefined {
  const all = list(object(object(job['spec'])['trainer'])['env']).map(object);
  return all[index] && isPlain(all[index]) ? all.slice(0, index).filter(isPlain).length : undefined;
}

/** How many variables the form does not show, since they come from secrets and the like. */
export function hiddenVariables(job: Json): number {
  const all = list(object(object(job['spec'])['trainer'])['env']).map(object);
  return all.filter(each => !isPlain(each)).length;
}

type Writer = (job: Json, draft: IDraft, patches: PatchField) => void;

const WRITERS: Readonly<Record<keyof IDraft, Writer>> = {
  name: (job, { name }) => put(job, ['metadata', 'name'], name),
  runtime: (job, { runtime }) => {
    put(job, ['spec', 'runtimeRef', 'kind'], runtime.kind);
    put(job, ['spec', 'runtimeRef', 'name'], runtime.name);
  },
  code: (job, { code }) => {
    const command = code.kind === 'script' ? scriptCommand(code.script) : code.command;
    put(job, ['spec', 'trainer', 'command'], some(command));
  },
  args: (job, { args }) => put(job, ['spec', 'trainer', 'args'], some(args)),
  image: (job, { image }) => put(job, ['spec', 'trainer', 'image'], image || undefined),
  env: (job, { env }) => {
    const rest = [...env];
    const old = list(object(object(job['spec'])['trainer'])['env']).map(object);
    const placed = old.flatMap(each => {
      const row = isPlain(each) ? rest.shift() : undefined;
      return row ? [{ ...each, ...row }] : isPlain(each) ? [] : [each];
    });
    put(job, ['spec', 'trainer', 'env'], some([...placed, ...rest]));
  },
  nodes: (job, { nodes }) => put(job, ['spec', 'trainer', 'numNodes'], wholeNumber(nodes)),
  processes: (job, { processes }) =>
    put(job, ['spec', 'trainer', 'numProcPerNode'], wholeNumber(processes)),
  cpu: (job, { cpu }) => ask(job, 'cpu', cpu),
  memory: (job, { memory }) => ask(job, 'memory', memory),
  devices: (job, { devices }) => {
    const now = new Map(devices.map(({ name, value }) => [name, value]));
    const before = resources(object(object(job['spec'])['trainer']));
    for (const name of before.keys()) {
      if (!now.has(name) && !(TEXTS as readonly string[]).includes(name)) {
        ask(job, name, undefined);
      }
    }
    now.forEach((value, name) => before.get(name) !== value && ask(job, name, value));
  },
  dataset: (job, { dataset }) =>
    put(job, ['spec', 'initializer', 'dataset', 'storageUri'], dataset || undefined),
  model: (job, { model }) =>
    put(job, ['spec', 'initializer', 'model', 'storageUri'], model || undefined),
  checkpoint: (job, { checkpoint }, patches) => {
    const spec = object(job['spec']);
    job['spec'] = spec;
    writeCheckpoint(spec, checkpoint, patches);
  },
  queue: (job, { queue }) => put(job, ['metadata', 'labels', QUEUE_LABEL], queue || undefined),
  priority: (job, { priority }) =>
    put(job, ['metadata', 'labels', PRIORITY_LABEL], priority || undefined),
  suspend: (job, { suspend }) => put(job, ['spec', 'suspend'], suspend || undefined)
};

/** Asks for a resource: requests and limits alike, since devices know no others. An empty text stays where a row has one. */
function ask(job: Json, name: string, value: string | undefined): void {
  const wanted = value === '' && (TEXTS as readonly string[]).includes(name) ? undefined : value;
  const amount = wanted === undefined ? undefined : wholeNumber(wanted, '');
  for (const side of ['requests', 'limits']) {
    put(job, ['spec', 'trainer', 'resourcesPerNode', side, name], amount);
  }
}

/** What a node asks for: its limits, else its requests. */
function resources(trainer: Json): Map<string, string> {
  const { requests, limits } = object(trainer['resourcesPerNode']);
  const asked = { ...object(requests), ...object(limits) };
  return new Map(Object.entries(asked).map(([name, value]) => [name, shown(value)]));
}

function isPlain(variable: Json): boolean {
  return variable['valueFrom'] === undefined;
}

function without(spec: Json): Json {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
}
