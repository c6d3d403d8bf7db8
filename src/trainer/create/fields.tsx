/** Parts that the form is made of. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useId, useRef, useState } from 'react';

import { useAccess } from '../../ui/kubernetes/access';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { TextButton } from '../../ui/viewState';
import { describe, Field } from '../../ui/form/parameterField';
import { claims as claimKind } from './claims';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import type { IDraft } from './model';

/** The volume claim for checkpoints and where nodes have it. */
export function Checkpoint(props: {
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
  const id = useId();
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
    const error = state.problems.fields[`checkpoint.${key}`];
    return (
      <Field htmlFor={`${id}-${key}`} label={label} hint={hint} error={error}>
        <input
          {...describe(`${id}-${key}`, hint, error)}
          className="jp-mod-styled jp-Kubeflow-Form-text"
          type="text"
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          list={key === 'claim' ? `${id}-claims` : undefined}
          readOnly={locked}
          value={checkpoint[key]}
          onBlur={() => model.leave(`checkpoint.${key}`)}
          onChange={event =>
            model.edit({ checkpoint: { ...checkpoint, [key]: event.currentTarget.value } })
          }
        />
      </Field>
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
      <datalist id={`${id}-claims`}>
        {claims?.map(claim => (
          <option key={claim} value={claim} />
        ))}
      </datalist>
    </>
  );
}

/** The fields that are one text. */
type TextField = {
  [K in keyof IDraft]: IDraft[K] extends string ? K : never;
}[keyof IDraft];

/** What a field of one line is given. */
export interface ILineProps {
  field: TextField;
  label: string;
  hint?: string;
  placeholder?: string;
  numeric?: boolean;
  required?: boolean;
  suggestions?: readonly string[];
  model: FormModel;
  state: IFormState;
  locked: boolean;
}

/** A field of one line. */
export function Line(props: ILineProps): JSX.Element {
  const { field, label, hint, model, state, locked, suggestions } = props;
  const id = useId();
  const error = state.problems.fields[field];
  return (
    <Field htmlFor={id} label={label} hint={hint} error={error}>
      <input
        {...describe(id, hint, error)}
        className="jp-mod-styled jp-Kubeflow-Form-text"
        type="text"
        inputMode={props.numeric ? 'numeric' : undefined}
        autoComplete="off"
        spellCheck={false}
        aria-required={props.required}
        placeholder={props.placeholder}
        list={suggestions ? `${id}-list` : undefined}
        readOnly={locked}
        value={state.sides.draft[field]}
        onBlur={() => model.leave(field)}
        onChange={event => model.edit({ [field]: event.currentTarget.value })}
      />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map(each => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </Field>
  );
}

/** Fields that most jobs do without; open where one of them is used. */
export function More(props: {
  label: string;
  open: boolean;
  children: React.ReactNode;
}): JSX.Element {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (props.open && details.current) {
      details.current.open = true;
    }
  }, [props.open]);
  return (
    <details ref={details} className="jp-Kubeflow-Create-more">
      <summary>
        <h2>{props.label}</h2>
      </summary>
      <div>{props.children}</div>
    </details>
  );
}
