import { Clipboard } from '@jupyterlab/apputils';
import { CodeEditor, type IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useMemo, useRef } from 'react';
import { stringify } from 'yaml';

import { saveAs } from './saveAs';
import { TextButton } from './viewState';

/** An object as YAML in JupyterLab's editor, read-only, to copy or download; as plain text where there is no editor. */
export function YamlView(props: {
  trans: TranslationBundle;
  editors: IEditorServices | null;
  value: Record<string, unknown>;
  /** Of the file that is downloaded, without `.yaml`. */
  name: string;
  /** Further buttons, before *Copy* and *Download*. */
  children?: React.ReactNode;
}): JSX.Element {
  const { trans, value, name, editors } = props;
  const text = useMemo(() => stringify(value, { lineWidth: 0 }), [value]);
  const label = trans.__('YAML of %1', name);
  return (
    <div className="jp-Kubeflow-yaml">
      <div className="jp-Kubeflow-yaml-toolbar">
        {props.children}
        <TextButton onClick={() => Clipboard.copyToSystem(text)}>{trans.__('Copy')}</TextButton>
        <TextButton onClick={() => saveAs(new Blob([text]), `${name}.yaml`)}>
          {trans.__('Download')}
        </TextButton>
      </div>
      {editors ? (
        <Editor editors={editors} text={text} label={label} />
      ) : (
        <pre tabIndex={0} aria-label={label}>
          {text}
        </pre>
      )}
    </div>
  );
}

function Editor(props: { editors: IEditorServices; text: string; label: string }): JSX.Element {
  const { editors, text, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor.IEditor | null>(null);

  useEffect(() => {
    const model = new CodeEditor.Model({ mimeType: 'text/x-yaml' });
    const created = editors.factoryService.newDocumentEditor({
      host: host.current!,
      model,
      config: { readOnly: true, lineNumbers: true, codeFolding: true, highlightActiveLine: false }
    });
    created.host.querySelector('[role="textbox"]')?.setAttribute('aria-label', label);
    editor.current = created;
    return () => {
      editor.current = null;
      created.dispose();
      model.dispose();
    };
  }, [editors, label]);
  useEffect(() => {
    // Live objects are read again and again: the place in the text stays unless the text has changed.
    const shared = editor.current?.model.sharedModel;
    if (shared && shared.getSource() !== text) {
      shared.setSource(text);
    }
  }, [editors, label, text]);
  return <div ref={host} className="jp-Kubeflow-yaml-editor" />;
}
