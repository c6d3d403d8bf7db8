/** *Create claim…*: a small dialog that makes a PersistentVolumeClaim. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import { useId } from 'react';

import type { KubernetesClient } from '../../client/kubernetes/client';
import { askFields, type IFieldsState } from '../../ui/form/fieldsDialog';
import { Line } from '../../ui/form/line';
import { describe, Field } from '../../ui/form/parameterField';
import { FIELD_MANAGER } from '../../ui/kubernetes/editing';
import {
  type AccessMode,
  checkClaim,
  claimOf,
  claims,
  type IClaimDraft,
  refusedClaim
} from './claims';

/** What the dialog is given. */
export interface ICreateClaimOptions {
  client: Pick<KubernetesClient, 'resource'>;
  namespace: string;
  /** The name to begin with. */
  name: string;
  /** How many nodes are to use it. */
  nodes: number;
  trans: TranslationBundle;
}

/** Lets a person make a claim. Resolves with its name, or with `null` when the dialog was left. */
export function createClaim(options: ICreateClaimOptions): Promise<string | null> {
  const { client, namespace, name, nodes, trans } = options;
  const create = async (draft: IClaimDraft) => {
    await client
      .resource(claims)
      .create(claimOf(draft, namespace), { fieldManager: FIELD_MANAGER });
    return draft.name;
  };
  const mode = nodes > 1 ? 'ReadWriteMany' : 'ReadWriteOnce';
  return askFields<IClaimDraft, string>({
    title: trans.__('New volume claim in %1', namespace),
    action: trans.__('Create claim'),
    doing: trans.__('Creating…'),
    draft: { name, size: '1Gi', mode, storageClass: '' },
    check: draft => {
      const problems = checkClaim(draft, trans);
      const isRight = Object.keys(problems).length === 0;
      return { problems, run: isRight ? () => create(draft) : undefined };
    },
    refusal: (error, draft) => refusedClaim(error, draft, namespace, trans),
    fields: state => <ClaimFields state={state} nodes={nodes} trans={trans} />,
    trans
  });
}

function ClaimFields(props: {
  state: IFieldsState<IClaimDraft>;
  nodes: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { state, nodes, trans } = props;
  const { draft, problems, busy } = state;
  const id = useId();
  const line = (field: 'name' | 'size' | 'storageClass', label: string, placeholder?: string) => (
    <Line
      label={label}
      placeholder={placeholder}
      value={draft[field]}
      error={problems[field]}
      readOnly={busy}
      onChange={typed => state.edit({ [field]: typed.trim() })}
    />
  );
  const hint =
    draft.mode === 'ReadWriteMany'
      ? trans.__('Not every storage class can do this; one that cannot leaves the nodes waiting.')
      : nodes > 1
        ? trans.__('The %1 nodes can use it only while they run on the same machine.', nodes)
        : undefined;
  return (
    <>
      {line('name', trans.__('Name of the claim'))}
      {line('size', trans.__('Size'))}
      <Field htmlFor={id} label={trans.__('Access mode')} hint={hint}>
        <HTMLSelect
          {...describe(id, hint)}
          aria-disabled={busy || undefined}
          value={draft.mode}
          options={[
            { value: 'ReadWriteOnce', label: trans.__('ReadWriteOnce: pods of one machine') },
            { value: 'ReadWriteMany', label: trans.__('ReadWriteMany: pods of many machines') }
          ]}
          onChange={event => state.edit({ mode: event.currentTarget.value as AccessMode })}
        />
      </Field>
      {line('storageClass', trans.__('Storage class'), trans.__('the default of the cluster'))}
    </>
  );
}
