/** What the form shows of a tuning experiment, read from the object, and written into it without touching what the form does not know. Pure. */
import type { ITrainJob } from '../../client/kubernetes/kinds/trainer';
import { type Json, list, object } from '../../graph/wire';
import { cloneMetadata, put, shown, some, wholeNumber } from '../../ui/kubernetes/form/json';
import { same } from '../../ui/kubernetes/threeWay';
import { cloneSpec, TRAINER_API } from '../../ui/training/draft';
import type { StudyKind } from '../context';
import type { StudyObject } from '../kinds';
import { type ISpaceRow, readSpace, writeSpace } from './space';
import { type ITemplateDraft, placeOf, readTemplate, runKindOf, writeTemplate } from './template';

/** The fields of the form, all as texts that a person types; an empty one leaves the field out. */
export interface IDraft extends ITemplateDraft {
  name: string;
  metric: string;
  direction: 'maximize' | 'minimize';
  goal: string;
  /** Names with commas between them. */
  additional: string;
  algorithm: string;
  /** By name. */
  settings: Readonly<Record<string, string>>;
  /** The name of the way to stop trials early; empty for none. */
  stopping: string;
  stoppingSettings: Readonly<Record<string, string>>;
  space: ISpaceRow[];
  max: string;
  parallel: string;
  maxFailed: string;
  resume: string;
  /** `StdOut`, `File`, `Push`, or another one of the YAML. */
  collector: string;
  /** The file of the collector `File`. */
  file: string;
  /** Patterns with two groups: the metric's name and its value. */
  formats: string[];
  retain: boolean;
}

const EXPERIMENT = 'kubeflow.org/v1beta1';

/** The container of a TrainJob's nodes. */
export const NODE = 'node';

/** A new tuning experiment. */
export function newStudy(kind: StudyKind, name: string, namespace: string): Json {
  const job = { runtimeRef: { kind: 'ClusterTrainingRuntime', name: '' } };
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  return kind === 'Experiment'
    ? {
        apiVersion: EXPERIMENT,
        kind,
        metadata,
        spec: {
          objective: { type: 'maximize', objectiveMetricName: '' },
          algorithm: { algorithmName: 'tpe' },
          parameters: [],
          maxTrialCount: 12,
          parallelTrialCount: 2,
          maxFailedTrialCount: 3,
          trialTemplate: {
            primaryContainerName: NODE,
            retain: true,
            trialParameters: [],
            trialSpec: { apiVersion: TRAINER_API, kind: 'TrainJob', spec: job }
          }
        }
      }
    : {
        apiVersion: TRAINER_API,
        kind,
        metadata,
        spec: {
          objectives: [{ metric: '', direction: 'Maximize' }],
          searchAlgorithm: { random: {} },
          parameters: [],
          numTrials: 12,
          parallelTrials: 2,
          trainJobTemplate: { spec: job }
        }
      };
}

/** Another one like an experiment: all of its spec under a new name. */
export function cloneStudy(kind: StudyKind, of: StudyObject, name: string): Json {
  return {
    apiVersion: of.apiVersion ?? (kind === 'Experiment' ? EXPERIMENT : TRAINER_API),
    kind,
    metadata: cloneMetadata(of, name),
    spec: structuredClone(of.spec) as unknown as Json
  };
}

/** An experiment whose trials are like a TrainJob. */
export function studyOfTrainJob(
  kind: StudyKind,
  job: ITrainJob,
  name: string,
  namespace: string
): Json {
  const study = newStudy(kind, name, job.metadata?.namespace ?? namespace);
  const own = cloneSpec(job);
  delete own['suspend'];
  delete own['managedBy'];
  const { labels, annotations } = object(cloneMetadata(job, name));
  const metadata = { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  const isBare = Object.keys(metadata).length === 0;
  if (kind === 'Experiment') {
    put(study, ['spec', 'trialTemplate', 'trialSpec'], {
      apiVersion: TRAINER_API,
      kind: 'TrainJob',
      ...(isBare ? {} : { metadata }),
      spec: own
    });
  } else {
    put(study, ['spec', 'trainJobTemplate'], { ...(isBare ? {} : { metadata }), spec: own });
  }
  return study;
}

/** What the form shows. What has another type than it should is shown as far as it can be. */
export function readDraft(kind: StudyKind, of: Json): IDraft {
  const metadata = object(of['metadata']);
  const spec = object(of['spec']);
  const own = kind === 'Experiment' ? readKatib(spec) : readTrainer(spec);
  return {
    name: shown(metadata['name']),
    ...own,
    space: readSpace(kind, spec),
    ...readTemplate(kind, of)
  };
}

type Own = Omit<IDraft, 'name' | 'space' | keyof ITemplateDraft>;

function readKatib(spec: Json): Own {
  const objective = object(spec['objective']);
  const algorithm = object(spec['algorithm']);
  const stopping = object(spec['earlyStopping']);
  const collector = object(spec['metricsCollectorSpec']);
  const source = object(collector['source']);
  return {
    metric: shown(objective['objectiveMetricName']),
    direction: objective['type'] === 'minimize' ? 'minimize' : 'maximize',
    goal: shown(objective['goal']),
    additional: list(objective['additionalMetricNames']).map(shown).join(', '),
    algorithm: shown(algorithm['algorithmName']),
    settings: named(algorithm['algorithmSettings']),
    stopping: shown(stopping['algorithmName']),
    stoppingSettings: named(stopping['algorithmSettings']),
    max: shown(spec['maxTrialCount']),
    parallel: shown(spec['parallelTrialCount']),
    maxFailed: shown(spec['maxFailedTrialCount']),
    resume: shown(spec['resumePolicy']) || 'Never',
    collector: shown(object(collector['collector'])['kind']) || 'StdOut',
    file: shown(object(source['fileSystemPath'])['path']),
    formats: list(object(source['filter'])['metricsFormat']).map(shown),
    retain: object(spec['trialTemplate'])['retain'] === true
  };
}

function readTrainer(spec: Json): Own {
  const [first] = list(spec['objectives']).map(object);
  const [algorithm = 'random', settings = {}] =
    Object.entries(object(spec['searchAlgorithm']))[0] ?? [];
  return {
    metric: shown(first?.['metric']),
    direction: first?.['direction'] === 'Maximize' ? 'maximize' : 'minimize',
    goal: '',
    additional: '',
    algorithm,
    settings: Object.fromEntries(
      Object.entries(object(settings)).map(([name, value]) => [name, shown(value)])
    ),
    stopping: '',
    stoppingSettings: {},
    max: shown(spec['numTrials']),
    parallel: shown(spec['parallelTrials']),
    maxFailed: '',
    resume: 'Never',
    collector: '',
    file: '',
    formats: [],
    retain: false
  };
}

/** The object with what the form says; members that it shows already, and all that it does not know, stay as they are. */
export function writeDraft(kind: StudyKind, of: Json, draft: IDraft): Json {
  const before = readDraft(kind, of);
  const said = settled(draft);
  const result = structuredClone(of);
  const changed = (...keys: (keyof IDraft)[]) => keys.some(key => !same(before[key], said[key]));
  if (changed('name')) {
    put(result, ['metadata', 'name'], said.name);
  }
  const say = (path: readonly string[], value: unknown) => put(result, ['spec', ...path], value);
  (kind === 'Experiment' ? writeKatib : writeTrainer)(result, said, changed, say);
  if (changed('space')) {
    const { spec } = result;
    say(['parameters'], writeSpace(kind, object(spec), said.space));
    if (kind === 'Experiment') {
      say(['trialTemplate', 'trialParameters'], trialParameters(object(spec), said));
    }
  }
  if (runKindOf(kind, of) === 'TrainJob') {
    writeTemplate(kind, result, before, said);
  }
  return result;
}

/** The draft as it can be read from the object again: rows without a name are not yet part of it. */
export function settled(draft: IDraft): IDraft {
  const filled = (from: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(from).filter(([, value]) => value !== ''));
  return {
    ...draft,
    additional: names(draft.additional).join(', '),
    settings: filled(draft.settings),
    stoppingSettings: draft.stopping === '' ? {} : filled(draft.stoppingSettings),
    space: draft.space.filter(row => row.name !== ''),
    formats: draft.formats.filter(each => each !== ''),
    env: draft.env.filter(row => row.name !== ''),
    resources: draft.resources.filter(row => row.name !== '')
  };
}

/** Names with commas or spaces between them. */
export function names(typed: string): string[] {
  return [...new Set(typed.split(/[\s,]+/).filter(each => each !== ''))];
}

type Changed = (...keys: (keyof IDraft)[]) => boolean;
type Say = (path: readonly string[], value: unknown) => void;

function writeKatib(of: Json, draft: IDraft, changed: Changed, say: Say): void {
  if (changed('metric')) {
    say(['objective', 'objectiveMetricName'], draft.metric);
  }
  if (changed('direction')) {
    say(['objective', 'type'], draft.direction);
  }
  if (changed('metric', 'direction', 'additional')) {
    // Katib filled them in for another objective.
    say(['objective', 'metricStrategies'], undefined);
  }
  if (changed('goal')) {
    say(['objective', 'goal'], realNumber(draft.goal));
  }
  if (changed('additional')) {
    say(['objective', 'additionalMetricNames'], some(names(draft.additional)));
  }
  if (changed('algorithm')) {
    say(['algorithm', 'algorithmName'], draft.algorithm);
  }
  if (changed('settings')) {
    say(['algorithm', 'algorithmSettings'], pairs(draft.settings));
  }
  if (changed('stopping', 'stoppingSettings')) {
    const algorithmSettings = pairs(draft.stoppingSettings);
    say(
      ['earlyStopping'],
      draft.stopping === ''
        ? undefined
        : {
            algorithmName: draft.stopping,
            ...(algorithmSettings ? { algorithmSettings } : {})
          }
    );
  }
  const counts = { max: 'maxTrialCount', parallel: 'parallelTrialCount' } as const;
  for (const [key, field] of Object.entries({ ...counts, maxFailed: 'maxFailedTrialCount' })) {
    if (changed(key as 'max')) {
      say([field], wholeNumber(draft[key as 'max']));
    }
  }
  if (changed('resume')) {
    say(['resumePolicy'], draft.resume);
  }
  if (changed('retain')) {
    say(['trialTemplate', 'retain'], draft.retain || undefined);
  }
  if (changed('collector', 'file', 'formats')) {
    writeCollector(draft, changed, say);
  }
}

function writeCollector(draft: IDraft, changed: Changed, say: Say): void {
  const { collector, file, formats } = draft;
  const of = (...path: string[]) => ['metricsCollectorSpec', ...path];
  if (changed('collector')) {
    say(of('collector', 'kind'), collector);
  }
  const isFile = collector === 'File';
  if (changed('collector', 'file')) {
    say(
      of('source', 'fileSystemPath'),
      isFile && file !== '' ? { kind: 'File', path: file, format: 'TEXT' } : undefined
    );
  }
  if (changed('collector', 'formats')) {
    const read = isFile || collector === 'StdOut';
    say(of('source', 'filter', 'metricsFormat'), read ? some(formats) : undefined);
  }
}

function writeTrainer(of: Json, draft: IDraft, changed: Changed, say: Say): void {
  if (changed('metric', 'direction')) {
    const [first, ...more] = list(object(of['spec'])['objectives']);
    const direction = draft.direction === 'maximize' ? 'Maximize' : 'Minimize';
    say(['objectives'], [{ ...object(first), metric: draft.metric, direction }, ...more]);
  }
  if (changed('algorithm', 'settings')) {
    const settings = Object.entries(draft.settings).map(([name, value]) => [
      name,
      wholeNumber(value, '')
    ]);
    say(['searchAlgorithm'], { [draft.algorithm]: Object.fromEntries(settings) });
  }
  if (changed('max')) {
    say(['numTrials'], wholeNumber(draft.max));
  }
  if (changed('parallel')) {
    say(['parallelTrials'], wholeNumber(draft.parallel));
  }
}

/** How the parameters of the search are called in the template; those that are there keep their names. */
function trialParameters(spec: Json, { space }: IDraft): Json[] {
  const old = list(object(spec['trialTemplate'])['trialParameters']).map(object);
  const wanted = new Set(space.map(({ name }) => name));
  const kept = old.filter(
    each => wanted.has(shown(each['reference'])) || shown(each['reference']).startsWith('${')
  );
  const there = new Set(kept.map(each => shown(each['reference'])));
  const added = [...wanted].filter(name => !there.has(name));
  return [...kept, ...added.map(name => ({ name, reference: name }))];
}

/** What stands for a parameter in the trial, with the name that the template has for it. */
export function placeIn(kind: StudyKind, of: Json, name: string): string {
  const template = object(object(of['spec'])['trialTemplate']);
  const own = list(template['trialParameters'])
    .map(object)
    .find(each => each['reference'] === name);
  return placeOf(kind, own ? shown(own['name']) : name);
}

function named(settings: unknown): Record<string, string> {
  return Object.fromEntries(
    list(settings)
      .map(object)
      .map(({ name, value }) => [shown(name), shown(value)])
  );
}

function pairs(settings: Readonly<Record<string, string>>): Json[] | undefined {
  const given = Object.entries(settings).map(([name, value]) => ({ name, value }));
  return given.length > 0 ? given : undefined;
}

/** A number as such, nothing for an empty text, and what is none as it was typed. */
function realNumber(typed: string): number | string | undefined {
  const value = Number(typed);
  return typed === '' ? undefined : Number.isFinite(value) ? value : typed;
}
