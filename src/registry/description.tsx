import { editIcon } from '@jupyterlab/ui-components';
import { useEffect, useRef, useState } from 'react';

import { IconButton } from '../ui/iconButton';
import { TextButton } from '../ui/viewState';
import { type IEntry, saveDescription } from './actions';
import type { RegistryContext } from './context';
import { useSaving } from './editing';
import { Markdown } from './markdown';

/** The description, as Markdown; edited in place. Ctrl+Enter saves, Escape leaves it as it was. */
export function Description(props: {
  context: RegistryContext;
  entry: IEntry;
  readOnly: boolean;
}): JSX.Element {
  const { context, entry, readOnly } = props;
  const { trans, services } = context;
  const now = entry.object.description ?? '';
  const [draft, setDraft] = useState<{ text: string; before: string }>();
  const area = useRef<HTMLTextAreaElement>(null);
  const edit = useRef<HTMLDivElement>(null);
  const saving = useSaving(trans);
  const isEdited = draft !== undefined;
  useEffect(() => area.current?.focus(), [isEdited]);
  const leave = () => {
    setDraft(undefined);
    saving.forget();
    edit.current?.querySelector('button')?.focus();
  };
  const save = () => {
    if (draft && !saving.busy) {
      saving.run(
        () => saveDescription(context, entry, draft.text, draft.before),
        leave,
        () => saveDescription(context, entry, draft.text)
      );
    }
  };
  return (
    <section>
      <div ref={edit} className="jp-Kubeflow-heading">
        <h2>{trans.__('Description')}</h2>
        {!readOnly && !draft && (
          <IconButton
            icon={editIcon}
            label={trans.__('Edit description')}
            onClick={() => setDraft({ text: now, before: now })}
          />
        )}
      </div>
      {draft ? (
        <>
          <textarea
            ref={area}
            className="jp-mod-styled jp-Kubeflow-Form-text jp-Kubeflow-description"
            aria-label={trans.__('Description, as Markdown')}
            rows={Math.min(20, Math.max(5, draft.text.split('\n').length + 1))}
            value={draft.text}
            onChange={event => setDraft({ ...draft, text: event.currentTarget.value })}
            onKeyDown={event => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                save();
              } else if (event.key === 'Escape' && draft.text === draft.before) {
                leave();
              }
            }}
          />
          {saving.problem}
          <div className="jp-Kubeflow-edit-buttons">
            <TextButton onClick={leave}>{trans.__('Cancel')}</TextButton>
            <TextButton primary disabled={saving.busy} onClick={save}>
              {saving.busy ? trans.__('Saving…') : trans.__('Save description')}
            </TextButton>
          </div>
        </>
      ) : now ? (
        <Markdown rendermime={services.rendermime} text={now} />
      ) : (
        <p className="jp-Kubeflow-quiet">{trans.__('None yet.')}</p>
      )}
    </section>
  );
}
