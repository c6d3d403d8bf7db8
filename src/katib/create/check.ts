/** What of a tuning experiment is wrong, at the fields of the form, by rules that need no server; and which field a path of the object is about. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type Json, list, object } from '../../graph/wire';
import { shown } from '../../ui/kubernetes/form/json';
import {
  checkRows,
  collector,
  type IProblems,
  isCount,
  isQuantity,
  nameProblem,
  type Say
} from '../../ui/kubernetes/form/problems';
import type { Path } from '../../ui/kubernetes/yamlText';
import { checkTraining, sizeProblems } from '../../ui/training/check';
import { trainingField } from '../../ui/training/draft';
import type { StudyKind } from '../context';
import { type IAlgorithm, medianStopSettings, settingProblem } from './algorithms';
import { type IDraft, names } from './model';
import { isListed, rowProblem } from './space';
import { isPlaced, runKindOf, trialSpecOf } from './template';

/** So that the names of trials and their pods are short enough, by the kind of the experiment. */
const LONGEST_NAME = { Experiment: 39, OptimizationJob: 36 } as const;

/** What Katib's own pattern reads as a metric's name. */
const METRIC = /^[\w|-]+$/;

/** What can be told without the server. `algorithm` is the one that is chosen, where it is known. */
export function checkDraft(
  kind: StudyKind,
  draft: IDraft,
  of: Json,
  algorithm: IAlgorithm | undefined,
  trans: TranslationBundle
): IProblems {
  const { fields, say } = collector();
  const longest = LONGEST_NAME[kind];
  const tooLong = trans.__(
    'A name has at most %1 characters, since the names of trials and their pods begin with it, and this one has %2.',
    longest,
    draft.name.length
  );
  say('name', nameProblem(draft.name, longest, tooLong, trans));
  checkObjective(draft, say, trans);
  for (const setting of algorithm?.settings ?? []) {
    const problem = settingProblem(setting, draft.settings[setting.name] ?? '', trans);
    say(`settings.${setting.name}`, problem);
  }
  if (draft.stopping === 'medianstop') {
    for (const setting of medianStopSettings(trans)) {
      const problem = settingProblem(setting, draft.stoppingSettings[setting.name] ?? '', trans);
      say(`stoppingSettings.${setting.name}`, problem);
    }
  }
  checkSpace(kind, draft, of, say, trans);
  checkBudget(draft, say, trans);
  say(
    'file',
    draft.collector === 'File' &&
      !draft.file.startsWith('/') &&
      trans.__('This must be a path that begins with /, for example /tmp/metrics.log.')
  );
  draft.formats.forEach((format, index) => say(`formats.${index}`, formatProblem(format, trans)));
  if (runKindOf(kind, of) === 'TrainJob') {
    checkTemplate(draft, say, trans);
  }
  return { fields, top: objectProblems(kind, of, trans) };
}

function checkObjective(draft: IDraft, say: Say, trans: TranslationBundle): void {
  const { metric, additional, formats, goal } = draft;
  say('metric', metric === '' && trans.__('What is to be made better? For example accuracy.'));
  const odd = trans.__(
    'Katib’s own pattern reads names of letters, digits, _ and - only. Print it under such a name, or add a pattern below Metrics.'
  );
  const own = formats.length === 0 && ['StdOut', 'File'].includes(draft.collector);
  say('metric', own && !METRIC.test(metric) && odd);
  say('additional', own && names(additional).some(each => !METRIC.test(each)) && odd);
  say(
    'additional',
    names(additional).includes(metric) && trans.__('“%1” is the objective already.', metric)
  );
  say(
    'goal',
    goal !== '' &&
      !Number.isFinite(Number(goal)) &&
      trans.__('This must be a number, for example 0.95.')
  );
}

function checkSpace(
  kind: StudyKind,
  draft: IDraft,
  of: Json,
  say: Say,
  trans: TranslationBundle
): void {
  const { space, algorithm } = draft;
  say(
    'space',
    space.every(({ name }) => name === '') &&
      trans.__('Nothing is searched yet. Tick a parameter, or add one.')
  );
  const stepped = kind === 'Experiment' && algorithm === 'grid';
  const seen = new Set<string>();
  space.forEach((row, index) => {
    const field = `space.${index}`;
    say(field, rowProblem(row, stepped, trans));
    say(field, seen.has(row.name) && trans.__('“%1” stands here twice.', row.name));
    seen.add(row.name);
    say(
      field,
      kind === 'OptimizationJob' &&
        algorithm === 'grid' &&
        !isListed(row) &&
        trans.__('Grid takes choices only. List them, or choose another algorithm.')
    );
    say(
      field,
      row.name !== '' &&
        !isPlaced(kind, of, row.name) &&
        trans.__(
          'Nothing in the trial takes “%1” yet. Give it to an argument or a variable.',
          row.name
        )
    );
  });
}

function checkBudget({ max, parallel, maxFailed }: IDraft, say: Say, trans: TranslationBundle) {
  const isNone = (typed: string, least: number) => typed !== '' && !isCount(typed, least);
  say('max', isNone(max, 1) && trans.__('This must be a whole number from 1 on.'));
  say('parallel', isNone(parallel, 1) && trans.__('This must be a whole number from 1 on.'));
  say('maxFailed', isNone(maxFailed, 0) && trans.__('This must be a whole number from 0 on.'));
  if (max !== '') {
    const most = trans.__('This must be at most the number of trials, %1.', max);
    say('parallel', parallel !== '' && Number(parallel) > Number(max) && most);
    say('maxFailed', maxFailed !== '' && Number(maxFailed) > Number(max) && most);
  }
}

function checkTemplate(draft: IDraft, say: Say, trans: TranslationBundle): void {
  const isSearched = draft.image.includes('${trialParameters.');
  checkTraining({ ...draft, image: isSearched ? '' : draft.image }, say, trans);
  checkRows(draft.resources, 'resources', say, trans);
  draft.resources.forEach(({ name, value }, index) =>
    say(
      `resources.${index}`,
      name !== '' && !isQuantity(value) && trans.__('How much of %1? For example 1 or 4Gi.', name)
    )
  );
}

/** The field of the form that a path of the object is about. */
export function fieldOf(kind: StudyKind, path: Path, of: Json, draft: IDraft): string | undefined {
  const [first, second, third, fourth, fifth] = path;
  const templateField = (below: Path) =>
    trainingField(below, trialSpecOf(kind, of), draft, 'resources');
  if (first === 'metadata') {
    return second === 'name' || second === 'generateName' ? 'name' : undefined;
  }
  if (first !== 'spec') {
    return undefined;
  }
  switch (second) {
    case 'objective':
      return (
        (
          { goal: 'goal', type: 'direction', additionalMetricNames: 'additional' } as Record<
            string,
            string
          >
        )[String(third)] ?? 'metric'
      );
    case 'objectives':
      return 'metric';
    case 'algorithm':
    case 'earlyStopping': {
      const field = second === 'algorithm' ? 'settings' : 'stoppingSettings';
      const settings = list(object(object(of['spec'])[second])['algorithmSettings']).map(object);
      const name = typeof fourth === 'number' && shown(settings[fourth]?.['name']);
      const whole = second === 'algorithm' ? 'algorithm' : 'stopping';
      return third === 'algorithmSettings' && name ? `${field}.${name}` : whole;
    }
    case 'searchAlgorithm':
      return fourth === undefined ? 'algorithm' : `settings.${fourth}`;
    case 'parameters':
      return typeof third === 'number' ? spaceField(third, draft) : 'space';
    case 'maxTrialCount':
    case 'numTrials':
      return 'max';
    case 'parallelTrialCount':
    case 'parallelTrials':
      return 'parallel';
    case 'maxFailedTrialCount':
      return 'maxFailed';
    case 'resumePolicy':
      return 'resume';
    case 'metricsCollectorSpec':
      return third === 'collector'
        ? 'collector'
        : fourth === 'fileSystemPath'
          ? 'file'
          : fourth === 'filter' && typeof path[5] === 'number'
            ? `formats.${path[5]}`
            : 'collector';
    case 'trialTemplate':
      return third === 'trialParameters'
        ? 'space'
        : third === 'trialSpec'
          ? templateField(path.slice(4))
          : undefined;
    case 'trainJobTemplate':
      return fifth === undefined && third !== 'spec' ? undefined : templateField(path.slice(3));
    default:
      return undefined;
  }
}

function spaceField(position: number, { space }: IDraft): string {
  const row = space.indexOf(space.filter(({ name }) => name !== '')[position]!);
  return row < 0 ? 'space' : `space.${row}`;
}

function formatProblem(format: string, trans: TranslationBundle): string | undefined {
  return format === '' || /\(.*\).*\(.*\)/s.test(format)
    ? undefined
    : trans.__('A pattern has two groups in parentheses: the metric’s name, then its value.');
}

function objectProblems(kind: StudyKind, of: Json, trans: TranslationBundle): string[] {
  const found: string[] = [];
  const group = kind === 'Experiment' ? 'kubeflow.org/' : 'trainer.kubeflow.org/';
  if (of['kind'] !== kind || !String(of['apiVersion']).startsWith(group)) {
    found.push(trans.__('The YAML must stay of the kind “%1” and of the API %2.', kind, group));
  }
  const size = sizeProblems(of, (is, most) =>
    trans.__(
      'The experiment is too large: %1, and at most %2 can be stored. Move data out of it, into the image or onto a volume.',
      is,
      most
    )
  );
  return [...found, ...size];
}
