/** The state of a form for what trains: where the code comes from and by which runtime it is started, beside what every form has. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import { type Json, object, text } from '../../graph/wire';
import type { IKubernetes } from '../kubernetes/connection';
import { newName, stemOf } from '../kubernetes/form/names';
import { CLEAN, type IObjectFormState, ObjectForm } from '../kubernetes/form/objectForm';
import {
  editForm,
  editText,
  type IObjectCodec,
  type ISides,
  sidesOf
} from '../kubernetes/form/sides';
import type { IRuntime, Launcher } from '../kubernetes/runtimes';
import { same } from '../kubernetes/threeWay';
import { errorMessage } from '../viewState';
import type { Code, ITrainingDraft } from './draft';
import { nodeFile } from './script';

/** Where the code comes from. */
export interface ICodeOrigin {
  /** `file`, `notebook` or `function`; a form may know others, which bring their own code. */
  kind: string;
  /** Of a file or notebook, with its drive, if it has one. */
  path: string;
  /** The name of the function. */
  function: string;
  /** The id of the cell whose function is wanted, before one is chosen. */
  cell?: string;
}

/** Whether code is read of a file or notebook. */
export function isRead({ kind }: Pick<ICodeOrigin, 'kind'>): boolean {
  return ['file', 'notebook', 'function'].includes(kind);
}

/** The draft of a form for what trains. */
export interface INamedTraining extends ITrainingDraft {
  name: string;
}

/** What the form shows: its draft `D`, the origin `G` of its code and what was read of that, `R`. */
export interface ITrainingState<D, G extends ICodeOrigin, R> extends IObjectFormState<D> {
  readonly origin: G;
  /** What was read of the origin. */
  readonly source?: R;
  /** Why it could not be read. */
  readonly sourceError?: string;
  readonly reading: boolean;
  /** Whether the code was changed in the YAML: then it is replaced only when a person says so. */
  readonly handmade: boolean;
  /** The name that was made for the object; another one was typed. */
  readonly generated?: string;
}

/** What is kept of a form. */
export interface IKeptTraining<G extends ICodeOrigin> {
  object: Json;
  text: string;
  origin: G;
  /** Whether an object was made of it. */
  created: boolean;
  /** Whether the code was changed in the YAML. */
  handmade: boolean;
  generated?: string;
}

/** What a form begins with. */
export interface ITrainingBeginning<G extends ICodeOrigin> {
  object: Json;
  origin: G;
}

/** Whether what was kept under a key is a form. */
export function isKeptTraining(value: unknown): value is IKeptTraining<ICodeOrigin> {
  const { object: of, text: typed, origin } = object(value);
  const { kind, path } = object(origin);
  return (
    typeof of === 'object' &&
    of !== null &&
    typeof typed === 'string' &&
    typeof kind === 'string' &&
    typeof path === 'string'
  );
}

/** What the form works with. */
export interface ITrainingOptions<O extends IKubernetesObject, G extends ICodeOrigin> {
  kind: IKind<O>;
  /** What the names begin with that are made of nothing. */
  stem: string;
  begin: () => ITrainingBeginning<G>;
  kept?: IKeptTraining<G>;
  kubernetes: Pick<IKubernetes, 'client'>;
  /** Where objects are made that name no namespace. */
  namespace?: () => string;
  /** Keeps what was typed. */
  keep: (form: IKeptTraining<G>) => void;
  trans: TranslationBundle;
}

/** One form. A subclass reads the code (`read`, beginning with `readOrigin` once it is made) and puts it into the draft (`useSource`). */
export abstract class TrainingForm<
  O extends IKubernetesObject,
  D extends INamedTraining,
  G extends ICodeOrigin,
  R
> extends ObjectForm<O, D, ITrainingState<D, G, R>> {
  constructor(
    private readonly training: ITrainingOptions<O, G>,
    codec: IObjectCodec<D>
  ) {
    const { kept, begin, stem } = training;
    super(training, codec, kept ? recalled(codec, kept, stem) : fresh(codec, begin()));
    const { code } = this.state.sides.draft;
    this.launcher = code.kind === 'script' ? code.script.launcher : 'python';
  }

  override reset(): void {
    this.restart(fresh(this.codec, this.training.begin()));
    void this.readOrigin(true);
  }

  /** Chooses a runtime; code that travels in the object is started by its convention. */
  chooseRuntime({ kind, name, launcher }: IRuntime): void {
    this.launcher = launcher;
    const { code } = this.state.sides.draft;
    const change: Partial<ITrainingDraft> = {
      runtime: { kind, name },
      ...(code.kind === 'script'
        ? { code: { kind: 'script', script: { ...code.script, launcher } } }
        : {})
    };
    this.edit(change as Partial<D>);
  }

  /** Tells what the runtime is that is chosen already, also in the YAML. */
  knowRuntime(runtime: IRuntime | undefined): void {
    const { sides, origin, handmade } = this.state;
    const { code } = sides.draft;
    const own = isRead(origin) && !handmade;
    if (runtime && own && code.kind === 'script' && code.script.launcher !== runtime.launcher) {
      this.chooseRuntime(runtime);
    }
    this.launcher = runtime?.launcher ?? this.launcher;
    if (this.runtime !== runtime) {
      this.runtime = runtime;
      this.look();
    }
  }

  /** Another origin of the code. */
  abstract setOrigin(change: Partial<G>): void;

  /** Reads the code again, as after an edit of the file. `replace`: also in the place of what was changed by hand. */
  async readOrigin(replace = false): Promise<void> {
    const turn = ++this.turn;
    const reading = this.state.origin.path === '' ? undefined : this.read(this.state.origin);
    if (!reading) {
      this.set({ reading: false });
      this.look();
      return;
    }
    this.set({ reading: true, sourceError: undefined });
    try {
      const source = await reading;
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

  /** Reads what is at the origin, whose path is not empty; undefined where there is nothing to read. Rejects with an `Error` in words. */
  protected abstract read(origin: G): Promise<R> | undefined;

  /** Puts what was read into the object. `replace`: also in the place of what was changed by hand. */
  protected abstract useSource(replace: boolean): void;

  /** Code that was read as what a node runs. `name`: of its function, or the path of its file. */
  protected scriptOf(name: string, code: string): Code {
    const file = nodeFile(name.replace(/^.*[/:]/, ''));
    const script = { file, launcher: this.launcher, text: code.replace(/\n?$/, '\n') };
    return { kind: 'script', script };
  }

  protected override get blocked(): boolean {
    return this.state.sourceError !== undefined;
  }

  protected override afterTyping(next: ISides<D>): Partial<ITrainingState<D, G, R>> {
    const { sides, handmade } = this.state;
    return { handmade: handmade || !same(next.draft.code, sides.draft.code) };
  }

  protected override keep(): void {
    const { sides, origin, handmade, generated } = this.state;
    const { object: of, text: typed } = sides;
    const { created } = this;
    this.training.keep({ object: of, text: typed, origin, created, handmade, generated });
  }

  /** The runtime that is chosen, where it is known. */
  protected runtime?: IRuntime;
  private launcher: Launcher;
  private turn = 0;
}

/** A form that nobody has typed into. */
function fresh<D extends INamedTraining, G extends ICodeOrigin, R>(
  codec: IObjectCodec<D>,
  { object: of, origin }: ITrainingBeginning<G>
): ITrainingState<D, G, R> {
  const sides = sidesOf(codec, of);
  return {
    ...CLEAN,
    reading: false,
    source: undefined,
    sourceError: undefined,
    sides,
    origin,
    recalled: false,
    handmade: false,
    generated: sides.draft.name
  };
}

/** What was typed before; what an object was made of gets another name. */
function recalled<D extends INamedTraining, G extends ICodeOrigin, R>(
  codec: IObjectCodec<D>,
  kept: IKeptTraining<G>,
  stem: string
): ITrainingState<D, G, R> {
  const { object: of, text: typed, origin, created, handmade } = kept;
  const sides = editText(codec, sidesOf(codec, of), typed);
  const name = text(object(sides.object['metadata'])['name']) ?? '';
  const generated = created ? newName(stemOf(name), stem) : kept.generated;
  const renamed = { name: generated } as Partial<D>;
  return {
    ...CLEAN,
    reading: false,
    sides: created && generated ? editForm(codec, sides, renamed) : sides,
    origin,
    recalled: true,
    handmade,
    generated
  };
}
