import { CodeEditor, type IEditorServices } from '@jupyterlab/codeeditor';
import type { EditorView } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useImperativeHandle, useRef } from 'react';

import type { IKindSchema } from '../../client/kubernetes/openApi';
import type { IPlacedProblem } from './schemaExtensions';

/** What code outside can ask of the editor. */
export interface IEditorHandle {
  /** Another text, as after a reload; undo leads back. */
  setText(text: string): void;
  /** Shows what is wrong now. */
  lint(): void;
  /** Puts the cursor at an offset. */
  goTo(offset: number): void;
}

/** JupyterLab's editor with completion, help and checks by a schema; a text field where there is no editor. */
export function EditorHost(props: {
  trans: TranslationBundle;
  editors: IEditorServices | null;
  /** The text to begin with. */
  text: string;
  label: string;
  /** Whether it takes the keyboard when it is there; true when left out. */
  focus?: boolean;
  schema: IKindSchema | undefined;
  problems: (text: string) => IPlacedProblem[];
  onChange: (text: string) => void;
  handle: React.Ref<IEditorHandle>;
}): JSX.Element {
  const { editors, label, trans } = props;
  const host = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const parts = useRef<{
    editor?: CodeEditor.IEditor;
    lint?: (view: EditorView) => void;
    goTo?: (view: EditorView, at: number) => void;
  }>({});
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (!editors) {
      return;
    }
    let gone = false;
    let end = () => {
      gone = true;
    };
    void import('./schemaExtensions').then(({ schemaExtensions, lintNow, goTo }) => {
      if (gone || !host.current) {
        return;
      }
      const model = new CodeEditor.Model({ mimeType: 'text/x-yaml' });
      model.sharedModel.setSource(latest.current.text);
      const editor = editors.factoryService.newDocumentEditor({
        host: host.current,
        model,
        config: { lineNumbers: true, codeFolding: true, tabSize: 2, indentUnit: '2' },
        extensions: [
          schemaExtensions({
            trans,
            schema: () => latest.current.schema,
            problems: text => latest.current.problems(text),
            onChange: text => latest.current.onChange(text)
          })
        ]
      });
      editor.host.querySelector('[role="textbox"]')?.setAttribute('aria-label', label);
      parts.current = { editor, lint: lintNow, goTo };
      if (latest.current.focus !== false) {
        editor.focus();
      }
      end = () => {
        parts.current = {};
        editor.dispose();
        model.dispose();
      };
    });
    return () => end();
  }, [editors, label, trans]);

  useEffect(() => {
    const { editor, lint } = parts.current;
    if (editor && lint) {
      lint(viewOf(editor));
    }
  }, [props.schema]);
  useImperativeHandle(props.handle, () => ({
    setText: text => {
      replaceChanged(parts.current.editor, text);
      if (area.current) {
        area.current.value = text;
      }
    },
    lint: () => {
      const { editor, lint } = parts.current;
      if (editor && lint) {
        lint(viewOf(editor));
      }
    },
    goTo: offset => {
      const { editor, goTo } = parts.current;
      if (editor && goTo) {
        goTo(viewOf(editor), offset);
      }
      area.current?.focus();
      area.current?.setSelectionRange(offset, offset);
    }
  }));

  return editors ? (
    <div ref={host} className="jp-Kubeflow-yaml-editor" />
  ) : (
    <textarea
      ref={area}
      className="jp-Kubeflow-yaml-text"
      aria-label={label}
      defaultValue={props.text}
      spellCheck={false}
      onChange={event => props.onChange(event.currentTarget.value)}
    />
  );
}

/** Puts another text into an editor, in the place of what differs: the cursor and what is on the screen stay. */
function replaceChanged(editor: CodeEditor.IEditor | undefined, text: string): void {
  const shared = editor?.model.sharedModel;
  const before = shared?.getSource() ?? '';
  let start = 0;
  while (start < before.length && start < text.length && before[start] === text[start]) {
    start += 1;
  }
  let end = 0;
  const most = Math.min(before.length, text.length) - start;
  while (end < most && before[before.length - 1 - end] === text[text.length - 1 - end]) {
    end += 1;
  }
  shared?.updateSource(start, before.length - end, text.slice(start, text.length - end));
}

/** CodeMirror's view of JupyterLab's editor. */
function viewOf(editor: CodeEditor.IEditor): EditorView {
  return (editor as unknown as { editor: EditorView }).editor;
}
