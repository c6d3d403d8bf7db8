import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { VDomRenderer } from '@jupyterlab/ui-components';

import { WHERE_IT_IS } from './firstFocus';

/** What a dialog is made of; `M` is the state of its form, `T` what comes of it. */
export interface IWorkDialogOptions<M extends VDomRenderer.IModel, T> {
  title: string;
  /** What its button says. */
  action: string;
  /** Disposed with the dialog. */
  model: M;
  /** Draws the form, which has `useFirstFocus`. */
  draw: (model: M) => JSX.Element;
  /** Does what the button says. Resolves with what came of it, or with `null` where the dialog is to stay, as when something is wrong. */
  work: () => Promise<T | null>;
  trans: TranslationBundle;
}

/** The form in the dialog's body; its value is what came of it. */
class WorkBody<M extends VDomRenderer.IModel, T> extends VDomRenderer<M> {
  constructor(
    model: M,
    private readonly draw: (model: M) => JSX.Element
  ) {
    super(model);
  }

  done: T | null = null;

  getValue(): T | null {
    return this.done;
  }

  override dispose(): void {
    this.model?.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return this.draw(this.model);
  }
}

/** A dialog with a form that closes only when its work was done or the person leaves it (Escape, Cancel). */
export class WorkDialog<M extends VDomRenderer.IModel, T> extends Dialog<T | null> {
  constructor({ title, action, model, draw, work, trans }: IWorkDialogOptions<M, T>) {
    const body = new WorkBody<M, T>(model, draw);
    super({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: action })
      ],
      focusNodeSelector: WHERE_IT_IS
    });
    this.addClass('jp-Kubeflow-SubmitDialog');
    this.node.setAttribute('aria-label', title);
    // A click beside the fields leaves the focus in the dialog, where Enter and Escape are heard.
    this.node.tabIndex = -1;
    this.form = body;
    this.work = work;
  }

  /** Begins the work when its button is meant; the dialog stays open until that is done. */
  override resolve(index = 1): void {
    if (index !== 1) {
      super.resolve(index);
      return;
    }
    void this.work().then(done => {
      if (done !== null && !this.isDisposed) {
        this.form.done = done;
        super.resolve(1);
      }
    });
  }

  protected readonly form: WorkBody<M, T>;
  private readonly work: () => Promise<T | null>;
}
