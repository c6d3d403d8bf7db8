/** The rows of a search space as a person types them, and as Katib's `spec.parameters` and an OptimizationJob's have them. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type Json, list, object } from '../../graph/wire';
import { put, shown } from '../../ui/kubernetes/form/json';
import type { StudyKind } from '../context';

/** The kinds of parameters. */
export const TYPES = ['double', 'int', 'discrete', 'categorical'] as const;
export const DISTRIBUTIONS = ['uniform', 'logUniform', 'normal', 'logNormal'] as const;

/** One parameter, all as texts; what its type does not have is empty. */
export interface ISpaceRow {
  name: string;
  type: (typeof TYPES)[number];
  min: string;
  max: string;
  step: string;
  distribution: (typeof DISTRIBUTIONS)[number];
  /** Texts with commas between them, or a JSON list of texts. */
  choices: string;
}

/** A row that nothing was typed into. */
export const EMPTY_ROW: ISpaceRow = {
  name: '',
  type: 'double',
  min: '',
  max: '',
  step: '',
  distribution: 'uniform',
  choices: ''
};

/** Whether a parameter is chosen from a list rather than a range. */
export function isListed({ type }: Pick<ISpaceRow, 'type'>): boolean {
  return type === 'discrete' || type === 'categorical';
}

/** What was typed as choices. */
export function choicesOf(typed: string): string[] {
  if (typed.trim().startsWith('[')) {
    try {
      const read: unknown = JSON.parse(typed);
      if (Array.isArray(read)) {
        return read.map(each => (typeof each === 'string' ? each : JSON.stringify(each)));
      }
    } catch {
      // A text that begins with a bracket.
    }
  }
  return typed
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '');
}

/** Choices as they are typed. */
export function choicesText(choices: readonly string[]): string {
  const plain = choices.join(', ');
  const same = choicesOf(plain);
  return same.length === choices.length && same.every((each, index) => each === choices[index])
    ? plain
    : JSON.stringify(choices);
}

/** The rows of an object. */
export function readSpace(kind: StudyKind, spec: Json): ISpaceRow[] {
  return list(spec['parameters'])
    .map(object)
    .map(kind === 'Experiment' ? readKatib : readTrainer);
}

/** The members of an object for rows; what a row does not know of a parameter of the same name stays. */
export function writeSpace(kind: StudyKind, spec: Json, rows: readonly ISpaceRow[]): Json[] {
  const before = new Map(
    list(spec['parameters'])
      .map(object)
      .map(each => [shown(each['name']), each])
  );
  const write = kind === 'Experiment' ? writeKatib : writeTrainer;
  const read = kind === 'Experiment' ? readKatib : readTrainer;
  return rows.map(row => {
    const old = before.get(row.name);
    const same = old && JSON.stringify(read(old)) === JSON.stringify(row);
    return same ? old : write(row, structuredClone(old ?? {}));
  });
}

function readKatib(of: Json): ISpaceRow {
  const space = object(of['feasibleSpace']);
  const type = TYPES.find(each => each === of['parameterType']) ?? 'categorical';
  const listed = isListed({ type });
  return {
    name: shown(of['name']),
    type,
    min: listed ? '' : shown(space['min']),
    max: listed ? '' : shown(space['max']),
    step: listed ? '' : shown(space['step']),
    distribution:
      DISTRIBUTIONS.find(each => !listed && each === space['distribution']) ?? 'uniform',
    choices: listed ? choicesText(list(space['list']).map(shown)) : ''
  };
}

function writeKatib(row: ISpaceRow, of: Json): Json {
  const listed = isListed(row);
  of['name'] = row.name;
  of['parameterType'] = row.type;
  const say = (key: string, value: unknown) => put(of, ['feasibleSpace', key], value);
  for (const key of ['min', 'max', 'step'] as const) {
    say(key, (!listed && row[key]) || undefined);
  }
  say('list', listed ? choicesOf(row.choices) : undefined);
  say('distribution', listed || row.distribution === 'uniform' ? undefined : row.distribution);
  return of;
}

function readTrainer(of: Json): ISpaceRow {
  const space = object(of['searchSpace']);
  const log = space['logUniform'] !== undefined;
  const range = object(space[log ? 'logUniform' : 'uniform']);
  const listed = space['categorical'] !== undefined;
  return {
    name: shown(of['name']),
    type: listed ? 'categorical' : range['type'] === 'Int' ? 'int' : 'double',
    min: listed ? '' : shown(range['min']),
    max: listed ? '' : shown(range['max']),
    step: '',
    distribution: log ? 'logUniform' : 'uniform',
    choices: listed ? choicesText(list(object(space['categorical'])['choices']).map(shown)) : ''
  };
}

function writeTrainer(row: ISpaceRow, of: Json): Json {
  const { name, min, max, type, distribution } = row;
  const range = { min, max, type: type === 'int' ? 'Int' : 'Float' };
  return {
    ...of,
    name,
    searchSpace: isListed(row)
      ? { categorical: { choices: choicesOf(row.choices) } }
      : distribution === 'logUniform'
        ? { logUniform: range }
        : { uniform: range }
  };
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?$/;

/** What is wrong with a row; `stepped`: whether numbers need a step, as for grid. */
export function rowProblem(
  row: ISpaceRow,
  stepped: boolean,
  trans: TranslationBundle
): string | undefined {
  const { name, type } = row;
  if (name === '') {
    return trans.__('A name is needed.');
  }
  if (/[{}]/.test(name)) {
    return trans.__('A name has no braces.');
  }
  if (isListed(row)) {
    return choicesProblem(row, trans);
  }
  const [min, max] = [row.min, row.max].map(text => (NUMBER.test(text) ? Number(text) : NaN));
  if (min === undefined || max === undefined || Number.isNaN(min) || Number.isNaN(max)) {
    return trans.__('A least and a greatest number are needed, for example 0.001 and 0.1.');
  }
  const whole = [row.min, row.max, row.step].every(text => text === '' || /^[-+]?\d+$/.test(text));
  if (type === 'int' && !whole) {
    return trans.__('A whole number has whole bounds and steps.');
  }
  if (min > max) {
    return trans.__('The least number, %1, is above the greatest, %2.', row.min, row.max);
  }
  if (row.distribution.startsWith('log') && min <= 0) {
    return trans.__(
      'By its logarithm a parameter is searched above 0 only. Raise the least number.'
    );
  }
  const step = NUMBER.test(row.step) ? Number(row.step) : NaN;
  if (row.step !== '' && !(step > 0)) {
    return trans.__('A step must be a number above 0.');
  }
  return stepped && type === 'double' && row.step === ''
    ? trans.__('Grid tries one value after the other: give a step.')
    : undefined;
}

function choicesProblem({ type, choices }: ISpaceRow, trans: TranslationBundle) {
  const read = choicesOf(choices);
  if (read.length === 0) {
    return trans.__('List what to choose from, for example adam, sgd.');
  }
  const twice = read.find((each, index) => read.indexOf(each) !== index);
  if (twice !== undefined) {
    return trans.__('“%1” stands here twice.', twice);
  }
  const word = type === 'discrete' ? read.find(each => !NUMBER.test(each)) : undefined;
  return word === undefined
    ? undefined
    : trans.__('“%1” is no number. Choose the type “choices” for texts.', word);
}
