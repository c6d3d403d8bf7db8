import { Dialog } from '@jupyterlab/apputils';
import { VDomRenderer } from '@jupyterlab/ui-components';

import type { IRun } from '../../client/pipelines';
import { WHERE_IT_IS } from './firstFocus';
import { SubmitForm } from './submitForm';
import type { ISubmitOptions } from './submitModel';
import { SubmitModel } from './submitModel';

/** The form in the dialog's body; its value is what was created. */
class SubmitBody<T> extends VDomRenderer<SubmitModel<T>> {
  created: T | null = null;

  getValue(): T | null {
    return this.created;
  }

  override dispose(): void {
    this.model?.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return <SubmitForm model={this.model} />;
  }
}

/**
 * The dialog to create a run, or what starts runs. It closes only when that was created or the person leaves it (Escape, Cancel); leaving aborts a submission
 * that is under way.
 */
export class SubmitDialog<T = IRun> extends Dialog<T | null> {
  constructor(options: ISubmitOptions<T>) {
    const { title, trans } = options;
    const model = new SubmitModel(options);
    const body = new SubmitBody(model);
    super({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: options.action ?? trans.__('Run') })
      ],
      hasClose: true,
      focusNodeSelector: WHERE_IT_IS
    });
    this.addClass('jp-Kubeflow-SubmitDialog');
    this.node.setAttribute('aria-label', title);
    // A click beside the fields leaves the focus in the dialog, where Enter and Escape are heard.
    this.node.tabIndex = -1;
    this._model = model;
    this._submitBody = body;
    model.stateChanged.connect(this._showProgress, this);
  }

  /** Submits when the button *Run* is meant; the dialog stays open until that is done. */
  override resolve(index = 1): void {
    if (index === 1) {
      void this._submit();
    } else {
      super.resolve(index);
    }
  }

  /** Lets Enter press a button of the form, and Ctrl+Enter (Command+Enter) submit from a field of several lines. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      const target = event.target;
      if (target instanceof HTMLButtonElement && this._submitBody.node.contains(target)) {
        return;
      }
      if (target instanceof HTMLTextAreaElement) {
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          event.stopPropagation();
          this.resolve();
        }
        return;
      }
    }
    super._evtKeydown(event);
  }

  private async _submit(): Promise<void> {
    const created = await this._model.submit();
    if (created && !this.isDisposed) {
      this._submitBody.created = created;
      super.resolve(1);
    }
  }

  private _showProgress(model: SubmitModel<T>): void {
    const button = this.node.querySelector('.jp-Dialog-button.jp-mod-accept');
    button?.setAttribute('aria-disabled', String(model.busy));
  }

  private readonly _model: SubmitModel<T>;
  private readonly _submitBody: SubmitBody<T>;
}

/** Shows the submit dialog. Resolves with what was created, or with `null` when the person left the dialog. */
export async function showSubmitDialog<T = IRun>(options: ISubmitOptions<T>): Promise<T | null> {
  const result = await new SubmitDialog(options).launch();
  return result.value;
}
