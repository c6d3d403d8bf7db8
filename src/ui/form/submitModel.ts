import type { TranslationBundle } from '@jupyterlab/translation';
import type { VDomRenderer } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IExperiment, IPipelinesClient, IRun } from '../../client/pipelines';
import type { IFormMemory } from './memory';
import { recall, remember } from './memory';
import type { IParameter } from './parameters';
import { parameterText, validateParameter } from './parameters';
import type { IScheduleTexts, IScheduleValues, ScheduleErrors } from './schedule';
import { NEW_SCHEDULE, readSchedule } from './schedule';

/** What a person has chosen in the submit dialog. */
export interface ISubmitValues {
  /** The run's name, not empty. */
  name: string;
  /** JSON values by name; one that is left out is left to the pipeline's default. */
  parameters: Record<string, unknown>;
  /** `undefined`: the server's default experiment. */
  experimentId?: string;
  /** `false` switches caching off in every task. */
  caching: boolean;
  /** When runs are to start, where the dialog asks for it. */
  schedule?: IScheduleValues;
}

/** What `submit` is given beside the values. */
export interface ISubmitContext {
  /** Aborted when the person leaves the dialog. */
  signal: AbortSignal;
  /** Says in the dialog what is being done, for example "Creating the run…". */
  progress: (message: string) => void;
}

/** What the submit dialog shows and does; `T` is what it creates. */
export interface ISubmitOptions<T = IRun> {
  /** The dialog's title, for example "Run digits.ipynb as a pipeline". */
  title: string;
  /** The name to begin with, see `defaultRunName`. */
  name: string;
  /** What the name's field is called; “Run name” when left out. */
  nameLabel?: string;
  /** What the button says; “Run” when left out. */
  action?: string;
  /** Whether it asks when runs are to start. */
  schedules?: boolean;
  parameters: IParameter[];
  /** Lists the experiments to choose from and creates a new one; an `IPipelinesClient` fits. */
  experiments: Pick<IPipelinesClient, 'listExperiments' | 'createExperiment'>;
  /**
   * Creates it. A failure is shown in the dialog, which stays open with all that was typed; `details.field` of an `ApiError` may name
   * the parameter that is to blame.
   */
  submit: (values: ISubmitValues, context: ISubmitContext) => Promise<T>;
  /** Sentences above the form: what to know before submitting. */
  notices?: string[];
  /** Whether results of earlier runs may be used at first; `true` when left out. */
  caching?: boolean;
  /** Remembers what was typed last; nothing is remembered when left out. */
  memory?: IFormMemory;
  trans: TranslationBundle;
}

/** Errors at the fields, in words. */
export interface ISubmitErrors {
  name?: string;
  parameters: Record<string, string | undefined>;
  schedule?: ScheduleErrors;
}

/** How many experiments are suggested; any other one can be typed. */
const SUGGESTIONS = 100;

/** The state of the submit dialog and the steps of a submission. */
export class SubmitModel<T = IRun> implements VDomRenderer.IModel {
  constructor(readonly options: ISubmitOptions<T>) {
    this.name = options.name;
    this.texts = this._defaults();
    this.caching = options.caching ?? true;
    this.schedule = options.schedules ? NEW_SCHEDULE : null;
    this.ready = Promise.all([this._recall(), this._suggest()]).then(() => undefined);
  }

  /** Resolves when what was remembered and the experiments have been read, or could not be. */
  readonly ready: Promise<void>;

  name: string;
  /** The text in each parameter's field. */
  texts: Record<string, string>;
  /** The experiment's name; empty for the server's default. */
  experiment = '';
  caching: boolean;
  /** The fields of the schedule; `null` where the dialog does not ask for one. */
  schedule: IScheduleTexts | null;
  errors: ISubmitErrors = { parameters: {} };
  /** Why the last submission failed, when no field is to blame. */
  failure: string | null = null;
  /** How many submissions have failed. */
  failures = 0;
  /** What is being done; `null` when nothing is. */
  progress: string | null = null;
  /** Experiments to suggest; `null` until they are read. */
  suggestions: IExperiment[] | null = null;
  /** Why the experiments could not be read. */
  suggestionsError: string | null = null;
  isDisposed = false;

  /** Emitted after every change. */
  get stateChanged(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether a submission is under way; nothing can be changed meanwhile. */
  get busy(): boolean {
    return this.progress !== null;
  }

  /** Whether a parameter's field differs from its default. */
  get modified(): boolean {
    const defaults = this._defaults();
    return Object.keys(defaults).some(name => this.texts[name] !== defaults[name]);
  }

  /** Whether the typed experiment is known to be a new one. */
  get createsExperiment(): boolean {
    const name = this.experiment.trim();
    return (
      name !== '' &&
      this.suggestions !== null &&
      this.suggestions.length < SUGGESTIONS &&
      !this.suggestions.some(item => item.name === name)
    );
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this._abort.abort();
      Signal.clearData(this);
    }
  }

  setName(name: string): void {
    this._edit(() => {
      this.name = name;
      if (this.errors.name) {
        this._checkName();
      }
    });
  }

  setExperiment(experiment: string): void {
    this._edit(() => {
      this.experiment = experiment;
    });
  }

  setCaching(caching: boolean): void {
    this._edit(() => {
      this.caching = caching;
    });
  }

  /** Changes fields of the schedule; what was wrong is checked again at once. */
  setSchedule(change: Partial<IScheduleTexts>): void {
    this._edit(() => {
      if (this.schedule) {
        this.schedule = { ...this.schedule, ...change };
        const kept = Object.keys(this.errors.schedule ?? {});
        this._checkSchedule(kept as (keyof IScheduleTexts)[]);
      }
    });
  }

  /** Checks one field of the schedule. */
  leaveSchedule(field: keyof IScheduleTexts): void {
    const kept = Object.keys(this.errors.schedule ?? {}) as (keyof IScheduleTexts)[];
    this._edit(() => this._checkSchedule([...kept, field]));
  }

  /** Types into a parameter's field; one with an error is checked again at once. */
  setText(name: string, text: string): void {
    this._edit(() => {
      this.texts = { ...this.texts, [name]: text };
      this._touched.add(name);
      if (this.errors.parameters[name]) {
        this._checkParameter(name);
      }
    });
  }

  /** Checks a parameter's field if it was typed into. */
  leave(name: string): void {
    if (this._touched.has(name)) {
      this._edit(() => this._checkParameter(name));
    }
  }

  /** Sets all parameters to their defaults. */
  reset(): void {
    this._edit(() => {
      this.texts = this._defaults();
      this.errors = { ...this.errors, parameters: {} };
    });
  }

  /**
   * Checks all fields and submits. `null` when a field is wrong, the server refused or the dialog was left: `errors` and `failure`
   * say why. Never rejects.
   */
  async submit(): Promise<T | null> {
    if (this.busy) {
      return null;
    }
    this.failure = null;
    const values = this._checkParameters();
    const schedule = this._checkSchedule();
    if (!this._checkName() || values === null || schedule === null) {
      this.failures += 1;
      this._changed.emit();
      return null;
    }
    const { trans, submit, memory, parameters } = this.options;
    const signal = this._abort.signal;
    this._progress(trans.__('Submitting…'));
    try {
      if (memory) {
        await remember(memory, parameters, this).catch(warnUnremembered);
      }
      const experimentId = await this._experimentId();
      if (signal.aborted) {
        return null;
      }
      const { name, caching } = this;
      return await submit(
        { name: name.trim(), parameters: values, experimentId, caching, schedule },
        { signal, progress: message => this._progress(message) }
      );
    } catch (error) {
      this._fail(error);
      this.failures += 1;
      return null;
    } finally {
      this.progress = null;
      this._changed.emit();
    }
  }

  private _edit(change: () => void): void {
    if (!this.busy) {
      change();
      this._changed.emit();
    }
  }

  private _progress(message: string): void {
    this.progress = message;
    this._changed.emit();
  }

  private _fail(error: unknown): void {
    const { message, details } = error as { message?: string; details?: { field?: unknown } };
    const words = message || String(error);
    const field = details?.field;
    if (typeof field === 'string' && this.options.parameters.some(item => item.name === field)) {
      this._setError(field, words);
    } else {
      this.failure = words;
    }
  }

  private _setError(name: string, error: string | undefined): void {
    this.errors = { ...this.errors, parameters: { ...this.errors.parameters, [name]: error } };
  }

  private _checkName(): boolean {
    const empty = this.name.trim() === '';
    const error = empty ? this.options.trans.__('A name is needed.') : undefined;
    this.errors = { ...this.errors, name: error };
    return !empty;
  }

  private _checkParameter(name: string): void {
    const parameter = this.options.parameters.find(item => item.name === name);
    if (parameter) {
      const text = this.texts[name] ?? '';
      this._setError(name, validateParameter(parameter, text, this.options.trans).error);
    }
  }

  /** The values of all fields, or `null` when one is wrong. */
  private _checkParameters(): Record<string, unknown> | null {
    const values: Record<string, unknown> = {};
    let valid = true;
    for (const parameter of this.options.parameters) {
      const text = this.texts[parameter.name] ?? '';
      const result = validateParameter(parameter, text, this.options.trans);
      this._setError(parameter.name, result.error);
      if (result.error !== undefined) {
        valid = false;
      } else if (result.value !== undefined) {
        values[parameter.name] = result.value;
      }
    }
    return valid ? values : null;
  }

  /**
   * The chosen schedule, `undefined` where none is asked for, or `null` when a field is wrong.
   * @param fields - those whose errors are shown; all when left out
   */
  private _checkSchedule(fields?: (keyof IScheduleTexts)[]): IScheduleValues | null | undefined {
    if (!this.schedule) {
      return undefined;
    }
    const read = readSchedule(this.schedule, Date.now(), this.options.trans);
    const wrong = read.errors ?? {};
    const shown = fields ? pick(wrong, fields) : wrong;
    this.errors = { ...this.errors, schedule: shown };
    return read.errors ? null : read.values;
  }

  private _defaults(): Record<string, string> {
    return Object.fromEntries(
      this.options.parameters.map(item => [item.name, parameterText(item.type, item.default)])
    );
  }

  private async _recall(): Promise<void> {
    const { memory, parameters } = this.options;
    try {
      const remembered = memory ? await recall(memory, parameters) : null;
      if (remembered && this._touched.size === 0) {
        this._edit(() => {
          this.texts = { ...this.texts, ...remembered.texts };
          this.experiment = remembered.experiment;
          this.caching = remembered.caching;
        });
      }
    } catch (error) {
      warnUnremembered(error);
    }
  }

  private async _suggest(): Promise<void> {
    try {
      const page = await this.options.experiments.listExperiments({
        pageSize: SUGGESTIONS,
        sortBy: 'created_at desc',
        signal: this._abort.signal
      });
      this.suggestions = page.items.filter(item => !item.archived);
    } catch (error) {
      this.suggestionsError = (error as Error).message;
    }
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  /** Finds the typed experiment by its exact name, also beyond the suggestions, or creates it. */
  private async _experimentId(): Promise<string | undefined> {
    const name = this.experiment.trim();
    if (name === '') {
      return undefined;
    }
    const { experiments } = this.options;
    const named = (item: IExperiment) => item.name === name;
    const known = this.suggestions?.find(named);
    if (known) {
      return known.id;
    }
    const page = await experiments.listExperiments({
      filter: {
        predicates: [{ operation: 'EQUALS', key: 'display_name', string_value: name }]
      },
      signal: this._abort.signal
    });
    return (page.items.find(named) ?? (await experiments.createExperiment(name))).id;
  }

  private readonly _abort = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _touched = new Set<string>();
}

function pick(errors: ScheduleErrors, fields: (keyof IScheduleTexts)[]): ScheduleErrors {
  return Object.fromEntries(
    fields.flatMap(field => (errors[field] === undefined ? [] : [[field, errors[field]]]))
  );
}

function warnUnremembered(error: unknown): void {
  console.warn('Kubeflow: the values of the last run could not be read or kept.', error);
}
