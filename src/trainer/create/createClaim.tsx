/** *Create claim…*: a small dialog that makes a PersistentVolumeClaim. */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, VDomModel, VDomRenderer } from '@jupyterlab/ui-components';
import { useId, useRef } from 'react';

import type { KubernetesClient } from '../../client/kubernetes/client';
import { useFirstFocus, WHERE_IT_IS } from '../../ui/form/firstFocus';
import { describe, Field } from '../../ui/form/parameterField';
import { FIELD_MANAGER } from '../../ui/kubernetes/editing';
import {
  type AccessMode,
  checkClaim,
  claimOf,
  type ClaimProblems,
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
export async function createClaim(options: ICreateClaimOptions): Promise<string | null> {
  return (await new ClaimDialog(options).launch()).value;
}

class ClaimModel extends VDomModel {
  constructor(readonly options: ICreateClaimOptions) {
    super();
    const { name, nodes } = options;
    const mode = nodes > 1 ? 'ReadWriteMany' : 'ReadWriteOnce';
    this.draft = { name, size: '1Gi', mode, storageClass: '' };
  }

  draft: IClaimDraft;
  problems: ClaimProblems = {};
  busy = false;

  edit(change: Partial<IClaimDraft>): void {
    this.draft = { ...this.draft, ...change };
    this.problems = {};
    this.stateChanged.emit();
  }

  /** Makes the claim; `null` when something is wrong, which is then shown. */
  async create(): Promise<string | null> {
    const { client, namespace, trans } = this.options;
    const { draft } = this;
    if (this.busy) {
      return null;
    }
    this.problems = checkClaim(draft, trans);
    this.busy = Object.keys(this.problems).length === 0;
    this.stateChanged.emit();
    if (!this.busy) {
      return null;
    }
    try {
      await client
        .resource(claims)
        .create(claimOf(draft, namespace), { fieldManager: FIELD_MANAGER });
      return draft.name;
    } catch (error) {
      this.problems = refusedClaim(error, draft, namespace, trans);
      return null;
    } finally {
      this.busy = false;
      this.stateChanged.emit();
    }
  }
}

class ClaimBody extends VDomRenderer<ClaimModel> {
  created: string | null = null;

  getValue(): string | null {
    return this.created;
  }

  protected override render(): JSX.Element {
    return <ClaimFields model={this.model} />;
  }
}

/** It stays open until the claim was made or the person leaves it. */
class ClaimDialog extends Dialog<string | null> {
  constructor(options: ICreateClaimOptions) {
    const { trans, namespace } = options;
    const model = new ClaimModel(options);
    const body = new ClaimBody(model);
    const title = trans.__('New volume claim in %1', namespace);
    super({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Create claim') })
      ],
      focusNodeSelector: WHERE_IT_IS
    });
    this.addClass('jp-Kubeflow-SubmitDialog');
    this.node.setAttribute('aria-label', title);
    // A click beside the fields leaves the focus in the dialog, where Enter and Escape are heard.
    this.node.tabIndex = -1;
    this._claim = model;
    this._claimBody = body;
  }

  /** Makes the claim when its button is meant. */
  override resolve(index = 1): void {
    if (index !== 1) {
      super.resolve(index);
      return;
    }
    void this._claim.create().then(name => {
      if (name !== null && !this.isDisposed) {
        this._claimBody.created = name;
        super.resolve(1);
      }
    });
  }

  private readonly _claim: ClaimModel;
  private readonly _claimBody: ClaimBody;
}

function ClaimFields({ model }: { model: ClaimModel }): JSX.Element {
  const { draft, problems, busy, options } = model;
  const { trans, nodes } = options;
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  useFirstFocus(form);
  const line = (field: 'name' | 'size' | 'storageClass', label: string, placeholder?: string) => (
    <Field htmlFor={`${id}-${field}`} label={label} error={problems[field]}>
      <input
        {...describe(`${id}-${field}`, undefined, problems[field])}
        className="jp-mod-styled jp-Kubeflow-Form-text"
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        readOnly={busy}
        value={draft[field]}
        onChange={event => model.edit({ [field]: event.currentTarget.value.trim() })}
      />
    </Field>
  );
  const hint =
    draft.mode === 'ReadWriteMany'
      ? trans.__('Not every storage class can do this; one that cannot leaves the nodes waiting.')
      : nodes > 1
        ? trans.__('The %1 nodes can use it only while they run on the same machine.', nodes)
        : undefined;
  return (
    <form
      ref={form}
      className="jp-Kubeflow-Form"
      aria-busy={busy}
      onSubmit={event => event.preventDefault()}
    >
      {line('name', trans.__('Name of the claim'))}
      {line('size', trans.__('Size'))}
      <Field htmlFor={`${id}-mode`} label={trans.__('Access mode')} hint={hint}>
        <HTMLSelect
          {...describe(`${id}-mode`, hint)}
          aria-disabled={busy || undefined}
          value={draft.mode}
          options={[
            { value: 'ReadWriteOnce', label: trans.__('ReadWriteOnce: pods of one machine') },
            { value: 'ReadWriteMany', label: trans.__('ReadWriteMany: pods of many machines') }
          ]}
          onChange={event => model.edit({ mode: event.currentTarget.value as AccessMode })}
        />
      </Field>
      {line('storageClass', trans.__('Storage class'), trans.__('the default of the cluster'))}
      <div className="jp-Kubeflow-Form-status">
        <span role="status">{busy ? trans.__('Creating…') : ''}</span>
        {problems[''] && (
          <p className="jp-Kubeflow-Form-failure" role="alert" tabIndex={-1}>
            {problems['']}
          </p>
        )}
      </div>
    </form>
  );
}
