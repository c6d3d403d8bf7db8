import { closeIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import { LABEL } from '../client/registryProperties';
import { IconButton } from '../ui/iconButton';
import { TextButton } from '../ui/viewState';
import { type IEntry, saveProperties } from './actions';
import type { RegistryContext } from './context';
import { useSaving } from './editing';
import { labelsOf } from './model/properties';

/** The labels: added by typing one and Enter, removed one by one. */
export function Labels(props: {
  context: RegistryContext;
  entry: IEntry;
  readOnly: boolean;
}): JSX.Element {
  const { context, entry, readOnly } = props;
  const { trans } = context;
  const custom = entry.object.customProperties ?? {};
  const labels = labelsOf(custom);
  const [text, setText] = useState('');
  const saving = useSaving(trans);
  const wanted = text.trim();
  const taken =
    wanted !== '' && wanted in custom
      ? labels.includes(wanted)
        ? trans.__('There is this label already.')
        : trans.__('A property has this name. Remove it first, or choose another word.')
      : undefined;
  const add = () => {
    if (wanted && !taken && !saving.busy) {
      saving.run(
        () => saveProperties(context, entry, { [wanted]: LABEL }, custom),
        () => setText('')
      );
    }
  };
  const remove = (label: string) =>
    saving.run(
      () => saveProperties(context, entry, { [label]: null }),
      () => undefined
    );
  return (
    <section>
      <h2>{trans.__('Labels')}</h2>
      <ul className="jp-Kubeflow-labels" aria-label={trans.__('Labels')}>
        {labels.map(label => (
          <li key={label}>
            <bdi>{label}</bdi>
            {!readOnly && (
              <IconButton
                icon={closeIcon}
                label={trans.__('Remove label %1', label)}
                disabled={saving.busy}
                onClick={() => remove(label)}
              />
            )}
          </li>
        ))}
        {labels.length === 0 && readOnly && (
          <li className="jp-mod-none">{trans.__('None yet.')}</li>
        )}
        {!readOnly && (
          <li className="jp-mod-add">
            <input
              className="jp-mod-styled jp-Kubeflow-Form-text"
              aria-label={trans.__('New label')}
              placeholder={trans.__('Add a label…')}
              maxLength={63}
              value={text}
              onChange={event => setText(event.currentTarget.value)}
              onKeyDown={event => {
                if (event.key === 'Enter') {
                  event.preventDefault();
                  add();
                } else if (event.key === 'Escape') {
                  setText('');
                }
              }}
            />
            {wanted && !taken && (
              <TextButton disabled={saving.busy} onClick={add}>
                {trans.__('Add')}
              </TextButton>
            )}
          </li>
        )}
      </ul>
      {taken && (
        <div className="jp-Kubeflow-edit-problem" role="alert">
          {taken}
        </div>
      )}
      {saving.problem}
    </section>
  );
}
