/** What the form shows of a TrainJob (Trainer v1alpha1): read from the object, and written into it without touching what the form does not know. Pure. */
import type { ITrainJob } from '../../client/kubernetes/kinds';
import { type Json, object } from '../../graph/wire';
import type { IRow } from '../../ui/form/rows';
import { cloneMetadata, put, shown, wholeNumber } from '../../ui/kubernetes/form/json';
import { same } from '../../ui/kubernetes/threeWay';
import {
  askedResources,
  cloneSpec,
  type ITrainingDraft,
  readTraining,
  TRAINER_API,
  writeTraining
} from '../../ui/training/draft';
import type { INamedTraining } from '../../ui/training/trainingForm';
import { readCheckpoint, writeCheckpoint } from './checkpoint';

/** The fields of the form, all as texts that a person types; an empty one leaves the field out of the job. */
export interface IDraft extends INamedTraining {
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

/** Resources with a field of their own. */
const TEXTS: readonly string[] = ['cpu', 'memory'];

/** Where patches of pods stand: `podTemplateOverrides` in versions of Trainer before 2.2. */
export type PatchField = 'runtimePatches' | 'podTemplateOverrides';

/** A new job. */
export function newJob(name: string, namespace: string): Json {
  return {
    apiVersion: TRAINER_API,
    kind: 'TrainJob',
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec: { runtimeRef: { kind: 'ClusterTrainingRuntime', name: '' } }
  };
}

/** Another job like one: all of its spec under a new name, without what controllers have written. */
export function cloneJob(job: ITrainJob, name: string): Json {
  return {
    apiVersion: job.apiVersion ?? TRAINER_API,
    kind: 'TrainJob',
    metadata: cloneMetadata(job, name),
    spec: cloneSpec(job)
  };
}

/** What the form shows of a job. What has another type than it should is shown as far as it can be. */
export function readDraft(job: Json): IDraft {
  const metadata = object(job['metadata']);
  const labels = object(metadata['labels']);
  const spec = object(job['spec']);
  const initializer = object(spec['initializer']);
  const asked = askedResources(spec);
  const amount = (name: string) => asked.find(each => each.name === name)?.value ?? '';
  return {
    name: shown(metadata['name']),
    ...readTraining(spec),
    processes: shown(object(spec['trainer'])['numProcPerNode']),
    cpu: amount('cpu'),
    memory: amount('memory'),
    devices: asked.filter(({ name }) => !TEXTS.includes(name)),
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
  writeTraining(result, ['spec'], before, said);
  for (const key of Object.keys(WRITERS) as (keyof typeof WRITERS)[]) {
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

type Writer = (job: Json, draft: IDraft, patches: PatchField) => void;

const WRITERS: Readonly<Record<Exclude<keyof IDraft, keyof ITrainingDraft>, Writer>> = {
  name: (job, { name }) => put(job, ['metadata', 'name'], name),
  processes: (job, { processes }) =>
    put(job, ['spec', 'trainer', 'numProcPerNode'], wholeNumber(processes)),
  cpu: (job, { cpu }) => ask(job, 'cpu', cpu),
  memory: (job, { memory }) => ask(job, 'memory', memory),
  devices: (job, { devices }) => {
    const now = new Map(devices.map(({ name, value }) => [name, value]));
    const rows = askedResources(object(job['spec']));
    const before = new Map(rows.map(({ name, value }) => [name, value]));
    for (const name of before.keys()) {
      if (!now.has(name) && !TEXTS.includes(name)) {
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
  const wanted = value === '' && TEXTS.includes(name) ? undefined : value;
  const amount = wanted === undefined ? undefined : wholeNumber(wanted, '');
  for (const side of ['requests', 'limits']) {
    put(job, ['spec', 'trainer', 'resourcesPerNode', side, name], amount);
  }
}
