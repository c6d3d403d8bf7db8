import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useRef } from 'react';

import type { IKind } from '../../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../../client/kubernetes/object';
import { type ILineProps, Line } from '../../form/line';
import { type IRow, PairList, TextList } from '../../form/rows';
import { TextButton } from '../../viewState';
import { useAccess } from '../access';
import type { IKubernetes } from '../connection';
import { isLocked, type ObjectForm, type IObjectFormState } from './objectForm';
import { rowErrors } from './problems';
import { YamlPane } from './yamlPane';

/** A form that makes an object, with the YAML beside it. */
export interface IObjectFormViewProps<O extends IKubernetesObject, D extends object> {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  editors: IEditorServices | null;
  model: ObjectForm<O, D, IObjectFormState<D>>;
  /** The model's state, which the caller follows. */
  state: IObjectFormState<D>;
  kind: IKind<O>;
  /** Where the object is to be. */
  namespace: string;
  title: string;
  words: {
    /** What the fields are of. */
    form: string;
    /** The editor's name for screen readers. */
    yaml: string;
  };
  /** Buttons after *Create* and *Check*. */
  actions?: React.ReactNode;
  onCreated: (made: O) => void;
  /** The fields; `locked` while they cannot be edited. */
  children: (locked: boolean) => React.ReactNode;
}

/** What takes the keyboard after a refusal: the first field that is wrong, else the sentence above the form. */
const FIRST_WRONG = [
  ...['input', 'select', 'textarea'].map(each => `${each}[aria-invalid="true"]`),
  '[aria-invalid="true"] input',
  '[role="alert"][tabindex]'
].join();

/** Draws the form. Ctrl+Enter creates the object. */
export function ObjectFormView<O extends IKubernetesObject, D extends object>(
  props: IObjectFormViewProps<O, D>
): JSX.Element {
  const { trans, kubernetes, model, state, kind, namespace, words } = props;
  const { sides, problems, busy } = state;
  const access = useAccess(kubernetes.client, { verb: 'create', kind, namespace }, trans);
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The click comes after the pointer was let go, wherever that was.
    const release = () => setTimeout(() => model.press(false));
    window.addEventListener('pointerup', release);
    window.addEventListener('pointercancel', release);
    return () => {
      window.removeEventListener('pointerup', release);
      window.removeEventListener('pointercancel', release);
    };
  }, [model]);
  useEffect(() => {
    // The tab that opens has the keyboard; somebody who went on meanwhile keeps it.
    if (document.activeElement?.contains(form.current)) {
      form.current?.querySelector<HTMLElement>('fieldset input')?.focus();
    }
  }, []);
  useEffect(() => {
    if (state.failures > 0) {
      form.current?.querySelector<HTMLElement>(FIRST_WRONG)?.focus();
    }
  }, [state.failures]);
  const reason =
    access?.allowed === false
      ? access.reason
      : sides.problem
        ? trans.__('The YAML has to be mended first.')
        : undefined;
  const create = async () => {
    const made = await model.create();
    if (made) {
      props.onCreated(made);
    }
  };
  const locked = isLocked(state);
  return (
    <div
      ref={form}
      className="jp-Kubeflow-Create"
      onPointerDownCapture={() => model.press(true)}
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !reason) {
          event.preventDefault();
          void create();
        }
      }}
    >
      <header className="jp-Kubeflow-Create-header">
        <h1>{props.title}</h1>
        <div className="jp-Kubeflow-Create-actions" role="toolbar" aria-label={trans.__('Actions')}>
          <TextButton
            primary
            reason={reason}
            disabled={busy !== undefined}
            onClick={() => void create()}
          >
            {busy === 'create' ? trans.__('Creating…') : trans.__('Create')}
          </TextButton>
          <TextButton
            reason={reason}
            disabled={busy !== undefined}
            onClick={() => void model.check()}
          >
            {busy === 'check' ? trans.__('Checking…') : trans.__('Check')}
          </TextButton>
          {props.actions}
        </div>
      </header>
      {problems.top.length > 0 && (
        <div className="jp-Kubeflow-notice jp-mod-failed" role="alert" tabIndex={-1}>
          <div>
            {problems.top.map(each => (
              <p key={each}>{each}</p>
            ))}
          </div>
        </div>
      )}
      {state.accepted && (
        <div className="jp-Kubeflow-notice" role="status">
          <p>{trans.__('The server accepts this.')}</p>
        </div>
      )}
      {state.recalled && (
        <div className="jp-Kubeflow-notice" role="status">
          <p>{trans.__('This is what you have typed here last.')}</p>
          <TextButton onClick={() => model.reset()}>{trans.__('Begin anew')}</TextButton>
        </div>
      )}
      <div className="jp-Kubeflow-Create-sides">
        <section className="jp-Kubeflow-Create-form" aria-label={trans.__('Form')}>
          <fieldset className="jp-Kubeflow-Form" disabled={locked}>
            <legend className="jp-Kubeflow-spoken">{words.form}</legend>
            {props.children(locked)}
          </fieldset>
        </section>
        <YamlPane
          sides={sides}
          kind={kind}
          label={words.yaml}
          onChange={typed => model.editText(typed)}
          kubernetes={kubernetes}
          editors={props.editors}
          trans={trans}
        />
      </div>
    </div>
  );
}

/** The fields of a draft `D` that hold a `T`. */
type FieldOf<D, T> = {
  [K in keyof D & string]: D[K] extends T ? K : never;
}[keyof D & string];

/** A field of a draft that holds a `T`, in a form. */
interface IDraftField<D extends object, T> {
  field: FieldOf<D, T>;
  model: Pick<ObjectForm<IKubernetesObject, D, IObjectFormState<D>>, 'edit' | 'leave'>;
  state: IObjectFormState<D>;
}

/** A `Line` for a field of a draft that is one text. */
export function DraftLine<D extends object>(
  props: Omit<ILineProps, 'value' | 'error' | 'readOnly' | 'onChange' | 'onBlur'> &
    IDraftField<D, string>
): JSX.Element {
  const { field, model, state, ...line } = props;
  return (
    <Line
      {...line}
      value={state.sides.draft[field] as string}
      error={state.problems.fields[field]}
      readOnly={isLocked(state)}
      onBlur={() => model.leave(field)}
      onChange={value => model.edit({ [field]: value } as Partial<D>)}
    />
  );
}

/** A `TextList` for a field of a draft that is a list of texts. */
export function DraftTexts<D extends object>(
  props: Omit<React.ComponentProps<typeof TextList>, 'items' | 'readOnly' | 'onChange'> &
    IDraftField<D, string[]>
): JSX.Element {
  const { field, model, state, ...list } = props;
  return (
    <TextList
      {...list}
      items={state.sides.draft[field] as string[]}
      readOnly={isLocked(state)}
      onChange={items => model.edit({ [field]: items } as Partial<D>)}
    />
  );
}

/** A `PairList` for a field of a draft that is a list of names and values. */
export function DraftPairs<D extends object>(
  props: Omit<
    React.ComponentProps<typeof PairList>,
    'rows' | 'errors' | 'readOnly' | 'onChange' | 'onBlur'
  > &
    IDraftField<D, IRow[]>
): JSX.Element {
  const { field, model, state, ...list } = props;
  const rows = state.sides.draft[field] as IRow[];
  return (
    <PairList
      {...list}
      rows={rows}
      errors={rowErrors(state.problems, field, rows.length)}
      readOnly={isLocked(state)}
      onBlur={index => model.leave(`${field}.${index}`)}
      onChange={changed => model.edit({ [field]: changed } as Partial<D>)}
    />
  );
}
