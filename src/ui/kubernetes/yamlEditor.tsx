import { Notification } from '@jupyterlab/apputils';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';

import type { IAccess } from '../../client/kubernetes/access';
import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import { TextButton } from '../viewState';
import { YamlView } from '../yamlView';
import { AccessGate } from './access';
import type { IKubernetes } from './connection';
import { keepDraft, readDraft } from './drafts';
import { YamlEdit } from './yamlEdit';

/** What an object's YAML tab is given. */
export interface IYamlEditorProps<T extends IKubernetesObject> {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  editors: IEditorServices | null;
  kind: IKind<T>;
  /** Live, without `managedFields`. */
  object: T;
  /** The connection's name: an edit is of an object of one connection. */
  connection: string;
}

/** An object as YAML: read-only until *Edit*; an edit that was not applied is there again after a reload. */
export function YamlEditor<T extends IKubernetesObject>(props: IYamlEditorProps<T>): JSX.Element {
  const { trans, kubernetes, kind, object, connection } = props;
  const { name = '', namespace, uid } = object.metadata ?? {};
  const key = `${connection}/${uid ?? `${namespace}/${name}`}`;
  const [draft, setDraft] = useState(() => readDraft(key));

  if (draft) {
    return (
      <YamlEdit
        {...props}
        draft={draft}
        onDraft={next => keepDraft(key, next)}
        onEnd={applied => {
          keepDraft(key, undefined);
          setDraft(undefined);
          if (applied) {
            const said =
              applied === 'created'
                ? trans.__('%1 “%2” was created again.', kind.kind, name)
                : trans.__('%1 “%2” was changed.', kind.kind, name);
            Notification.success(said, { autoClose: 5000 });
          }
        }}
      />
    );
  }
  const access: IAccess = { verb: 'update', kind, namespace, name };
  return (
    <AccessGate client={kubernetes.client} access={access} trans={trans}>
      {reason => (
        <YamlView
          trans={trans}
          editors={props.editors}
          value={object as Record<string, unknown>}
          name={name}
        >
          <TextButton
            reason={reason}
            onClick={() => {
              void import('./yamlText').then(({ editable, toText }) =>
                setDraft({ text: toText(editable(object)), base: object })
              );
            }}
          >
            {trans.__('Edit')}
          </TextButton>
        </YamlView>
      )}
    </AccessGate>
  );
}
