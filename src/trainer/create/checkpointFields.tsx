import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useState } from 'react';

import { Line } from '../../ui/form/line';
import { useAccess } from '../../ui/kubernetes/access';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { TextButton } from '../../ui/viewState';
import { claims as claimKind } from './claims';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';

/** The volume claim for checkpoints and where nodes have it. */
export function CheckpointFields(props: {
  model: FormModel;
  state: IFormState;
  locked: boolean;
  namespace: string;
  /** Those that there are; undefined where they may not be listed. */
  claims: readonly string[] | undefined;
  kubernetes: IKubernetes;
  /** How many nodes are to use it. */
  nodes: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, state, locked, namespace, kubernetes, nodes, trans } = props;
  const [made, setMade] = useState<readonly string[]>([]);
  const claims = props.claims && [...new Set([...props.claims, ...made])];
  useEffect(() => setMade([]), [kubernetes, namespace]);
  const access = useAccess(
    kubernetes.client,
    { verb: 'create', kind: claimKind, namespace },
    trans
  );
  const { checkpoint } = state.sides.draft;
  const absent =
    claims !== undefined && checkpoint.claim !== '' && !claims.includes(checkpoint.claim);
  const create = async () => {
    const dialog = await import('./createClaim');
    const name = await dialog.createClaim({
      client: kubernetes.client,
      namespace,
      name: absent ? checkpoint.claim : '',
      nodes,
      trans
    });
    if (name !== null) {
      const { path } = model.state.sides.draft.checkpoint;
      setMade(before => [...before, name]);
      model.edit({ checkpoint: { claim: name, path: path || '/checkpoints' } });
    }
  };
  const field = (key: 'claim' | 'path', label: string, placeholder: string, hint?: string) => {
    return (
      <Line
        label={label}
        hint={hint}
        placeholder={placeholder}
        suggestions={key === 'claim' ? (claims ?? []) : undefined}
        value={checkpoint[key]}
        error={state.problems.fields[`checkpoint.${key}`]}
        readOnly={locked}
        onBlur={() => model.leave(`checkpoint.${key}`)}
        onChange={value => model.edit({ checkpoint: { ...checkpoint, [key]: value } })}
      />
    );
  };
  return (
    <>
      <div className="jp-Kubeflow-Form-pair">
        {field(
          'claim',
          trans.__('Volume claim for checkpoints'),
          trans.__('none'),
          absent
            ? trans.__('There is no such claim in %1: the nodes would wait for it.', namespace)
            : undefined
        )}
        {field('path', trans.__('Mounted at'), '/checkpoints')}
      </div>
      <div>
        <TextButton
          disabled={locked}
          reason={access?.allowed === false ? access.reason : undefined}
          onClick={() => void create()}
        >
          {trans.__('Create claim…')}
        </TextButton>
      </div>
    </>
  );
}
