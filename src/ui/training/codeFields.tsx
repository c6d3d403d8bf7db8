/** Fields of code that is read of a file or notebook. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import { useId } from 'react';

import { CodeText } from '../codeText';
import { describe, Field } from '../form/parameterField';
import type { IPanelParts } from '../panelContext';
import { TextButton } from '../viewState';
import { browse } from './browse';
import type { IFunction, ISourceProblem } from './source';
import type { ICodeOrigin, INamedTraining, ITrainingState } from './trainingForm';

/** What the fields are given. */
export interface ICodeFieldsProps {
  context: Pick<IPanelParts, 'trans' | 'services'>;
  model: {
    setOrigin(change: Partial<Pick<ICodeOrigin, 'path' | 'function'>>): void;
    readOrigin(replace?: boolean): Promise<void>;
  };
  state: ITrainingState<INamedTraining, ICodeOrigin, unknown>;
  locked: boolean;
}

/** The file or notebook; `children`, which are about what was read of it; and its code, by a line that says how it travels. */
export function CodeFields(
  props: ICodeFieldsProps & {
    travels: (code: string, file: string) => string;
    children: React.ReactNode;
  }
): JSX.Element {
  const { context, model, state, locked } = props;
  const { trans } = context;
  const { origin, sourceError, sides, handmade, reading } = state;
  const { code } = sides.draft;
  return (
    <>
      <CodePath {...props} />
      {props.children}
      {code.kind === 'script' && !sourceError && origin.path !== '' && (
        <Preview
          summary={props.travels(code.script.text, code.script.file)}
          text={code.script.text}
        />
      )}
      {handmade && origin.path !== '' && (
        <div className="jp-Kubeflow-notice" role="status">
          <p>{trans.__('The code was changed in the YAML, and stays as it is there.')}</p>
          <TextButton disabled={locked || reading} onClick={() => void model.readOrigin(true)}>
            {trans.__('Take the file’s code')}
          </TextButton>
        </div>
      )}
    </>
  );
}

function CodePath({ context, model, state, locked }: ICodeFieldsProps): JSX.Element {
  const { trans, services } = context;
  const { documents } = services;
  const { origin, sourceError } = state;
  const id = useId();
  const isFile = origin.kind === 'file';
  const take = (path: string | undefined) => path && model.setOrigin({ path });
  return (
    <Field
      htmlFor={id}
      label={isFile ? trans.__('Python file') : trans.__('Notebook')}
      error={sourceError}
    >
      <div className="jp-Kubeflow-Create-path">
        <input
          {...describe(id, undefined, sourceError)}
          key={`${origin.kind} ${origin.path}`}
          className="jp-mod-styled jp-Kubeflow-Form-text"
          type="text"
          autoComplete="off"
          spellCheck={false}
          placeholder={trans.__('for example %1', isFile ? 'train.py' : 'train.ipynb')}
          readOnly={locked}
          defaultValue={origin.path}
          onBlur={event => model.setOrigin({ path: event.currentTarget.value.trim() })}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              model.setOrigin({ path: event.currentTarget.value.trim() });
            }
          }}
        />
        {documents && (
          <TextButton
            disabled={locked}
            onClick={() => void browse(documents, isFile, trans).then(take)}
          >
            {trans.__('Browse…')}
          </TextButton>
        )}
      </div>
    </Field>
  );
}

/** What is to be told of the code. */
export function Notices(props: {
  notices: readonly ISourceProblem[];
  trans: TranslationBundle;
}): JSX.Element | null {
  const { notices, trans } = props;
  return notices.length === 0 ? null : (
    <ul className="jp-Kubeflow-Form-notices" role="status">
      {notices.map(({ cell, message }, index) => (
        <li key={index}>
          <CodeText text={cell === null ? message : trans.__('Cell %1: %2', cell, message)} />
        </li>
      ))}
    </ul>
  );
}

/** Code below a line that unfolds it. */
export function Preview(props: { summary: string; text: string }): JSX.Element {
  return (
    <details className="jp-Kubeflow-Create-preview">
      <summary>{props.summary}</summary>
      <pre tabIndex={0}>{props.text}</pre>
    </details>
  );
}

/** The function of the notebook; `none` where it has none. One that it does not define any more stays until another is chosen. */
export function FunctionField(
  props: ICodeFieldsProps & {
    functions: readonly Pick<IFunction, 'name' | 'cell'>[];
    none: string;
  }
): JSX.Element {
  const { context, model, state, locked, functions, none } = props;
  const { trans } = context;
  const { origin, problems } = state;
  const id = useId();
  const error = problems.fields['function'];
  if (functions.length === 0) {
    return <p className="jp-Kubeflow-Form-hint">{none}</p>;
  }
  const isDefined = functions.some(each => each.name === origin.function);
  return (
    <Field htmlFor={id} label={trans.__('Function')} error={error}>
      <HTMLSelect
        {...describe(id, undefined, error)}
        disabled={locked}
        value={origin.function}
        options={[
          ...(isDefined ? [] : [{ value: origin.function, label: origin.function }]),
          ...functions.map(each => ({
            value: each.name,
            label: trans.__('%1 (cell %2)', each.name, each.cell)
          }))
        ]}
        onChange={event => model.setOrigin({ function: event.currentTarget.value })}
      />
    </Field>
  );
}
