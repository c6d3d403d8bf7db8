/** What each trial runs, as far as the form shows it: the TrainJob in an Experiment's `trialTemplate.trialSpec` or an OptimizationJob's `trainJobTemplate`. Pure. */
import { type Json, list, object, text } from '../../graph/wire';
import type { IRow } from '../../ui/form/rows';
import { put, shown, wholeNumber } from '../../ui/kubernetes/form/json';
import { same } from '../../ui/kubernetes/threeWay';
import {
  askedResources,
  at,
  type ITrainingDraft,
  readTraining,
  writeTraining
} from '../../ui/training/draft';
import type { StudyKind } from '../context';
import type { ITrialParameter } from './propose';

/** The fields of the form that are about a trial. */
export interface ITemplateDraft extends ITrainingDraft {
  /** What a node asks for, by the name of the resource. */
  resources: IRow[];
}

const PREFIX = 'KUBEFLOW_TRAINER_OPT_';

/** What stands in a trial for the value of a parameter: Katib puts it in, or Kubernetes from the variable that an OptimizationJob sets. */
export function placeOf(kind: StudyKind, name: string): string {
  return kind === 'Experiment'
    ? `\${trialParameters.${name}}`
    : `$(${PREFIX}${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')})`;
}

/** The path of the TrainJob's spec in an object. */
export function templatePath(kind: StudyKind): string[] {
  return kind === 'Experiment'
    ? ['spec', 'trialTemplate', 'trialSpec', 'spec']
    : ['spec', 'trainJobTemplate', 'spec'];
}

/** The kind of what a trial runs; empty where the object has no such template. */
export function runKindOf(kind: StudyKind, of: Json): string {
  if (kind === 'OptimizationJob') {
    return 'TrainJob';
  }
  const template = object(object(of['spec'])['trialTemplate']);
  return text(object(template['trialSpec'])['kind']) ?? '';
}

/** The spec of the TrainJob that a trial runs; an empty one where it runs something else. */
export function trialSpecOf(kind: StudyKind, of: Json): Json {
  return runKindOf(kind, of) === 'TrainJob' ? at(of, templatePath(kind)) : {};
}

/** What the form shows of a trial. */
export function readTemplate(kind: StudyKind, of: Json): ITemplateDraft {
  const spec = trialSpecOf(kind, of);
  return { ...readTraining(spec), resources: askedResources(spec) };
}

/** Writes what has changed of a trial into an object, in place. */
export function writeTemplate(
  kind: StudyKind,
  of: Json,
  before: ITemplateDraft,
  draft: ITemplateDraft
): void {
  const path = templatePath(kind);
  writeTraining(of, path, before, draft);
  if (!same(before.resources, draft.resources)) {
    const amounts = draft.resources.map(({ name, value }) => [name, wholeNumber(value, '')]);
    const asked = amounts.length > 0 ? Object.fromEntries(amounts) : undefined;
    const say = (side: string, value: unknown) =>
      put(of, [...path, 'trainer', 'resourcesPerNode', side], value);
    say('requests', asked);
    // Devices know no limits other than what is asked for.
    say('limits', asked && { ...asked });
  }
}

/** The parameters that a TrainJob is given as arguments and variables, with their values as those of its own. */
export function parametersOf({
  args,
  env
}: Pick<ITemplateDraft, 'args' | 'env'>): ITrialParameter[] {
  const found: ITrialParameter[] = [];
  const add = (name: string, flag: string, form: ITrialParameter['form'], typed: string) => {
    if (!found.some(each => each.name === name) && name !== '' && !/[{}]/.test(name)) {
      const { type, value } = meaningOf(typed);
      found.push({
        name,
        flag,
        form,
        type,
        default: value,
        required: false,
        description: '',
        choices: []
      });
    }
  };
  args.forEach((each, index) => {
    const [, flag, value] = /^(--?[A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(each) ?? [];
    const next = args[index + 1];
    if (flag !== undefined && value !== undefined) {
      add(flag.replace(/^-+/, ''), flag, 'equals', value);
    } else if (flag !== undefined && next !== undefined && !/^--?[A-Za-z]/.test(next)) {
      add(flag.replace(/^-+/, ''), flag, 'pair', next);
    }
  });
  env.forEach(({ name, value }) => add(name, name, 'variable', value));
  return found;
}

/** Arguments and variables with another value of a parameter, wherever it stands; a new argument where it stands nowhere. */
export function withValue(
  { args, env }: Pick<ITemplateDraft, 'args' | 'env'>,
  { flag, form }: Pick<ITrialParameter, 'flag' | 'form'>,
  value: string
): Pick<ITemplateDraft, 'args' | 'env'> {
  if (form === 'variable') {
    const there = env.some(({ name }) => name === flag);
    const rows = env.map(row => (row.name === flag ? { ...row, value } : row));
    return { args, env: there ? rows : [...env, { name: flag, value }] };
  }
  const next = [...args];
  const pair = form === 'pair' ? args.indexOf(flag) : -1;
  const one = args.findIndex(each => each.startsWith(`${flag}=`));
  if (pair >= 0) {
    next[pair + 1] = value;
  } else {
    next[one < 0 ? args.length : one] = `${flag}=${value}`;
  }
  return { args: next, env };
}

/** What a value means that is written as a text. */
function meaningOf(typed: string): Pick<ITrialParameter, 'type'> & { value: unknown } {
  if (typed === 'true' || typed === 'false') {
    return { type: 'BOOLEAN', value: typed === 'true' };
  }
  const isNumber = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(typed);
  return isNumber && Number.isFinite(Number(typed))
    ? { type: /^[-+]?\d+$/.test(typed) ? 'NUMBER_INTEGER' : 'NUMBER_DOUBLE', value: Number(typed) }
    : { type: 'STRING', value: typed };
}

/** Whether a parameter's value goes anywhere in what a trial runs. An OptimizationJob's goes into a variable always. */
export function isPlaced(kind: StudyKind, of: Json, name: string): boolean {
  if (kind === 'OptimizationJob') {
    return true;
  }
  const template = object(object(of['spec'])['trialTemplate']);
  if (template['trialSpec'] === undefined) {
    // The template lies in a ConfigMap.
    return true;
  }
  const references = list(template['trialParameters']).map(object);
  const written = JSON.stringify(template['trialSpec']);
  return references.some(
    each =>
      each['reference'] === name &&
      written.includes(JSON.stringify(placeOf(kind, shown(each['name']))).slice(1, -1))
  );
}
