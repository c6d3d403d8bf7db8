/** What of a TrainJob is wrong, at the fields of the form: by rules that need no server, and by what the server has said. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../../client/errors';
import { fieldErrors } from '../../client/kubernetes/fieldErrors';
import { type Json, list } from '../../graph/wire';
import { formatBytes } from '../../ui/format';
import { fieldPath, type Path, pathText, serverProblems } from '../../ui/kubernetes/yamlText';
import { envRow, type IDraft, type IRow, PRIORITY_LABEL, QUEUE_LABEL } from './model';
import { type IRuntime, longestName } from './runtimes';
import { MAX_ARGUMENT, MAX_OBJECT } from './script';

/** What is wrong: by the form's fields (`nodes`, `env.0`, `devices.1`, `checkpoint.path`), and in words above them. */
export interface IProblems {
  fields: Readonly<Record<string, string>>;
  top: readonly string[];
}

/** Of the code in a command, with room for the lines around it. */
const LONGEST_CODE = MAX_ARGUMENT - 1024;

export const NOTHING: IProblems = { fields: {}, top: [] };

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL = /^([A-Za-z0-9]([-\w.]*[A-Za-z0-9])?)$/;
const DOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const VARIABLE = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const QUANTITY = /^\+?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;
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
  rows(draft.devices, 'devices', say, trans);
  draft.devices.forEach(({ name, value }, index) => {
    say(
      `devices.${index}`,
      (name !== '' && value === '' && trans.__('How many of %1? For example 1.', name)) ||
        amount(value, trans.__('This must be a number, for example 1.'))
    );
  });
  rows(draft.env, 'env', say, trans);
  draft.env.forEach(({ name }, index) =>
    say(
      `env.${index}`,
      name !== '' &&
        !VARIABLE.test(name) &&
        trans.__(
          'A variable has letters, digits, dots, dashes and underscores, and begins with no digit.'
        )
    )
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
        (!LABEL.test(draft[field]) || draft[field].length > 63) &&
        trans.__('This must be a name of at most 63 letters, digits, dots, dashes and underscores.')
    );
  }
  say('code', codeProblem(draft, trans));
  return { fields, top: jobProblems(job, trans) };
}

/** What the server has said of a job that it refused, at the fields of the form as it is now. */
export function refusedFields(
  error: unknown,
  job: Json,
  draft: IDraft,
  trans: TranslationBundle
): IProblems {
  if (!(error instanceof ApiError)) {
    return { fields: {}, top: [(error as Error).message] };
  }
  const fields: Record<string, string> = {};
  const top: string[] = [];
  for (const { path, message } of refusals(error)) {
    const field = fieldOf(path, job, draft);
    if (field && !fields[field]) {
      fields[field] = sentence(message);
    } else {
      top.push(sentence(path.length > 0 ? `${pathText(path)}: ${message}` : message));
    }
  }
  if (error.status === 409 && error.reason === 'AlreadyExists') {
    return {
      fields: {
        name: trans.__('There is a TrainJob “%1” already. Choose another name.', draft.name)
      },
      top: []
    };
  }
  if (quotaWords(error.message, trans) || (Object.keys(fields).length === 0 && top.length === 0)) {
    return { fields: {}, top: [refusedWords(error, trans)] };
  }
  return { fields, top };
}

/** What the server has said of an object that it refused, as a sentence. */
export function refusedWords(error: unknown, trans: TranslationBundle): string {
  const { message } = error as Error;
  return quotaWords(message, trans) ?? sentence(withoutWebhook(message));
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

/** What a refusal names: causes of a `Status`, fields of strict decoding, or the paths that a webhook's sentence begins with. */
function refusals(error: ApiError): { path: Path; message: string }[] {
  const causes = fieldErrors(error);
  if (causes.length > 0) {
    return causes.map(({ field, message }) => ({ path: fieldPath(field), message }));
  }
  const strict = serverProblems(error);
  if (strict.length > 0) {
    return [...strict];
  }
  const said = withoutWebhook(error.message);
  const [, list, one] = /^(?:\[(.*)\]|(.*))$/s.exec(said) ?? [];
  return (list?.split(/, (?=(?:spec|metadata)[.[\w])/) ?? [one ?? ''])
    .map(each => /^((?:spec|metadata)[\w.[\]/-]*): (.*)$/s.exec(each))
    .filter(found => found !== null)
    .map(([, field = '', message = '']) => ({ path: fieldPath(field), message }));
}

function withoutWebhook(message: string): string {
  return message.replace(/^admission webhook "[^"]*" denied the request: /, '');
}

/** `exceeded quota: NAME, requested: A=1, used: A=2, limited: A=2` as a sentence with the remedy. */
function quotaWords(message: string, trans: TranslationBundle): string | undefined {
  const [, name, requested = '', used = '', limited = ''] =
    /exceeded quota: ([^,]+), requested: (.*), used: (.*), limited: (.*)$/.exec(message) ?? [];
  return name === undefined
    ? undefined
    : trans.__(
        'The quota “%1” of the namespace does not allow this: it asks for %2, %3 are in use, and %4 are allowed. Ask for less, delete jobs that have ended, or ask for a larger quota.',
        name,
        requested,
        used,
        limited
      );
}

function sentence(message: string): string {
  const said = message
    .trim()
    .replace(/`([^`]*)`/g, '“$1”')
    // A word, and not a name.
    .replace(/^[a-z]+(?=[ ,])/, word => word.charAt(0).toUpperCase() + word.slice(1));
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

/** Whether a text is a DNS subdomain, as most names of objects are. */
export function isDomain(name: string): boolean {
  return DOMAIN.test(name) && name.length <= 253;
}

/** Whether a text is an amount, as `500m` or `4Gi`. */
export function isQuantity(typed: string): boolean {
  return QUANTITY.test(typed);
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

/** Rows without a name, and names that stand twice. */
function rows(
  all: readonly IRow[],
  field: string,
  say: (field: string, message: string) => void,
  trans: TranslationBundle
): void {
  const seen = new Set<string>();
  all.forEach(({ name, value }, index) => {
    if (name === '' && value !== '') {
      say(`${field}.${index}`, trans.__('A name is needed.'));
    } else if (name !== '' && seen.has(name)) {
      say(`${field}.${index}`, trans.__('“%1” stands here twice.', name));
    }
    seen.add(name);
  });
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
