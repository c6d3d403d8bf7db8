import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useId, useRef, useState } from 'react';

import { Emphasis } from './emphasis';
import { type IParameter, typeWords } from './parameters';

/** A labelled control with its description and its error. */
export function Field(props: {
  label: React.ReactNode;
  /** The control's id. */
  htmlFor: string;
  hint?: React.ReactNode;
  error?: React.ReactNode;
  children: React.ReactNode;
}): JSX.Element {
  const { label, htmlFor, hint, error, children } = props;
  return (
    <div className="jp-Kubeflow-Form-field" data-invalid={error ? true : undefined}>
      <label className="jp-Kubeflow-Form-label" htmlFor={htmlFor}>
        {label}
      </label>
      {children}
      {hint && (
        <div className="jp-Kubeflow-Form-hint" id={`${htmlFor}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <div className="jp-Kubeflow-Form-error" id={`${htmlFor}-error`} role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

/** The accessibility attributes of a control inside a `Field`. */
export function describe(id: string, hint?: unknown, error?: string) {
  const ids = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean);
  return {
    id,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': ids.length > 0 ? ids.join(' ') : undefined
  };
}

/** What a parameter's field is given. */
export interface IParameterFieldProps {
  parameter: IParameter;
  text: string;
  error?: string;
  readOnly: boolean;
  onChange: (text: string) => void;
  onBlur: () => void;
  trans: TranslationBundle;
}

/** The field of one parameter. */
export function ParameterField(props: IParameterFieldProps): JSX.Element {
  const { parameter, error, trans } = props;
  const id = useId();
  const attributes = {
    ...describe(id, parameter.description, error),
    'aria-required': parameter.required || undefined,
    onBlur: props.onBlur
  };
  return (
    <Field
      htmlFor={id}
      hint={parameter.description}
      error={error && <Emphasis text={error} />}
      label={
        <>
          <span className="jp-Kubeflow-Form-name">{parameter.name}</span>
          <span className="jp-Kubeflow-Form-type">{wantedWords(parameter, trans)}</span>
        </>
      }
    >
      <Control {...props} attributes={attributes} />
    </Field>
  );
}

function Control(
  props: IParameterFieldProps & { attributes: React.HTMLAttributes<HTMLElement> & { id: string } }
): JSX.Element {
  const { parameter, text, readOnly, onChange, attributes, trans } = props;
  const [multiline, setMultiline] = useState(text.includes('\n'));
  const pasted = useRef(false);
  if (!multiline && text.includes('\n')) {
    setMultiline(true);
  }
  if (parameter.type === 'BOOLEAN') {
    const options = [
      ...(text === '' || parameter.default === undefined
        ? [{ value: '', label: parameter.required ? trans.__('Choose…') : trans.__('Not set') }]
        : []),
      { value: 'true', label: trans.__('True') },
      { value: 'false', label: trans.__('False') }
    ];
    return (
      <HTMLSelect
        {...attributes}
        aria-disabled={readOnly || undefined}
        value={text}
        options={options}
        onChange={event => onChange(event.currentTarget.value)}
      />
    );
  }
  const json = parameter.type === 'LIST' || parameter.type === 'STRUCT';
  if (json || multiline) {
    return (
      <textarea
        {...attributes}
        className={`jp-mod-styled jp-Kubeflow-Form-text${json ? ' jp-mod-code' : ''}`}
        rows={Math.min(10, Math.max(json ? 1 : 2, text.split('\n').length))}
        spellCheck={false}
        readOnly={readOnly}
        autoFocus={pasted.current}
        value={text}
        onChange={event => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <input
      {...attributes}
      className="jp-mod-styled jp-Kubeflow-Form-text"
      type="text"
      inputMode={inputMode(parameter)}
      autoComplete="off"
      spellCheck={false}
      readOnly={readOnly}
      value={text}
      onChange={event => onChange(event.currentTarget.value)}
      onPaste={event => {
        // An input would drop the line breaks.
        const lines = event.clipboardData.getData('text').replace(/\r\n?/g, '\n');
        if (parameter.type === 'STRING' && lines.includes('\n') && !readOnly) {
          event.preventDefault();
          const { selectionStart, selectionEnd } = event.currentTarget;
          pasted.current = true;
          onChange(
            text.slice(0, selectionStart ?? text.length) +
              lines +
              text.slice(selectionEnd ?? text.length)
          );
        }
      }}
    />
  );
}

function inputMode(parameter: IParameter): 'numeric' | 'decimal' | 'text' {
  switch (parameter.type) {
    case 'NUMBER_INTEGER':
      return 'numeric';
    case 'NUMBER_DOUBLE':
      return 'decimal';
    default:
      return 'text';
  }
}

function wantedWords(parameter: IParameter, trans: TranslationBundle): string {
  const type = parameter.words ?? typeWords(parameter.type, trans);
  return parameter.required || parameter.default !== undefined
    ? type
    : trans.__('%1, optional', type);
}
