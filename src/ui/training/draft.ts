/** The fields of forms that are about a training: read from the spec of a TrainJob (Trainer v1alpha1), and written into it without touching what they do not know. Pure. */
import type { ITrainJob } from '../../client/kubernetes/kinds/trainer';
import { type Json, list, object, text } from '../../graph/wire';
import type { IRow } from '../form/rows';
import { put, shown, some, wholeNumber } from '../kubernetes/form/json';
import type { RuntimeKind } from '../kubernetes/runtimes';
import { same } from '../kubernetes/threeWay';
import type { Path } from '../kubernetes/yamlText';
import { type IScript, readScript, scriptCommand } from './script';

/** What a node runs: a file that travels in the TrainJob, or a command; an empty one is the runtime's own. */
export type Code = { kind: 'script'; script: IScript } | { kind: 'command'; command: string[] };

/** The fields, all as texts that a person types; an empty one leaves the field out of the spec. */
export interface ITrainingDraft {
  runtime: { kind: RuntimeKind; name: string };
  code: Code;
  args: string[];
  image: string;
  /** Those with a value; those from secrets and the like stand in the YAML alone. */
  env: IRow[];
  nodes: string;
}

/** The API of TrainJobs. */
export const TRAINER_API = 'trainer.kubeflow.org/v1alpha1';

/** Whether nothing is said of what a node runs. */
export function isEmpty(code: Code): boolean {
  return code.kind === 'command' && code.command.length === 0;
}

/** What the fields show of a spec. What has another type than it should is shown as far as it can be. */
export function readTraining(spec: Json): ITrainingDraft {
  const reference = object(spec['runtimeRef']);
  const trainer = object(spec['trainer']);
  const command = list(trainer['command']).map(shown);
  const script = readScript(command);
  return {
    runtime: {
      kind: reference['kind'] === 'TrainingRuntime' ? 'TrainingRuntime' : 'ClusterTrainingRuntime',
      name: shown(reference['name'])
    },
    code: script ? { kind: 'script', script } : { kind: 'command', command },
    args: list(trainer['args']).map(shown),
    image: shown(trainer['image']),
    env: variables(spec)
      .filter(isPlain)
      .map(each => ({ name: shown(each['name']), value: shown(each['value']) })),
    nodes: shown(trainer['numNodes'])
  };
}

const WRITERS: Readonly<Record<keyof ITrainingDraft, (spec: Json, draft: ITrainingDraft) => void>> =
  {
    runtime: (spec, { runtime }) => {
      put(spec, ['runtimeRef', 'kind'], runtime.kind);
      put(spec, ['runtimeRef', 'name'], runtime.name);
    },
    code: (spec, { code }) => {
      const command = code.kind === 'script' ? scriptCommand(code.script) : code.command;
      put(spec, ['trainer', 'command'], some(command));
    },
    args: (spec, { args }) => put(spec, ['trainer', 'args'], some(args)),
    image: (spec, { image }) => put(spec, ['trainer', 'image'], image || undefined),
    env: (spec, { env }) => {
      const rest = [...env];
      const placed = variables(spec).flatMap(each => {
        const row = isPlain(each) ? rest.shift() : undefined;
        return row ? [{ ...each, ...row }] : isPlain(each) ? [] : [each];
      });
      put(spec, ['trainer', 'env'], some([...placed, ...rest]));
    },
    nodes: (spec, { nodes }) => put(spec, ['trainer', 'numNodes'], wholeNumber(nodes))
  };

/** Writes the fields that have changed into the spec at a path of an object, in place. */
export function writeTraining(
  of: Json,
  path: readonly string[],
  before: ITrainingDraft,
  draft: ITrainingDraft
): void {
  const changed = (Object.keys(WRITERS) as (keyof ITrainingDraft)[]).filter(
    key => !same(before[key], draft[key])
  );
  if (changed.length > 0) {
    const spec = { ...at(of, path) };
    changed.forEach(key => WRITERS[key](spec, draft));
    put(of, path, spec);
  }
}

/** The object at a path; an empty one where there is none. */
export function at(of: Json, path: readonly string[]): Json {
  return path.reduce((inner, key) => object(inner[key]), of);
}

/** What a node asks for, by the name of the resource: its limits, else its requests. */
export function askedResources(spec: Json): IRow[] {
  const { requests, limits } = object(object(spec['trainer'])['resourcesPerNode']);
  const asked = { ...object(requests), ...object(limits) };
  return Object.entries(asked).map(([name, value]) => ({ name, value: shown(value) }));
}

/** How many variables the fields do not show, since they come from secrets and the like. */
export function hiddenVariables(spec: Json): number {
  return variables(spec).filter(each => !isPlain(each)).length;
}

/**
 * The field that a path of the spec is about. Rows of the form may be in another order than in the spec, or without a name yet.
 * @param resources - which field of the draft has the resources that a node asks for
 */
export function trainingField<D extends ITrainingDraft>(
  [first, second, third, ...rest]: Path,
  spec: Json,
  draft: D,
  resources: keyof D & string
): string | undefined {
  if (first === 'runtimeRef') {
    return 'runtime';
  }
  if (first !== 'trainer') {
    return undefined;
  }
  switch (second) {
    case 'numNodes':
      return 'nodes';
    case 'command':
      return 'code';
    case 'args':
    case 'image':
      return second;
    case 'env': {
      const all = variables(spec);
      const isShown = typeof third === 'number' && all[third] && isPlain(all[third]);
      const place = isShown ? all.slice(0, third).filter(isPlain).length : -1;
      const row = draft.env.indexOf(draft.env.filter(each => each.name !== '')[place]!);
      return row < 0 ? undefined : `env.${row}`;
    }
    case 'resourcesPerNode': {
      // Names of resources have dots, which field paths do not tell from their own.
      const name = rest.join('.');
      const rows = draft[resources] as readonly IRow[];
      const row = rows.findIndex(each => name !== '' && each.name === name);
      return row < 0 ? undefined : `${resources}.${row}`;
    }
    default:
      return undefined;
  }
}

/** The spec of another TrainJob like one, without what Kueue and Trainer have written into its patches. */
export function cloneSpec(job: ITrainJob): Json {
  const spec = structuredClone(job.spec) as unknown as Json;
  const patches = list(spec['runtimePatches'])
    .map(object)
    .filter(patch => !text(patch['manager'])?.startsWith('kueue.x-k8s.io/'))
    .map(({ time: _, ...patch }) => patch);
  put(spec, ['runtimePatches'], some(patches));
  return spec;
}

function variables(spec: Json): Json[] {
  return list(object(spec['trainer'])['env']).map(object);
}

function isPlain(variable: Json): boolean {
  return variable['valueFrom'] === undefined;
}
