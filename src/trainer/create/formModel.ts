/** The state of the form for TrainJobs: where the code comes from and by which runtime it is started, beside what every form has. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { ObjectForm } from '../../ui/kubernetes/form/objectForm';
import type { IProblems } from '../../ui/kubernetes/form/problems';
import type { ISides } from '../../ui/kubernetes/form/sides';
import type { IRuntime, Launcher } from '../../ui/kubernetes/runtimes';
import { schemaAt } from '../../ui/kubernetes/schemaTree';
import { same } from '../../ui/kubernetes/threeWay';
import { errorMessage } from '../../ui/viewState';
import type { ITrainerServices } from '../context';
import { checkDraft } from './check';
import { trainJobCodec } from './codec';
import { fresh, type IBeginning, type IFormState, type IKeptForm, recalled } from './formState';
import type { Code, IDraft } from './model';
import { nodeFile } from '../../ui/training/script';
import type { IFunction } from '../../ui/training/source';
import { functionCode, type IOrigin, readArguments, readSource } from './source';

/** What the form works with. */
export interface IFormOptions {
  begin: () => IBeginning;
  kept?: IKeptForm;
  services: Pick<ITrainerServices, 'app' | 'documents'>;
  server: Parameters<typeof readSource>[2];
  kubernetes: Pick<IKubernetes, 'client' | 'openApi'>;
  /** Where jobs are made that name no namespace. */
  namespace?: () => string;
  /** Keeps what was typed. */
  keep: (form: IKeptForm) => void;
  trans: TranslationBundle;
}

function isEmpty(code: Code): boolean {
  return code.kind === 'command' && code.command.length === 0;
}

/** One form. */
export class FormModel extends ObjectForm<ITrainJob, IDraft, IFormState> {
  constructor(private readonly options: IFormOptions) {
    const { kept, kubernetes, namespace, trans } = options;
    super(
      { kind: trainJobs, kubernetes, namespace, trans },
      trainJobCodec(),
      kept ? recalled(kept) : fresh(options.begin())
    );
    const { code } = this.state.sides.draft;
    this.launcher = code.kind === 'script' ? code.script.launcher : 'python';
    void this.findPatchField();
    void this.readOrigin();
  }

  override reset(): void {
    this.restart({ ...fresh(this.options.begin()), source: undefined, sourceError: undefined });
    void this.readOrigin();
  }

  /** Chooses a runtime; code that travels in the job is started by its convention. */
  chooseRuntime(runtime: IRuntime): void {
    this.launcher = runtime.launcher;
    const { code } = this.state.sides.draft;
    this.edit({
      runtime: { kind: runtime.kind, name: runtime.name },
      ...(code.kind === 'script'
        ? { code: { kind: 'script', script: { ...code.script, launcher: runtime.launcher } } }
        : {})
    });
  }

  /** Tells what the runtime is that is chosen already, also in the YAML. */
  knowRuntime(runtime: IRuntime | undefined): void {
    const { sides, origin, handmade } = this.state;
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
    const before = this.state.origin;
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
    const { origin } = this.state;
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
    const { source, origin } = this.state;
    return source?.functions?.find(each => each.name === origin.function);
  }

  protected override get blocked(): boolean {
    return this.state.sourceError !== undefined;
  }

  protected override visible(field: string): boolean {
    return field === 'function' || super.visible(field);
  }

  protected override wrong(): IProblems {
    const { trans } = this.options;
    const { sides, origin, source } = this.state;
    const own = checkDraft(sides.draft, sides.object, trans, this.runtime);
    const fields = { ...own.fields };
    const unread = this.state.sourceError !== undefined;
    if (this.everything && !unread && origin.kind !== 'command' && isEmpty(sides.draft.code)) {
      fields['code'] = trans.__(
        'There is no code yet. Choose a file, a notebook or a function, or a command.'
      );
    }
    const called = origin.kind === 'function' ? this.function : undefined;
    if (origin.kind === 'function' && source?.functions && !called && source.functions.length > 0) {
      fields['function'] = trans.__(
        '%1 is not defined in %2 any more. Choose another one.',
        origin.function,
        origin.path
      );
    }
    const lacks = called ? readArguments(called, origin.texts, trans).errors : {};
    for (const [name, message] of Object.entries(lacks)) {
      fields[`argument.${name}`] = message;
    }
    return { fields, top: own.top };
  }

  /** Where no file was chosen, the code is that of the YAML. */
  protected override afterTyping(next: ISides<IDraft>): Partial<IFormState> {
    const { sides, origin, handmade } = this.state;
    const changed = !same(next.draft.code, sides.draft.code);
    return changed && origin.path === '' && !isEmpty(next.draft.code)
      ? { origin: { ...origin, kind: 'command' }, sourceError: undefined }
      : { handmade: handmade || changed };
  }

  protected override keep(): void {
    const { sides, origin, handmade, generated } = this.state;
    const { created } = this;
    this.options.keep({
      job: sides.object,
      text: sides.text,
      origin,
      created,
      handmade,
      generated
    });
  }

  /** Puts what was read into the job. `replace`: also in the place of code that was changed in the YAML. */
  private useSource(replace: boolean): void {
    const { source, origin, sides, handmade } = this.state;
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
      this.codec = trainJobCodec(older ? 'podTemplateOverrides' : 'runtimePatches');
    } catch {
      // Without a schema it is the present form; the server refuses what it does not know.
    }
  }

  private launcher: Launcher = 'python';
  private runtime?: IRuntime;
  private turn = 0;
}
