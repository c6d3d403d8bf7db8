import { addIcon, deleteIcon, editIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import { formatNumber } from '../ui/format';
import { IconButton } from '../ui/iconButton';
import { TextButton } from '../ui/viewState';
import { type IEntry, saveProperties } from './actions';
import type { RegistryContext } from './context';
import { useSaving } from './editing';
import { type IProperty, isEditable, propertiesOf, retyped, typed } from './model/properties';

/** What is being typed: a new property, or another value of one. */
interface IDraft {
  /** The property that is changed; none for a new one. */
  of?: IProperty;
  name: string;
  text: string;
}

/** The custom properties: edited row by row. Numbers become numbers, all else text; a value that is changed keeps its type. */
export function Properties(props: {
  context: RegistryContext;
  entry: IEntry;
  readOnly: boolean;
}): JSX.Element {
  const { context, entry, readOnly } = props;
  const { trans } = context;
  const custom = entry.object.customProperties ?? {};
  const properties = propertiesOf(custom);
  const [draft, setDraft] = useState<IDraft>();
  const saving = useSaving(trans);
  const leave = () => {
    setDraft(undefined);
    saving.forget();
  };
  const problem = draft && problemOf(draft, Object.keys(custom), trans);
  const save = () => {
    if (!draft || problem || saving.busy) {
      return;
    }
    const { of, text } = draft;
    const name = draft.name.trim();
    const change = { [name]: of ? retyped(of.type, text) : typed(text) };
    saving.run(
      () => saveProperties(context, entry, change, custom),
      leave,
      () => saveProperties(context, entry, change)
    );
  };
  const remove = ({ name }: IProperty) =>
    saving.run(
      () => saveProperties(context, entry, { [name]: null }, custom),
      leave,
      () => saveProperties(context, entry, { [name]: null })
    );
  const row = (
    <PropertyFields
      context={context}
      draft={draft}
      problem={problem}
      busy={saving.busy}
      onDraft={setDraft}
      onSave={save}
      onLeave={leave}
    />
  );
  return (
    <section>
      <div className="jp-Kubeflow-heading">
        <h2>{trans.__('Properties')}</h2>
        {!readOnly && !draft && (
          <IconButton
            icon={addIcon}
            label={trans.__('Add property')}
            onClick={() => setDraft({ name: '', text: '' })}
          />
        )}
      </div>
      {properties.length === 0 && !draft ? (
        <p className="jp-Kubeflow-quiet">{trans.__('None yet.')}</p>
      ) : (
        <table className="jp-Kubeflow-keyValue" aria-label={trans.__('Properties')}>
          <tbody>
            {properties.map(property =>
              draft?.of?.name === property.name ? (
                <tr key={property.name}>
                  <td colSpan={3}>{row}</td>
                </tr>
              ) : (
                <tr key={property.name}>
                  <th scope="row" title={property.name}>
                    <bdi>{property.name}</bdi>
                  </th>
                  <td title={property.text}>
                    <bdi>
                      {property.type === 'number' && property.number !== undefined
                        ? formatNumber(property.number)
                        : property.text}
                    </bdi>
                  </td>
                  {!readOnly && (
                    <td className="jp-Kubeflow-row-buttons">
                      {isEditable(property) && (
                        <IconButton
                          icon={editIcon}
                          label={trans.__('Edit %1', property.name)}
                          onClick={() =>
                            setDraft({ of: property, name: property.name, text: property.text })
                          }
                        />
                      )}
                      <IconButton
                        icon={deleteIcon}
                        label={trans.__('Remove %1', property.name)}
                        disabled={saving.busy}
                        onClick={() => remove(property)}
                      />
                    </td>
                  )}
                </tr>
              )
            )}
            {draft && !draft.of && (
              <tr>
                <td colSpan={3}>{row}</td>
              </tr>
            )}
          </tbody>
        </table>
      )}
      {saving.problem}
    </section>
  );
}

/** What is wrong with a draft, as a sentence. */
function problemOf(
  { of, name, text }: IDraft,
  taken: readonly string[],
  trans: RegistryContext['trans']
): string | undefined {
  const wanted = name.trim();
  if (!of && wanted === '') {
    return trans.__('Give the property a name, for example dataset.');
  }
  if (!of && taken.includes(wanted)) {
    return trans.__('There is a property or label of this name: edit or remove that one.');
  }
  return text === '' ? trans.__('Give a value. A name without one is a label.') : undefined;
}

/** The fields of a draft. */
function PropertyFields(props: {
  context: RegistryContext;
  draft: IDraft | undefined;
  problem: string | undefined;
  busy: boolean;
  onDraft: (draft: IDraft) => void;
  onSave: () => void;
  onLeave: () => void;
}): JSX.Element | null {
  const { draft, problem, onDraft, onSave, onLeave } = props;
  const { trans } = props.context;
  const [tried, setTried] = useState(false);
  if (!draft) {
    return null;
  }
  const save = () => {
    setTried(true);
    onSave();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      save();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      onLeave();
    }
  };
  return (
    <>
      <div className="jp-Kubeflow-property" onKeyDown={onKeyDown}>
        {draft.of ? (
          <span className="jp-Kubeflow-property-name">{draft.name}</span>
        ) : (
          <input
            autoFocus
            className="jp-mod-styled jp-Kubeflow-Form-text"
            aria-label={trans.__('Name of the property')}
            placeholder={trans.__('Name')}
            value={draft.name}
            onChange={event => onDraft({ ...draft, name: event.currentTarget.value })}
          />
        )}
        <input
          autoFocus={draft.of !== undefined}
          className="jp-mod-styled jp-Kubeflow-Form-text"
          aria-label={trans.__('Value of the property')}
          placeholder={trans.__('Value')}
          value={draft.text}
          onChange={event => onDraft({ ...draft, text: event.currentTarget.value })}
        />
        <TextButton onClick={onLeave}>{trans.__('Cancel')}</TextButton>
        <TextButton primary disabled={props.busy} onClick={save}>
          {trans.__('Save')}
        </TextButton>
      </div>
      {tried && problem && (
        <div className="jp-Kubeflow-edit-problem" role="alert">
          {problem}
        </div>
      )}
    </>
  );
}
