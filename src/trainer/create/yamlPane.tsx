import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useRef, useState } from 'react';

import type { IKindSchema } from '../../client/kubernetes/openApi';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { EditorHost, type IEditorHandle } from '../../ui/kubernetes/editorHost';
import type { IPlacedProblem } from '../../ui/kubernetes/schemaExtensions';
import { check } from '../../ui/kubernetes/schemaTree';
import { parse, placeOf } from '../../ui/kubernetes/yamlText';
import { syntaxProblems } from '../../ui/kubernetes/yamlWords';
import { TextButton } from '../../ui/viewState';
import type { ISides } from './sync';

/** The job as YAML beside the form. */
export function YamlPane(props: {
  sides: ISides;
  onChange: (text: string) => void;
  kubernetes: IKubernetes;
  editors: IEditorServices | null;
  trans: TranslationBundle;
}): JSX.Element {
  const { sides, kubernetes, trans } = props;
  const editor = useRef<IEditorHandle>(null);
  const shown = useRef(sides.text);
  const [schema, setSchema] = useState<IKindSchema>();

  useEffect(() => {
    let gone = false;
    void kubernetes.openApi
      .schema('trainer.kubeflow.org/v1alpha1', 'TrainJob')
      .then(found => gone || setSchema(found))
      .catch((error: unknown) => console.warn('Kubeflow: no schema for the editor.', error));
    return () => {
      gone = true;
    };
  }, [kubernetes]);
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
        label={trans.__('YAML of the training job')}
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
