/** The state of the form: what was typed on both sides, where the code comes from, what is wrong, and the steps to a job. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Debouncer } from '@lumino/polling';

import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import type { Json } from '../../graph/wire';
import { FIELD_MANAGER } from '../../ui/kubernetes/editing';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { same } from '../../ui/kubernetes/threeWay';
import { schemaAt } from '../../ui/kubernetes/schemaTree';
import { errorMessage } from '../../ui/viewState';
import type { ITrainerServices } from '../context';
import { checkDraft, NOTHING, refusedFields } from './check';
import { fresh, type IBeginning, type IFormState, type IKeptForm, recalled } from './formState';
import type { Code, IDraft, PatchField } from './model';
import type { IRuntime } from './runtimes';
import { type Launcher, nodeFile } from './script';
import { functionCode, type IFunction, type IOrigin, readArguments, readSource } from './source';
import { editForm, editText, type ISides } from './sync';

/** What the form works with. */
export interface IFormOptions {
  begin: () => IBeginning;
  kept?: IKeptForm;
  services: Pick<ITrainerServices, 'app' | 'documents'>;
  server: Parameters<typeof readSource>[2];
  kubernetes: Pick<IKubernetes, 'client' | 'openApi'>;
  /** Keeps what was typed. */
  keep: (form: IKeptForm) => void;
  trans: TranslationBundle;
}

const KEEP_AFTER = 300;

function isEmpty(code: Code): boolean {
  return code.kind === 'command' && code.command.length === 0;
}

/** One form. */
export class FormModel {
  constructor(private readonly options: IFormOptions) {
    const { kept } = options;
    this._state = kept ? recalled(kept) : fresh(options.begin());
    const { code } = this._state.sides.draft;
    this.launcher = code.kind === 'script' ? code.script.launcher : 'python';
    this.keeping = new Debouncer(() => this.keep(), KEEP_AFTER);
    void this.findPatchField();
    void this.readOrigin();
  }

  /** What is shown now: another object after each change. */
  get state(): IFormState {
    return this._state;
  }

  /** Calls `listener` after each change; returns the function that ends this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Begins anew, without what was typed before. */
  reset(): void {
    this.everything = false;
    this.shown.clear();
    this.refused = undefined;
    this.set({ ...fresh(this.options.begin()), source: undefined, sourceError: undefined });
    void this.readOrigin();
  }

  /** An edit of fields. What was wrong is looked at again. */
  edit(change: Partial<IDraft>): void {
    this.setSides(editForm(this._state.sides, change, this.patches));
  }

  /** An edit of the YAML. */
  editText(typed: string): void {
    const { sides, handmade } = this._state;
    const next = editText(sides, typed);
    if (next !== sides) {
      const { origin } = this._state;
      const changed = !same(next.draft.code, sides.draft.code);
      // Where no file was chosen, the code is that of the YAML.
      const own = changed && origin.path === '' && !isEmpty(next.draft.code);
      this.set(
        own
          ? { origin: { ...origin, kind: 'command' }, sourceError: undefined }
          : { handmade: handmade || changed }
      );
      this.setSides(next);
    }
  }

  /** A field was left: what is wrong with it is shown from now on. */
  leave(field: string): void {
    this.shown.add(field);
    if (!this.pressed) {
      this.look();
    }
  }

  /**
   * Whether a pointer is pressed on the form. Until it is let go nothing new is shown: what is shown above moves what was pressed, which
   * would then get no click.
   */
  press(pressed: boolean): void {
    this.pressed = pressed;
    if (!pressed) {
      this.look();
    }
  }

  /** Chooses a runtime; code that travels in the job is started by its convention. */
  chooseRuntime(runtime: IRuntime): void {
    this.launcher = runtime.launcher;
    const { code } = this._state.sides.draft;
    this.edit({
      runtime: { kind: runtime.kind, name: runtime.name },
      ...(code.kind === 'script'
        ? { code: { kind: 'script', script: { ...code.script, launcher: runtime.launcher } } }
        : {})
    });
  }

  /** Tells what the runtime is that is chosen already, also in the YAML. */
  knowRuntime(runtime: IRuntime | undefined): void {
    const { sides, origin, handmade } = this._state;
    const { code } = sides.draft;
    const own = origin.kind !== 'command' && !handmade;
    if (runtime && own && code.kind === 'script' && code.script.launcher !== runtime.launcher) {
      this.chooseRuntime(runtime);
    }
    this.launcher = runtime?.launcher ?? this.launcher;
    if (this.runtime !== runtime) {
      this.runtime = runtime;
      this.look();
    }
  }

  /** Another origin of the code, which is read then. */
  setOrigin(change: Partial<IOrigin>): void {
    const before = this._state.origin;
    const origin = { ...before, ...change };
    const moved = origin.kind !== before.kind || origin.path !== before.path;
    if (moved && change.function === undefined) {
      origin.function = '';
      origin.cell = undefined;
    }
    if (origin.kind === 'command' && before.kind !== 'command') {
      this.edit({ code: { kind: 'command', command: [] } });
    }
    if (origin.function !== before.function) {
      origin.texts = change.texts ?? {};
    }
    this.set({ origin, ...(moved ? { source: undefined, sourceError: undefined } : {}) });
    if (moved) {
      void this.readOrigin(true);
    } else {
      this.useSource(true);
    }
    this.keepSoon();
  }

  /** Reads the code again, as after an edit of the file. */
  async readOrigin(replace = false): Promise<void> {
    const { origin } = this._state;
    const turn = ++this.turn;
    if (origin.kind === 'command' || origin.path === '') {
      this.set({ reading: false });
      return;
    }
    this.set({ reading: true, sourceError: undefined });
    try {
      const { services, server } = this.options;
      const source = await readSource(origin, services, server);
      if (turn === this.turn) {
        this.set({ reading: false, source });
        this.useSource(replace);
      }
    } catch (error) {
      if (turn === this.turn) {
        this.set({ reading: false, source: undefined, sourceError: errorMessage(error) });
      }
    }
  }

  /** The function that is chosen. */
  get function(): IFunction | undefined {
    const { source, origin } = this._state;
    return source?.functions?.find(each => each.name === origin.function);
  }

  /** Asks the server what would become of the job; what it refuses stands at the fields. */
  async check(): Promise<boolean> {
    if (this._state.busy || !this.passes()) {
      return false;
    }
    this.set({ busy: 'check' });
    const accepted = await this.write(true);
    this.set({ busy: undefined, accepted: accepted !== undefined });
    return accepted !== undefined;
  }

  /** Creates the job; undefined when it was refused. */
  async create(): Promise<ITrainJob | undefined> {
    if (this._state.busy || !this.passes()) {
      return undefined;
    }
    this.set({ busy: 'create' });
    const accepted = await this.write(true);
    const job = accepted && (await this.write(false));
    this.set({ busy: undefined });
    if (job) {
      this.created = true;
      this.keep();
    }
    return job;
  }

  /** Whether nothing is wrong that can be told here; else it is shown. */
  private passes(): boolean {
    this.everything = true;
    // What the server said is asked again.
    this.refused = undefined;
    this.look();
    const { problems, argumentErrors, sides, sourceError } = this._state;
    const wrong =
      Object.keys(problems.fields).length > 0 ||
      problems.top.length > 0 ||
      Object.keys(argumentErrors).length > 0;
    if (wrong || sides.problem || sourceError) {
      this.set({ failures: this._state.failures + 1 });
      return false;
    }
    return true;
  }

  private async write(dryRun: boolean): Promise<ITrainJob | undefined> {
    const { kubernetes } = this.options;
    const { job } = this._state.sides;
    try {
      const resource = kubernetes.client.resource(trainJobs);
      return await resource.create(job as unknown as ITrainJob, {
        dryRun,
        fieldManager: FIELD_MANAGER
      });
    } catch (error) {
      this.refused = { job, error };
      this.look();
      this.set({ failures: this._state.failures + 1 });
      return undefined;
    }
  }

  /** Puts what was read into the job. `replace`: also in the place of code that was changed in the YAML. */
  private useSource(replace: boolean): void {
    const { source, origin, sides, handmade } = this._state;
    const functions = source?.functions ?? [];
    if (functions.length > 0 && origin.function === '') {
      const [first] = functions;
      const wanted = functions.find(each => each.cell_id === origin.cell) ?? first!;
      this.setOrigin({ function: wanted.name });
      return;
    }
    const found = this.function;
    const read = found ? functionCode(found, origin.texts, this.options.trans) : source?.text;
    const code = read?.replace(/\n?$/, '\n');
    const { code: present } = sides.draft;
    if (code !== undefined && (replace || !handmade)) {
      const file = nodeFile(found ? found.name : origin.path.replace(/^.*[/:]/, ''));
      const script = { file, launcher: this.launcher, text: code };
      this.set({ handmade: false });
      if (!same(present, { kind: 'script', script })) {
        this.edit({ code: { kind: 'script', script } });
        return;
      }
    }
    this.look();
  }

  private setSides(sides: ISides): void {
    this.set({ sides, accepted: false });
    this.look();
    this.keepSoon();
  }

  /** Shows what is wrong now: all after a try, before that at fields that were left. What the server refused stays as long as the job is the same. */
  private look(): void {
    const { trans } = this.options;
    const { sides, origin, source } = this._state;
    const own = checkDraft(sides.draft, sides.job, trans, this.runtime);
    const theirs =
      this.refused?.job === sides.job
        ? refusedFields(this.refused.error, sides.job, sides.draft, trans)
        : NOTHING;
    const fields = Object.entries(own.fields).filter(
      ([field]) => this.everything || this.shown.has(field)
    );
    const { code } = sides.draft;
    const empty = isEmpty(code);
    if (this.everything && origin.kind !== 'command' && empty) {
      fields.push([
        'code',
        trans.__('There is no code yet. Choose a file, a notebook or a function, or a command.')
      ]);
    }
    const called = origin.kind === 'function' ? this.function : undefined;
    if (origin.kind === 'function' && source?.functions && !called && source.functions.length > 0) {
      fields.push([
        'function',
        trans.__(
          '%1 is not defined in %2 any more. Choose another one.',
          origin.function,
          origin.path
        )
      ]);
    }
    this.set({
      problems: {
        fields: { ...theirs.fields, ...Object.fromEntries(fields) },
        // A text that is no YAML is said beside it; the job is then an older one.
        top: [...(this.everything && !sides.problem ? own.top : []), ...theirs.top]
      },
      argumentErrors: called
        ? Object.fromEntries(
            Object.entries(readArguments(called, origin.texts, trans).errors).filter(
              ([name]) => this.everything || this.shown.has(`argument.${name}`)
            )
          )
        : {}
    });
  }

  private async findPatchField(): Promise<void> {
    try {
      const schema = await this.options.kubernetes.openApi.schema(
        'trainer.kubeflow.org/v1alpha1',
        'TrainJob'
      );
      const older =
        schema &&
        schemaAt(schema, ['spec', 'podTemplateOverrides']) &&
        !schemaAt(schema, ['spec', 'runtimePatches']);
      this.patches = older ? 'podTemplateOverrides' : 'runtimePatches';
    } catch {
      // Without a schema it is the present form; the server refuses what it does not know.
    }
  }

  private keepSoon(): void {
    void this.keeping.invoke();
  }

  private keep(): void {
    const { sides, origin, handmade, generated } = this._state;
    const { created } = this;
    this.options.keep({ job: sides.job, text: sides.text, origin, created, handmade, generated });
  }

  private set(change: Partial<IFormState>): void {
    this._state = { ...this._state, ...change };
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  private _state: IFormState;
  private readonly listeners = new Set<() => void>();
  private readonly keeping: Debouncer;
  private readonly shown = new Set<string>();
  private pressed = false;
  private everything = false;
  private created = false;
  private launcher: Launcher = 'python';
  private runtime?: IRuntime;
  private patches: PatchField = 'runtimePatches';
  private turn = 0;
  private refused?: { job: Json; error: unknown };
}
