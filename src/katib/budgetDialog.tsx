/** *Edit budget…*: how many trials there are to be, how many at a time, and how many may fail. */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { VDomModel, VDomRenderer } from '@jupyterlab/ui-components';
import { useId, useRef } from 'react';

import type { IExperiment } from '../client/kubernetes/kinds/katib';
import { useFirstFocus, WHERE_IT_IS } from '../ui/form/firstFocus';
import { describe, Field } from '../ui/form/parameterField';
import { type BudgetField, type BudgetTexts, checkBudget, textsOf } from './budgetForm';
import { type IBudget, activeTrials, begunTrials, isOver } from './model/budget';

/** What the dialog is given. */
export interface IAskBudgetOptions {
  trans: TranslationBundle;
  experiment: IExperiment;
  /** Sets the budget; its rejection is shown, and the dialog stays. */
  save: (budget: IBudget) => Promise<void>;
  /** A rejection in words. */
  refusal: (error: unknown) => string;
}

/** Lets a person change the budget. Resolves when it was set or the dialog was left. */
export async function askBudget(options: IAskBudgetOptions): Promise<void> {
  await new BudgetDialog(options).launch();
}

class BudgetModel extends VDomModel {
  constructor(readonly options: IAskBudgetOptions) {
    super();
    this.texts = textsOf(options.experiment);
  }

  texts: BudgetTexts;
  problems: Partial<Record<BudgetField | '', string>> = {};
  busy = false;

  edit(field: BudgetField, text: string): void {
    this.texts = { ...this.texts, [field]: text };
    this.problems = {};
    this.stateChanged.emit();
  }

  /** Sets the budget; false when something is wrong, which is then shown. */
  async save(): Promise<boolean> {
    const { experiment, trans, save, refusal } = this.options;
    if (this.busy) {
      return false;
    }
    const { budget, problems } = checkBudget(this.texts, experiment, trans);
    this.problems = problems;
    this.busy = budget !== undefined;
    this.stateChanged.emit();
    if (!budget) {
      return false;
    }
    try {
      await save(budget);
      return true;
    } catch (error) {
      this.problems = { '': refusal(error) };
      return false;
    } finally {
      this.busy = false;
      this.stateChanged.emit();
    }
  }
}

class BudgetBody extends VDomRenderer<BudgetModel> {
  protected override render(): JSX.Element {
    return <BudgetFields model={this.model} />;
  }
}

/** It stays open until the budget was set or the person leaves it. */
class BudgetDialog extends Dialog<unknown> {
  constructor(options: IAskBudgetOptions) {
    const { trans, experiment } = options;
    const model = new BudgetModel(options);
    const title = trans.__('Budget of “%1”', experiment.metadata?.name);
    super({
      title,
      body: new BudgetBody(model),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({
          label: isOver(experiment) ? trans.__('Resume experiment') : trans.__('Change budget')
        })
      ],
      focusNodeSelector: WHERE_IT_IS
    });
    this.addClass('jp-Kubeflow-SubmitDialog');
    this.node.setAttribute('aria-label', title);
    // A click beside the fields leaves the focus in the dialog, where Enter and Escape are heard.
    this.node.tabIndex = -1;
    this._budget = model;
  }

  /** Sets the budget when its button is meant. */
  override resolve(index = 1): void {
    if (index !== 1) {
      super.resolve(index);
      return;
    }
    void this._budget.save().then(done => {
      if (done && !this.isDisposed) {
        super.resolve(1);
      }
    });
  }

  private readonly _budget: BudgetModel;
}

function BudgetFields({ model }: { model: BudgetModel }): JSX.Element {
  const { texts, problems, busy, options } = model;
  const { trans, experiment } = options;
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  useFirstFocus(form);
  const begun = begunTrials(experiment);
  const active = activeTrials(experiment);
  const fewer = Number(texts.parallel) < active && Number(texts.parallel) > 0;
  const line = (field: BudgetField, label: string, hint?: string, placeholder?: string) => (
    <Field htmlFor={`${id}-${field}`} label={label} error={problems[field]} hint={hint}>
      <input
        {...describe(`${id}-${field}`, hint, problems[field])}
        className="jp-mod-styled jp-Kubeflow-Form-text"
        type="text"
        inputMode="numeric"
        autoComplete="off"
        placeholder={placeholder}
        readOnly={busy}
        value={texts[field]}
        onChange={event => model.edit(field, event.currentTarget.value)}
      />
    </Field>
  );
  return (
    <form
      ref={form}
      className="jp-Kubeflow-Form"
      aria-busy={busy}
      onSubmit={event => event.preventDefault()}
    >
      {line(
        'max',
        trans.__('Trials in all'),
        trans._n('%1 trial has begun so far.', '%1 trials have begun so far.', begun),
        trans.__('without a limit')
      )}
      {line(
        'parallel',
        trans.__('At the same time'),
        fewer
          ? trans.__(
              'Fewer than the %1 that are under way: Katib deletes the trials that were made last, also those that have ended, with what they found.',
              active
            )
          : undefined
      )}
      {line(
        'maxFailed',
        trans.__('Failed trials that end it'),
        undefined,
        trans.__('without a limit')
      )}
      <div className="jp-Kubeflow-Form-status">
        <span role="status">{busy ? trans.__('Saving…') : ''}</span>
        {problems[''] && (
          <p className="jp-Kubeflow-Form-failure" role="alert" tabIndex={-1}>
            {problems['']}
          </p>
        )}
      </div>
    </form>
  );
}
