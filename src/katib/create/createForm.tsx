import { Notification } from '@jupyterlab/apputils';
import { useSyncExternalStore } from 'react';

import { useKubernetes, useNamespace } from '../../ui/kubernetes/connection';
import { ObjectFormView } from '../../ui/kubernetes/form/objectFormView';
import { namespaceOf } from '../../ui/kubernetes/form/sides';
import { errorMessage, TextButton } from '../../ui/viewState';
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
  const { trans, kubeflow, services } = context;
  const state = useSyncExternalStore(model.subscribe, () => model.state);
  const kubernetes = useKubernetes(kubeflow);
  const active = useNamespace(kubeflow);
  const namespace = namespaceOf(state.sides) ?? active;
  const insert = async () => {
    try {
      const { insertSdkCode } = await import('./insertSdkCode');
      await insertSdkCode(context, model);
    } catch (error) {
      Notification.error(errorMessage(error), { autoClose: false });
    }
  };
  return (
    <ObjectFormView
      trans={trans}
      kubernetes={kubernetes}
      editors={services.editors}
      model={model}
      state={state}
      kind={kindOf(model.kind)}
      namespace={namespace}
      title={trans.__('New tuning experiment in %1', namespace)}
      words={{
        form: trans.__('Tuning experiment'),
        yaml: trans.__('YAML of the tuning experiment')
      }}
      actions={
        <TextButton
          reason={services.notebooks ? undefined : trans.__('There are no notebooks here.')}
          onClick={() => void insert()}
        >
          {trans.__('Insert SDK code')}
        </TextButton>
      }
      onCreated={onCreated}
    >
      {locked => (
        <Fields
          context={context}
          model={model}
          state={state}
          namespace={namespace}
          locked={locked}
        />
      )}
    </ObjectFormView>
  );
}
