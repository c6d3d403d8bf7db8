/**
 * The state of a form that makes an object of the Kubernetes API, and the steps to it. A panel's form is made of:
 *
 * - a draft `D`: the fields, as the texts that a person types, and an `IObjectCodec<D>` that reads and writes objects by it (`sides`);
 * - a subclass of `ObjectForm` with what its kind has beyond fields (`problems` has what such checks need);
 * - `ObjectFormView` around its fields: `DraftLine`, `DraftTexts`, `DraftPairs`, `More` (`ui/form/line`), `RuntimePicker`.
 *
 * The view has the header, *Create* and *Check*, the notices and the YAML beside the form.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Debouncer } from '@lumino/polling';

import type { IKind } from '../../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../../client/kubernetes/object';
import { type Json, object } from '../../../graph/wire';
import type { IKubernetes } from '../connection';
import { FIELD_MANAGER } from '../editing';
import { type IProblems, NOTHING, refusedFields } from './problems';
import { editForm, editText, type IObjectCodec, type ISides } from './sides';

/** What a form shows, whatever it makes. */
export interface IObjectFormState<D> {
  readonly sides: ISides<D>;
  /** What is wrong, where it is shown already. */
  readonly problems: IProblems;
  /** What is being done. */
  readonly busy?: 'check' | 'create';
  /** Whether the server has accepted the object as it stands. */
  readonly accepted: boolean;
  /** How often it was refused: the form then goes to the first field that is wrong. */
  readonly failures: number;
  /** Whether what is shown was typed in an earlier form. */
  readonly recalled: boolean;
}

/** What a form begins with beside its sides. */
export const CLEAN = { problems: NOTHING, busy: undefined, accepted: false, failures: 0 } as const;

/** Whether the fields cannot be edited now. */
export function isLocked({ sides, busy }: IObjectFormState<unknown>): boolean {
  return sides.problem !== undefined || busy === 'create';
}

/** What a form works with. */
export interface IObjectFormOptions<O extends IKubernetesObject> {
  kind: IKind<O>;
  kubernetes: Pick<IKubernetes, 'client'>;
  /** Where objects are made that name no namespace; without it they have to name one. */
  namespace?: () => string;
  trans: TranslationBundle;
}

const KEEP_AFTER = 300;

/**
 * One form. `O` is what it makes, `D` its draft, `S` its state.
 *
 * A subclass says what is wrong with the draft (`wrong`) and keeps what was typed (`keep`, soon after each edit); `ObjectFormView` draws it.
 */
export abstract class ObjectForm<
  O extends IKubernetesObject,
  D extends object,
  S extends IObjectFormState<D> = IObjectFormState<D>
> {
  /** @param codec - reads and writes the objects; a subclass may put another one in its place once it knows the server */
  constructor(
    private readonly making: IObjectFormOptions<O>,
    protected codec: IObjectCodec<D>,
    private _state: S
  ) {
    this.keeping = new Debouncer(() => this.keep(), KEEP_AFTER);
  }

  /** What is shown now: another object after each change. */
  get state(): S {
    return this._state;
  }

  /** Calls `listener` after each change; returns the function that ends this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Begins anew, without what was typed before. */
  abstract reset(): void;

  /** An edit of fields. What was wrong is looked at again. */
  edit(change: Partial<D>): void {
    this.setSides(editForm(this.codec, this._state.sides, change));
  }

  /** An edit of the YAML. */
  editText(typed: string): void {
    const { sides } = this._state;
    const next = editText(this.codec, sides, typed);
    if (next !== sides) {
      this.setSides(next, this.afterTyping(next));
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

  /** Asks the server what would become of the object; what it refuses stands at the fields. */
  async check(): Promise<boolean> {
    if (this._state.busy || !this.passes()) {
      return false;
    }
    this.put({ busy: 'check' });
    const accepted = await this.write(true);
    this.put({ busy: undefined, accepted: accepted !== undefined });
    return accepted !== undefined;
  }

  /** Creates the object; undefined when it was refused. */
  async create(): Promise<O | undefined> {
    if (this._state.busy || !this.passes()) {
      return undefined;
    }
    this.put({ busy: 'create' });
    const accepted = await this.write(true);
    const made = accepted && (await this.write(false));
    this.put({ busy: undefined });
    if (made) {
      this.created = true;
      this.keep();
    }
    return made;
  }

  /** Whether nothing is wrong that can be told without the server; else it is shown. */
  passes(): boolean {
    this.everything = true;
    // What the server said is asked again.
    this.refused = undefined;
    this.look();
    const { problems, sides } = this._state;
    const wrong = Object.keys(problems.fields).length > 0 || problems.top.length > 0;
    if (wrong || sides.problem || this.blocked) {
      this.put({ failures: this._state.failures + 1 });
      return false;
    }
    return true;
  }

  /** All that can be told without the server; what of it is shown is decided by `visible`. */
  protected abstract wrong(): IProblems;

  /** Keeps what was typed. */
  protected abstract keep(): void;

  /** What an edit of the YAML changes beside the sides. */
  protected afterTyping(_next: ISides<D>): Partial<S> {
    return {};
  }

  /** Whether something that is shown elsewhere stands against creating the object. */
  protected get blocked(): boolean {
    return false;
  }

  /** Whether what is wrong with a field is shown: with all after a try, before that with fields that were left. */
  protected visible(field: string): boolean {
    return this.everything || this.shown.has(field);
  }

  /** Shows what is wrong now. What the server refused stays as long as the object is the same. */
  protected look(): void {
    const { sides } = this._state;
    const own = this.wrong();
    const theirs =
      this.refused?.object === sides.object
        ? refusedFields(this.codec, this.refused.error, sides, this.making.trans)
        : NOTHING;
    const fields = Object.entries(own.fields).filter(([field]) => this.visible(field));
    this.put({
      problems: {
        fields: { ...theirs.fields, ...Object.fromEntries(fields) },
        // A text that cannot be read is said beside it; the object is then an older one.
        top: [...(this.everything && !sides.problem ? own.top : []), ...theirs.top]
      }
    });
  }

  /** Shows another state, as of a form that nobody has typed into. */
  protected restart(state: S): void {
    this.everything = false;
    this.shown.clear();
    this.refused = undefined;
    this.set(state);
  }

  protected keepSoon(): void {
    void this.keeping.invoke();
  }

  protected set(change: Partial<S>): void {
    this._state = { ...this._state, ...change };
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  /** Whether all that is wrong is shown, as after a try. */
  protected everything = false;
  /** Whether an object was made of what is shown. */
  protected created = false;

  private async write(dryRun: boolean): Promise<O | undefined> {
    const { kind, kubernetes } = this.making;
    const { object: made } = this._state.sides;
    try {
      return await kubernetes.client
        .resource(kind)
        .create(this.placed(made), { dryRun, fieldManager: FIELD_MANAGER });
    } catch (error) {
      this.refused = { object: made, error };
      this.look();
      this.put({ failures: this._state.failures + 1 });
      return undefined;
    }
  }

  /** The object in the namespace that the form is for, unless it names one. */
  private placed(made: Json): O {
    const { kind, namespace } = this.making;
    const metadata = object(made['metadata']);
    const where = kind.namespaced && !metadata['namespace'] ? namespace?.() : undefined;
    return (where
      ? { ...made, metadata: { ...metadata, namespace: where } }
      : made) as unknown as O;
  }

  private setSides(sides: ISides<D>, change: Partial<S> = {}): void {
    this.set({ ...change, sides, accepted: false });
    this.look();
    this.keepSoon();
  }

  private put(change: Partial<IObjectFormState<D>>): void {
    this.set(change as Partial<S>);
  }

  private readonly listeners = new Set<() => void>();
  private readonly keeping: Debouncer;
  private readonly shown = new Set<string>();
  private pressed = false;
  private refused?: { object: Json; error: unknown };
}
