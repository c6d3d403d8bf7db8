/** What of an object is wrong, at the fields of its form: what fields may hold, and what the server has said of an object that it refused. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../../../client/errors';
import { fieldErrors } from '../../../client/kubernetes/fieldErrors';
import { object, text } from '../../../graph/wire';
import type { IRow } from '../../form/rows';
import { fieldPath, type Path, pathText, serverProblems } from '../yamlText';
import type { IObjectCodec, ISides } from './sides';

/** What is wrong: by the form's fields (`nodes`, `env.0` for a row), and in words above them. */
export interface IProblems {
  fields: Readonly<Record<string, string>>;
  top: readonly string[];
}

export const NOTHING: IProblems = { fields: {}, top: [] };

/** Tells what is wrong with a field, if anything is. */
export type Say = (field: string, message: string | false | undefined) => void;

/** Takes what is wrong with fields; what was told first of a field stays. */
export function collector(): { fields: Record<string, string>; say: Say } {
  const fields: Record<string, string> = {};
  return {
    fields,
    say: (field, message) => {
      if (message && !fields[field]) {
        fields[field] = message;
      }
    }
  };
}

/** What is wrong with the rows of a list, by position. */
export function rowErrors(
  { fields }: IProblems,
  field: string,
  count: number
): (string | undefined)[] {
  return Array.from({ length: count }, (_, index) => fields[`${field}.${index}`]);
}

/** Rows without a name, and names that stand twice, told as `FIELD.POSITION`. */
export function checkRows(
  rows: readonly IRow[],
  field: string,
  say: Say,
  trans: TranslationBundle
): void {
  const seen = new Set<string>();
  rows.forEach(({ name, value }, index) => {
    if (name === '' && value !== '') {
      say(`${field}.${index}`, trans.__('A name is needed.'));
    } else if (name !== '' && seen.has(name)) {
      say(`${field}.${index}`, trans.__('“%1” stands here twice.', name));
    }
    seen.add(name);
  });
}

/** Why a name is none for an object that pods are named by (RFC 1035), or undefined. `tooLong` says that it has more than `longest` characters. */
export function nameProblem(
  name: string,
  longest: number,
  tooLong: string,
  trans: TranslationBundle
): string | undefined {
  if (name === '') {
    return trans.__('A name is needed.');
  }
  if (name.length > longest) {
    return tooLong;
  }
  return NAME.test(name)
    ? undefined
    : trans.__('A name has lower-case letters, digits and dashes, and begins with a letter.');
}

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const DOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^([A-Za-z0-9]([-\w.]*[A-Za-z0-9])?)$/;
const VARIABLE = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const QUANTITY = /^\+?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** Whether a text is a DNS subdomain, as most names of objects are. */
export function isDomain(name: string): boolean {
  return DOMAIN.test(name) && name.length <= 253;
}

/** Whether a text may be the value of a label. */
export function isLabelValue(value: string): boolean {
  return LABEL.test(value) && value.length <= 63;
}

/** Whether a text may be the name of an environment variable. */
export function isVariable(name: string): boolean {
  return VARIABLE.test(name);
}

/** Whether a text is a whole number of at least `least`, and not a huge one. */
export function isCount(typed: string, least = 1): boolean {
  return /^(0|[1-9]\d{0,8})$/.test(typed) && Number(typed) >= least;
}

/** Whether a text is an amount, as `500m` or `4Gi`. */
export function isQuantity(typed: string): boolean {
  return QUANTITY.test(typed);
}

/** What the server has said of an object that it refused, at the fields of the form as it is now. */
export function refusedFields<D>(
  codec: Pick<IObjectCodec<D>, 'fieldOf' | 'taken'>,
  error: unknown,
  sides: Pick<ISides<D>, 'object' | 'draft'>,
  trans: TranslationBundle
): IProblems {
  if (!(error instanceof ApiError)) {
    return { fields: {}, top: [(error as Error).message] };
  }
  const fields: Record<string, string> = {};
  const top: string[] = [];
  for (const { path, message } of refusals(error)) {
    const field = codec.fieldOf(path, sides.object, sides.draft);
    if (field && !fields[field]) {
      fields[field] = sentence(message);
    } else {
      const place = pathText(path);
      const told = path.length === 0 || message.includes(place);
      top.push(sentence(told ? message : `${place}: ${message}`));
    }
  }
  if (error.status === 409 && error.reason === 'AlreadyExists') {
    const name = text(object(sides.object['metadata'])['name']) ?? '';
    return { fields: { name: codec.taken(name, trans) }, top: [] };
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
