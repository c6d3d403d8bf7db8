import type { TranslationBundle } from '@jupyterlab/translation';
import { VDomModel } from '@jupyterlab/ui-components';
import { useRef } from 'react';

import { useFirstFocus } from './firstFocus';
import { WorkDialog } from './workDialog';

/** What is wrong, by field of a draft; `''` for what is about none. */
export type FieldProblems<D> = Readonly<Partial<Record<(keyof D & string) | '', string>>>;

/** What the fields of a dialog are drawn from. */
export interface IFieldsState<D> {
  draft: D;
  problems: FieldProblems<D>;
  /** Whether the fields cannot be edited, since it is being done. */
  busy: boolean;
  edit(change: Partial<D>): void;
}

/** What a dialog of a few fields shows and does: `D` are the fields, `T` is what comes of them. */
export interface IFieldsDialogOptions<D, T> {
  title: string;
  /** What its button says, and what is said while that is done. */
  action: string;
  doing: string;
  /** What the fields begin with. */
  draft: D;
  /** What is wrong with the fields, or what does it where nothing is. */
  check: (draft: D) => { problems: FieldProblems<D>; run?: () => Promise<T> };
  /** Why it was refused. */
  refusal: (error: unknown, draft: D) => FieldProblems<D>;
  /** Draws the fields. */
  fields: (state: IFieldsState<D>) => React.ReactNode;
  trans: TranslationBundle;
}

/** Asks for a few fields in a small dialog. Resolves with what came of them, or with `null` when the dialog was left. */
export async function askFields<D, T>(options: IFieldsDialogOptions<D, T>): Promise<T | null> {
  const model = new FieldsModel(options);
  const dialog = new WorkDialog({
    ...options,
    model,
    draw: () => <Fields model={model} />,
    work: () => model.submit()
  });
  return (await dialog.launch()).value;
}

class FieldsModel<D, T> extends VDomModel implements IFieldsState<D> {
  constructor(readonly options: IFieldsDialogOptions<D, T>) {
    super();
    this.draft = options.draft;
  }

  draft: D;
  problems = {} as FieldProblems<D>;
  busy = false;

  edit(change: Partial<D>): void {
    this.draft = { ...this.draft, ...change };
    this.problems = {} as FieldProblems<D>;
    this.stateChanged.emit();
  }

  /** Does it; `null` when something is wrong, which is then shown. */
  async submit(): Promise<T | null> {
    if (this.busy) {
      return null;
    }
    const { draft } = this;
    const { problems, run } = this.options.check(draft);
    this.problems = problems;
    this.busy = run !== undefined;
    this.stateChanged.emit();
    try {
      return (await run?.()) ?? null;
    } catch (error) {
      this.problems = this.options.refusal(error, draft);
      return null;
    } finally {
      this.busy = false;
      this.stateChanged.emit();
    }
  }
}

function Fields<D, T>({ model }: { model: FieldsModel<D, T> }): JSX.Element {
  const { options, problems, busy } = model;
  const form = useRef<HTMLFormElement>(null);
  useFirstFocus(form);
  return (
    <form
      ref={form}
      className="jp-Kubeflow-Form"
      aria-busy={busy}
      onSubmit={event => event.preventDefault()}
    >
      {options.fields(model)}
      <div className="jp-Kubeflow-Form-status">
        <span role="status">{busy ? options.doing : ''}</span>
        {problems[''] && (
          <p className="jp-Kubeflow-Form-failure" role="alert" tabIndex={-1}>
            {problems['']}
          </p>
        )}
      </div>
    </form>
  );
}
