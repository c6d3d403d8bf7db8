import type { IRun } from '../../client/pipelines';
import { SubmitForm } from './submitForm';
import type { ISubmitOptions } from './submitModel';
import { SubmitModel } from './submitModel';
import { WorkDialog } from './workDialog';

/** The dialog to create a run, or what starts runs. Leaving it aborts a submission that is under way. */
export class SubmitDialog<T = IRun> extends WorkDialog<SubmitModel<T>, T> {
  constructor(options: ISubmitOptions<T>) {
    const { title, action, trans } = options;
    const model = new SubmitModel(options);
    super({
      title,
      action: action ?? trans.__('Run'),
      model,
      draw: () => <SubmitForm model={model} />,
      work: () => model.submit(),
      trans
    });
    model.stateChanged.connect(this._showProgress, this);
  }

  /** Lets Enter press a button of the form, and Ctrl+Enter (Command+Enter) submit from a field of several lines. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      const target = event.target;
      if (target instanceof HTMLButtonElement && this.form.node.contains(target)) {
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

  private _showProgress(model: SubmitModel<T>): void {
    const button = this.node.querySelector('.jp-Dialog-button.jp-mod-accept');
    button?.setAttribute('aria-disabled', String(model.busy));
  }
}

/** Shows the submit dialog. Resolves with what was created, or with `null` when the person left the dialog. */
export async function showSubmitDialog<T = IRun>(options: ISubmitOptions<T>): Promise<T | null> {
  const result = await new SubmitDialog(options).launch();
  return result.value;
}
