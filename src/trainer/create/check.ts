/** What of a TrainJob is wrong, at the fields of the form, by rules that need no server; and which field a path of the job is about. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type Json, list } from '../../graph/wire';
import { formatBytes } from '../../ui/format';
import {
  checkRows,
  type IProblems,
  isDomain,
  isLabelValue,
  isQuantity,
  isVariable
} from '../../ui/kubernetes/form/problems';
import { type IRuntime, longestName } from '../../ui/kubernetes/runtimes';
import type { Path } from '../../ui/kubernetes/yamlText';
import { envRow, type IDraft, PRIORITY_LABEL, QUEUE_LABEL } from './model';
import { MAX_ARGUMENT, MAX_OBJECT } from '../../ui/training/script';

/** Of the code in a command, with room for the lines around it. */
const LONGEST_CODE = MAX_ARGUMENT - 1024;

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** A reference of an image: a registry, a path, a tag, a digest. */
const IMAGE =
  /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-zA-Z][\w.+-]*:[0-9a-fA-F]{32,})?$/;
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/.+$/;

/** What can be told without the server. `runtime` is the one that is chosen, where it is known. */
export function checkDraft(
  draft: IDraft,
  job: Json,
  trans: TranslationBundle,
  runtime?: IRuntime
): IProblems {
  const fields: Record<string, string> = {};
  const say = (field: string, message: string | false | undefined) => {
    if (message && !fields[field]) {
      fields[field] = message;
    }
  };
  say('name', nameProblem(draft, runtime, trans));
  say('runtime', draft.runtime.name === '' && trans.__('Choose the runtime to train with.'));
  say('nodes', count(draft.nodes) && trans.__('This must be a whole number from 1 on.'));
  say('processes', count(draft.processes) && trans.__('This must be a whole number from 1 on.'));
  say('cpu', amount(draft.cpu, trans.__('This must be a number of cores, for example 2 or 500m.')));
  say('memory', amount(draft.memory, trans.__('This must be a size, for example 4Gi or 512Mi.')));
  checkRows(draft.devices, 'devices', say, trans);
  draft.devices.forEach(({ name, value }, index) => {
    say(
      `devices.${index}`,
      (name !== '' && value === '' && trans.__('How many of %1? For example 1.', name)) ||
        amount(value, trans.__('This must be a number, for example 1.'))
    );
  });
  checkRows(draft.env, 'env', say, trans);
  draft.env.forEach(({ name }, index) =>
    say(
      `env.${index}`,
      name !== '' &&
        !isVariable(name) &&
        trans.__(
          'A variable has letters, digits, dots, dashes and underscores, and begins with no digit.'
        )
    )
  );
  say(
    'image',
    draft.image !== '' &&
      !IMAGE.test(draft.image) &&
      trans.__('This must be an image, for example pytorch/pytorch:2.7.1 or ghcr.io/me/train.')
  );
  for (const field of ['dataset', 'model'] as const) {
    say(
      field,
      draft[field] !== '' &&
        !URI.test(draft[field]) &&
        trans.__('This must be an address, for example s3://bucket/data or file:///data.')
    );
  }
  checkpoint(draft, say, trans);
  for (const field of ['queue', 'priority'] as const) {
    say(
      field,
      draft[field] !== '' &&
        !isLabelValue(draft[field]) &&
        trans.__('This must be a name of at most 63 letters, digits, dots, dashes and underscores.')
    );
  }
  say('code', codeProblem(draft, trans));
  return { fields, top: jobProblems(job, trans) };
}

/** The field of the form that a path of the object is about. Rows of the form may be in another order than in the object, or without a name yet. */
export function fieldOf(path: Path, job: Json, draft: IDraft): string | undefined {
  const [first, second, third, fourth, fifth] = path;
  if (first === 'metadata') {
    return second === 'name' || second === 'generateName'
      ? 'name'
      : ({ [QUEUE_LABEL]: 'queue', [PRIORITY_LABEL]: 'priority' } as Record<string, string>)[
          String(third)
        ];
  }
  if (first !== 'spec') {
    return undefined;
  }
  switch (second) {
    case 'runtimeRef':
      return 'runtime';
    case 'suspend':
      return 'suspend';
    case 'initializer':
      return third === 'dataset' || third === 'model' ? third : undefined;
    case 'trainer':
      return trainerField(third, fourth, fifth, path, job, draft);
    default:
      return undefined;
  }
}

function trainerField(
  third: string | number | undefined,
  fourth: string | number | undefined,
  fifth: string | number | undefined,
  path: Path,
  job: Json,
  draft: IDraft
): string | undefined {
  switch (third) {
    case 'numNodes':
      return 'nodes';
    case 'numProcPerNode':
      return 'processes';
    case 'command':
      return 'code';
    case 'args':
    case 'image':
      return third;
    case 'env': {
      const place = typeof fourth === 'number' ? envRow(job, fourth) : undefined;
      const row = draft.env.indexOf(draft.env.filter(each => each.name !== '')[place ?? -1]!);
      return row < 0 ? undefined : `env.${row}`;
    }
    case 'resourcesPerNode': {
      // Names of resources have dots, which field paths do not tell from their own.
      const name = path.slice(4).join('.');
      if (fifth === 'cpu' || fifth === 'memory') {
        return fifth;
      }
      const row = draft.devices.findIndex(each => each.name === name);
      return row < 0 ? undefined : `devices.${row}`;
    }
    default:
      return undefined;
  }
}

/** Why a name is none for a TrainJob, or undefined. */
function nameProblem(
  draft: IDraft,
  runtime: IRuntime | undefined,
  trans: TranslationBundle
): string | undefined {
  const { name } = draft;
  const longest = longestName(draft, runtime);
  if (name === '') {
    return trans.__('A name is needed.');
  }
  if (name.length > longest) {
    return trans.__(
      'A name has at most %1 characters with this runtime and number of nodes, since the names of pods are made of it, and this one has %2.',
      longest,
      name.length
    );
  }
  return NAME.test(name)
    ? undefined
    : trans.__('A name has lower-case letters, digits and dashes, and begins with a letter.');
}

function count(typed: string): boolean {
  return typed !== '' && !/^[1-9]\d{0,8}$/.test(typed);
}

function amount(typed: string, message: string): string | false {
  return typed !== '' && !isQuantity(typed) && message;
}

function checkpoint(
  { checkpoint: { claim, path } }: IDraft,
  say: (field: string, message: string | false) => void,
  trans: TranslationBundle
): void {
  say(
    'checkpoint.claim',
    claim === '' && path !== '' && trans.__('Which claim is to be mounted there?')
  );
  say(
    'checkpoint.claim',
    claim !== '' && !isDomain(claim) && trans.__('This is no name of a persistent volume claim.')
  );
  say(
    'checkpoint.path',
    path === '' && claim !== '' && trans.__('Where is it to be mounted? For example /checkpoints.')
  );
  say(
    'checkpoint.path',
    path !== '' &&
      !path.startsWith('/') &&
      trans.__('This must be a path that begins with /, for example /checkpoints.')
  );
  say(
    'checkpoint.path',
    /^\/+$/.test(path) &&
      trans.__('The image’s own files are there. Mount it in a folder, for example /checkpoints.')
  );
}

function codeProblem({ code }: IDraft, trans: TranslationBundle): string | undefined {
  const parts = code.kind === 'script' ? [code.script.text] : code.command;
  const longest = Math.max(0, ...parts.map(bytes));
  if (code.kind === 'script' && code.script.text.trim() === '') {
    return trans.__('There is no code in it yet.');
  }
  return longest > LONGEST_CODE
    ? trans.__(
        'The code is too long: %1, and a node can be started with %2. Move data and modules out of it, into the image or onto a volume.',
        formatBytes(longest),
        formatBytes(LONGEST_CODE)
      )
    : undefined;
}

/** What is wrong with the job as a whole. */
function jobProblems(job: Json, trans: TranslationBundle): string[] {
  const found: string[] = [];
  if (
    job['kind'] !== 'TrainJob' ||
    !String(job['apiVersion']).startsWith('trainer.kubeflow.org/')
  ) {
    found.push(
      trans.__(
        'The YAML must stay a TrainJob: its kind “TrainJob”, its apiVersion “trainer.kubeflow.org/v1alpha1”.'
      )
    );
  }
  const size = bytes(JSON.stringify(job));
  if (size > MAX_OBJECT) {
    found.push(
      trans.__(
        'The job is too large: %1, and at most %2 can be stored. Move data out of it, into the image or onto a volume.',
        formatBytes(size),
        formatBytes(MAX_OBJECT)
      )
    );
  }
  if (list(job['spec']).length > 0) {
    found.push(trans.__('The spec must be an object, not a list.'));
  }
  return found;
}

function bytes(value: string): number {
  return new TextEncoder().encode(value).length;
}
