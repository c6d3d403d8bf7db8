/** The state of the form for tuning experiments: what of the code's parameters is searched, beside what forms for what trains have. */
import type { IJupyterServer } from '../../client/jupyter';
import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds/trainer';
import type { IProblems } from '../../ui/kubernetes/form/problems';
import { put } from '../../ui/kubernetes/form/json';
import { namespaceOf, sidesOf } from '../../ui/kubernetes/form/sides';
import { same } from '../../ui/kubernetes/threeWay';
import { at, isEmpty } from '../../ui/training/draft';
import type { ISourceServices } from '../../ui/training/source';
import { isRead, type ITrainingOptions, TrainingForm } from '../../ui/training/trainingForm';
import type { StudyKind } from '../context';
import { kindOf, type StudyObject } from '../kinds';
import { algorithmsOf, type IAlgorithm } from './algorithms';
import { checkDraft } from './check';
import { studyCodec } from './codec';
import { type IKeptForm, STEM } from './formState';
import { type IDraft, placeIn, studyOfTrainJob } from './model';
import { type IProposal, propose, valueText } from './propose';
import { EMPTY_ROW, type ISpaceRow } from './space';
import { type IOrigin, type ISource, readSource } from './source';
import { placeOf, withValue } from './template';

/** What the form works with. */
export interface IFormOptions extends Omit<
  ITrainingOptions<StudyObject, IOrigin>,
  'kind' | 'stem' | 'keep'
> {
  kind: StudyKind;
  services: ISourceServices;
  server: Pick<IJupyterServer, 'json'>;
  /** The active namespace, where an experiment is that names none. */
  namespace: () => string;
  /** Keeps what was typed. */
  keep: (form: IKeptForm) => void;
}

/** A parameter as the form offers it. */
export interface IOffer {
  readonly name: string;
  /** Its position in the search space; undefined where it keeps its own value. */
  readonly index?: number;
  /** What the code says of it; undefined for one that was added by hand. */
  readonly known?: IProposal & { readonly value: unknown; readonly words: string };
}

/** One form. */
export class FormModel extends TrainingForm<StudyObject, IDraft, IOrigin, ISource> {
  constructor(private readonly options: IFormOptions) {
    const { kind } = options;
    const keep: ITrainingOptions<StudyObject, IOrigin>['keep'] = form =>
      options.keep({ kind, ...form });
    super({ ...options, kind: kindOf(kind), stem: STEM, keep }, studyCodec(kind));
    void this.readOrigin(!options.kept);
  }

  /** What the form makes. */
  get kind(): StudyKind {
    return this.options.kind;
  }

  /** The algorithms that the kind takes. */
  get algorithms(): readonly IAlgorithm[] {
    return algorithmsOf(this.kind, this.options.trans);
  }

  /** The algorithm that is chosen, where it is known here. */
  get algorithm(): IAlgorithm | undefined {
    return this.algorithms.find(each => each.name === this.state.sides.draft.algorithm);
  }

  /** The parameters that can be searched: those of the code in its order, then those that were added. */
  get offers(): readonly IOffer[] {
    const { space } = this.state.sides.draft;
    const known = this.state.source?.trial?.parameters ?? [];
    const positions = new Map(space.map(({ name }, index) => [name, index]));
    const own = new Set(known.map(({ name }) => name));
    return [
      ...known.map(each => ({
        name: each.name,
        index: positions.get(each.name),
        known: { ...propose(each), value: each.default, words: each.description }
      })),
      ...space.flatMap(({ name }, index) => (own.has(name) ? [] : [{ name, index }]))
    ];
  }

  /** Chooses an algorithm; settings that it does not have are left out. */
  chooseAlgorithm(name: string): void {
    const settings = this.algorithms.find(each => each.name === name)?.settings ?? [];
    const kept = settings.flatMap(each => {
      const value = this.state.sides.draft.settings[each.name];
      return value === undefined ? [] : [[each.name, value] as const];
    });
    this.edit({ algorithm: name, settings: Object.fromEntries(kept) });
  }

  /** Searches a parameter of the code, or leaves it at its own value. */
  tune(name: string, tuned: boolean): void {
    const { draft } = this.state.sides;
    if (!tuned) {
      this.remove(draft.space.findIndex(row => row.name === name));
      return;
    }
    const offer = this.offers.find(each => each.name === name);
    const row = offer?.known?.row ?? { ...EMPTY_ROW, name };
    this.edit({ space: [...draft.space, row], ...this.given(name) });
  }

  /** Adds a parameter that the code does not tell. */
  add(): void {
    this.edit({ space: [...this.state.sides.draft.space, EMPTY_ROW] });
  }

  /** Takes a parameter out of the search, and out of the arguments that are nothing but its value. */
  remove(index: number): void {
    const { draft, object } = this.state.sides;
    const name = draft.space[index]?.name ?? '';
    const place = placeIn(this.kind, object, name);
    const { origin, source } = this.state;
    const own = source?.trial?.parameters.find(each => each.name === name);
    const given =
      origin.kind === 'job' && own
        ? withValue(draft, own, valueText(own.default))
        : {
            args: draft.args.filter(each => name === '' || !each.endsWith(`=${place}`)),
            env: draft.env.filter(({ value }) => name === '' || value !== place)
          };
    this.edit({ space: draft.space.filter((_, position) => position !== index), ...given });
  }

  /** Changes a row of the search space. */
  change(index: number, change: Partial<ISpaceRow>): void {
    const { space } = this.state.sides.draft;
    this.edit({ space: space.map((row, at) => (at === index ? { ...row, ...change } : row)) });
  }

  /** Gives a parameter to the code as an argument. */
  give(name: string): void {
    this.edit(this.given(name));
  }

  /** Another origin of the code, which is read then; what it has replaces the search space. */
  override setOrigin(change: Partial<IOrigin>): void {
    const before = this.state.origin;
    const origin = { ...before, ...change };
    if (same(origin, before)) {
      return;
    }
    if (origin.path !== before.path && change.function === undefined) {
      origin.function = '';
      origin.cell = undefined;
    }
    this.set({ origin, source: undefined, sourceError: undefined });
    void this.readOrigin(true);
    this.keepSoon();
  }

  protected override read(origin: IOrigin): Promise<ISource> | undefined {
    const { services, server } = this.options;
    return origin.kind === 'template'
      ? undefined
      : readSource(origin, services, server, name => this.trainJob(name));
  }

  protected override wrong(): IProblems {
    const { trans } = this.options;
    const { sides, origin, source } = this.state;
    const own = checkDraft(this.kind, sides.draft, sides.object, this.algorithm, trans);
    const fields = { ...own.fields };
    if (isRead(origin) && isEmpty(sides.draft.code)) {
      fields['code'] ??= trans.__('There is no code yet. Choose a file, a notebook or a function.');
    }
    const missing = (source?.trial?.parameters ?? []).filter(
      ({ name, required, flag }) =>
        required &&
        !sides.draft.space.some(row => row.name === name) &&
        !sides.draft.args.some(each => each === flag || each.startsWith(`${flag}=`))
    );
    if (missing.length > 0) {
      const all = missing.map(({ name }) => name).join(', ');
      fields['args'] ??= trans.__(
        'The code needs a value for %1: search it, or give it one here, for example %2=1.',
        all,
        missing[0]!.flag
      );
    }
    return { fields, top: own.top };
  }

  /** The arguments and variables with the one by which the code gets a parameter. */
  private given(name: string): Pick<IDraft, 'args' | 'env'> {
    const { draft, object } = this.state.sides;
    const known = this.state.source?.trial?.parameters.find(each => each.name === name);
    const place = placeIn(this.kind, object, name);
    return withValue(draft, known ?? { flag: `--${name}` }, place);
  }

  protected override useSource(replace: boolean): void {
    const { source, sides, handmade } = this.state;
    const origin = { ...this.state.origin, function: source?.function ?? '' };
    this.set({ origin });
    const trial = source?.trial;
    if (!trial) {
      this.look();
      return;
    }
    const { draft } = sides;
    const change: Partial<IDraft> = {};
    if (source.job && replace) {
      this.takeTemplate(source.job);
    } else if (trial.script !== undefined && (replace || !handmade)) {
      change.code = this.scriptOf(source.function || origin.path, trial.script);
      this.set({ handmade: false });
    }
    if (source.job && replace) {
      change.space = [];
    } else if (replace) {
      const found = trial.parameters.map(each => ({ ...propose(each), flag: each.flag }));
      const chosen = found.filter(({ tuned }) => tuned);
      change.space = chosen.map(({ row }) => row);
      change.args = chosen.map(({ row, flag }) => `${flag}=${placeOf(this.kind, row.name)}`);
      change.env = draft.env.filter(({ value }) => !value.includes('${trialParameters.'));
    }
    const [metric, ...more] = likelyFirst(trial.metrics);
    if (
      metric !== undefined &&
      (draft.metric === '' || (replace && !trial.metrics.includes(draft.metric)))
    ) {
      change.metric = metric;
      change.direction = isLoss(metric) ? 'minimize' : 'maximize';
      change.additional = this.kind === 'Experiment' ? more.slice(0, MOST_METRICS).join(', ') : '';
    }
    this.edit(change);
  }

  /** Makes the trials like a TrainJob. */
  private takeTemplate(job: ITrainJob): void {
    const { sides } = this.state;
    const { kind } = this;
    const made = studyOfTrainJob(kind, job, sides.draft.name, namespaceOf(sides) ?? '');
    const path = kind === 'Experiment' ? ['trialTemplate', 'trialSpec'] : ['trainJobTemplate'];
    const after = structuredClone(sides.object);
    put(after, ['spec', ...path], at(made, ['spec', ...path]));
    this.set({ sides: sidesOf(this.codec, after), handmade: false });
  }

  private trainJob(name: string): Promise<ITrainJob> {
    const { kubernetes, namespace } = this.options;
    const where = namespaceOf(this.state.sides) ?? namespace();
    return kubernetes.client.resource(trainJobs).get({ namespace: where, name });
  }
}

/** How many additional metrics are proposed; more can be typed. */
const MOST_METRICS = 5;

/** Whether less of a metric is better, by its name. */
export function isLoss(metric: string): boolean {
  return /loss|error|(^|[_-])(rmse|mse|mae|mape|perplexity|ppl|time|latency|seconds|wer|cer)($|[_-])/i.test(
    metric
  );
}

/** Metrics with those first that are measured on data that was not trained on. */
function likelyFirst(metrics: readonly string[]): readonly string[] {
  const held = metrics.filter(each => /^(val|valid|validation|eval|test)[_-]/i.test(each));
  return [...held, ...metrics.filter(each => !held.includes(each))];
}
