import { TrainingFormView } from '../../ui/training/trainingFormView';
import type { KatibContext } from '../context';
import { kindOf, type StudyObject } from '../kinds';
import { Fields } from './fields';
import type { FormModel } from './formModel';

/** What the form is given. */
export interface ICreateFormProps {
  context: KatibContext;
  model: FormModel;
  onCreated: (made: StudyObject) => void;
}

/** The form to create a tuning experiment with the YAML beside it. */
export function CreateForm({ context, model, onCreated }: ICreateFormProps): JSX.Element {
  const { trans } = context;
  return (
    <TrainingFormView
      context={context}
      model={model}
      kind={kindOf(model.kind)}
      title={namespace => trans.__('New tuning experiment in %1', namespace)}
      words={{
        form: trans.__('Tuning experiment'),
        yaml: trans.__('YAML of the tuning experiment')
      }}
      insert={async () => (await import('./insertSdkCode')).insertSdkCode(context, model)}
      onCreated={onCreated}
    >
      {shown => <Fields context={context} model={model} {...shown} />}
    </TrainingFormView>
  );
}
