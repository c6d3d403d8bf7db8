import { Notification } from '@jupyterlab/apputils';
import { useSyncExternalStore } from 'react';

import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import { useKubernetes, useNamespace } from '../kubernetes/connection';
import { ObjectFormView } from '../kubernetes/form/objectFormView';
import { namespaceOf } from '../kubernetes/form/sides';
import type { IPanelParts } from '../panelContext';
import { errorMessage, TextButton } from '../viewState';
import type { ICodeOrigin, INamedTraining, ITrainingState, TrainingForm } from './trainingForm';

/** A form for what trains, with the YAML beside it and *Insert SDK code*. `children` draws the fields. */
export function TrainingFormView<
  O extends IKubernetesObject,
  D extends INamedTraining,
  G extends ICodeOrigin,
  R
>(props: {
  context: IPanelParts;
  model: TrainingForm<O, D, G, R>;
  kind: IKind<O>;
  title: (namespace: string) => string;
  words: React.ComponentProps<typeof ObjectFormView>['words'];
  /** Puts the Python that makes the same object into a notebook; its rejection is shown. */
  insert: () => Promise<void>;
  onCreated: (made: O) => void;
  children: (shown: {
    state: ITrainingState<D, G, R>;
    namespace: string;
    locked: boolean;
  }) => React.ReactNode;
}): JSX.Element {
  const { context, model, insert, ...view } = props;
  const { trans, kubeflow, services } = context;
  const state = useSyncExternalStore(model.subscribe, () => model.state);
  const kubernetes = useKubernetes(kubeflow);
  const active = useNamespace(kubeflow);
  const namespace = namespaceOf(state.sides) ?? active;
  return (
    <ObjectFormView
      {...view}
      trans={trans}
      kubernetes={kubernetes}
      editors={services.editors}
      model={model}
      state={state}
      namespace={namespace}
      title={props.title(namespace)}
      actions={
        <TextButton
          reason={services.notebooks ? undefined : trans.__('There are no notebooks here.')}
          onClick={() =>
            void insert().catch((error: unknown) =>
              Notification.error(errorMessage(error), { autoClose: false })
            )
          }
        >
          {trans.__('Insert SDK code')}
        </TextButton>
      }
    >
      {locked => props.children({ state, namespace, locked })}
    </ObjectFormView>
  );
}
