/** *Edit budget…*: how many trials there are to be, how many at a time, and how many may fail. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExperiment } from '../client/kubernetes/kinds/katib';
import { askFields, type IFieldsState } from '../ui/form/fieldsDialog';
import { Line } from '../ui/form/line';
import { type BudgetTexts, checkBudget, textsOf } from './budgetForm';
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
  const { trans, experiment, save, refusal } = options;
  await askFields<BudgetTexts, IBudget>({
    title: trans.__('Budget of “%1”', experiment.metadata?.name),
    action: isOver(experiment) ? trans.__('Resume experiment') : trans.__('Change budget'),
    doing: trans.__('Saving…'),
    draft: textsOf(experiment),
    check: texts => {
      const { budget, problems } = checkBudget(texts, experiment, trans);
      return { problems, run: budget && (() => save(budget).then(() => budget)) };
    },
    refusal: error => ({ '': refusal(error) }),
    fields: state => <BudgetFields state={state} experiment={experiment} trans={trans} />,
    trans
  });
}

function BudgetFields(
  props: Pick<IAskBudgetOptions, 'experiment' | 'trans'> & { state: IFieldsState<BudgetTexts> }
): JSX.Element {
  const { state, experiment, trans } = props;
  const { draft, problems, busy } = state;
  const active = activeTrials(experiment);
  const fewer = Number(draft.parallel) < active && Number(draft.parallel) > 0;
  const line = (field: keyof BudgetTexts, label: string, hint?: string, placeholder?: string) => (
    <Line
      numeric
      label={label}
      hint={hint}
      placeholder={placeholder}
      value={draft[field]}
      error={problems[field]}
      readOnly={busy}
      onChange={text => state.edit({ [field]: text })}
    />
  );
  return (
    <>
      {line(
        'max',
        trans.__('Trials in all'),
        trans._n(
          '%1 trial has begun so far.',
          '%1 trials have begun so far.',
          begunTrials(experiment)
        ),
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
    </>
  );
}
