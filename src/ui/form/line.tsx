import { useEffect, useId, useRef } from 'react';

import { describe, Field } from './parameterField';

/** A field of one line: its value as it is typed, and what is wrong with it. */
export interface ILineProps {
  label: string;
  hint?: string;
  placeholder?: string;
  /** Whether a phone shows digits to type it with. */
  numeric?: boolean;
  required?: boolean;
  /** Values to choose from; others can be typed as well. */
  suggestions?: readonly string[];
  value: string;
  error?: string;
  readOnly: boolean;
  onChange: (value: string) => void;
  onBlur?: () => void;
}

/** Draws the field. */
export function Line(props: ILineProps): JSX.Element {
  const { label, hint, error, suggestions } = props;
  const id = useId();
  return (
    <Field htmlFor={id} label={label} hint={hint} error={error}>
      <input
        {...describe(id, hint, error)}
        className="jp-mod-styled jp-Kubeflow-Form-text"
        type="text"
        inputMode={props.numeric ? 'numeric' : undefined}
        autoComplete="off"
        spellCheck={false}
        aria-required={props.required}
        placeholder={props.placeholder}
        list={suggestions ? `${id}-list` : undefined}
        readOnly={props.readOnly}
        value={props.value}
        onBlur={props.onBlur}
        onChange={event => props.onChange(event.currentTarget.value)}
      />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map(each => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </Field>
  );
}

/** Fields that most people do without, below a heading that unfolds them; `open` where one of them is used. */
export function More(props: {
  label: string;
  open: boolean;
  children: React.ReactNode;
}): JSX.Element {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (props.open && details.current) {
      details.current.open = true;
    }
  }, [props.open]);
  return (
    <details ref={details} className="jp-Kubeflow-Create-more">
      <summary>
        <h2>{props.label}</h2>
      </summary>
      <div>{props.children}</div>
    </details>
  );
}
