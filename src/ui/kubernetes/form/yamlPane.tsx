import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useRef, useState } from 'react';

import type { IKindName } from '../../../client/kubernetes/kind';
import type { IKindSchema } from '../../../client/kubernetes/openApi';
import type { IKubernetes } from '../connection';
import { EditorHost, type IEditorHandle } from '../editorHost';
import type { IPlacedProblem } from '../schemaExtensions';
import { check } from '../schemaTree';
import { parse, placeOf } from '../yamlText';
import { syntaxProblems } from '../yamlWords';
import { TextButton } from '../../viewState';
import type { ISides } from './sides';

/** An object as YAML, beside the form that makes it. */
export function YamlPane<D>(props: {
  sides: ISides<D>;
  kind: IKindName;
  /** The editor's name for screen readers. */
  label: string;
  onChange: (text: string) => void;
  kubernetes: IKubernetes;
  editors: IEditorServices | null;
  trans: TranslationBundle;
}): JSX.Element {
  const { sides, kind, kubernetes, trans } = props;
  const editor = useRef<IEditorHandle>(null);
  const shown = useRef(sides.text);
  const [schema, setSchema] = useState<IKindSchema>();

  useEffect(() => {
    let gone = false;
    void kubernetes.openApi
      .schema(`${kind.group}/${kind.versions[0]}`, kind.kind)
      .then(found => gone || setSchema(found))
      .catch((error: unknown) => console.warn('Kubeflow: no schema for the editor.', error));
    return () => {
      gone = true;
    };
  }, [kubernetes, kind]);
  useEffect(() => {
    if (shown.current !== sides.text) {
      shown.current = sides.text;
      editor.current?.setText(sides.text);
    }
  }, [sides.text]);

  return (
    <section className="jp-Kubeflow-Create-yaml" aria-label={trans.__('YAML')}>
      {sides.problem && (
        <div className="jp-Kubeflow-notice jp-mod-failed" role="alert">
          <p>
            {trans.__(
              'Line %1 is no YAML: %2 The form waits until it is mended.',
              sides.problem.line,
              sides.problem.message
            )}
          </p>
          <TextButton onClick={() => editor.current?.goTo(sides.problem!.from)}>
            {trans.__('Go to it')}
          </TextButton>
        </div>
      )}
      <EditorHost
        trans={trans}
        editors={props.editors}
        text={sides.text}
        label={props.label}
        focus={false}
        schema={schema}
        problems={text => problemsOf(text, schema)}
        onChange={text => {
          shown.current = text;
          props.onChange(text);
        }}
        handle={editor}
      />
    </section>
  );
}

/** What does not parse, else what the schema does not allow, with their places. */
function problemsOf(text: string, schema: IKindSchema | undefined): IPlacedProblem[] {
  const document = parse(text);
  if (document.errors.length > 0) {
    return syntaxProblems(text, document).map(each => ({ ...each, to: each.from + 1 }));
  }
  const problems = schema ? check(document.toJS(), schema) : [];
  return problems.map(each => ({ ...each, ...placeOf(document, each.path) }));
}
