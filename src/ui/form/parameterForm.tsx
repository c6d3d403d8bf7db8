import type { TranslationBundle } from '@jupyterlab/translation';

import { ParameterField } from './parameterField';
import type { IParameter } from './parameters';

/** What a parameter form is given. It keeps no state of its own. */
export interface IParameterFormProps {
  parameters: IParameter[];
  /** The text in each parameter's field, by name. */
  texts: Readonly<Record<string, string>>;
  /** The error at each parameter's field, by name; emphasis marked with asterisks. */
  errors: Readonly<Record<string, string | undefined>>;
  onChange: (name: string, text: string) => void;
  /** The person has left the field. */
  onBlur?: (name: string) => void;
  readOnly?: boolean;
  trans: TranslationBundle;
}

/** One typed field a parameter. */
export function ParameterForm(props: IParameterFormProps): JSX.Element {
  return (
    <div className="jp-Kubeflow-Form">
      {props.parameters.map(parameter => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          text={props.texts[parameter.name] ?? ''}
          error={props.errors[parameter.name]}
          readOnly={props.readOnly ?? false}
          onChange={text => props.onChange(parameter.name, text)}
          onBlur={() => props.onBlur?.(parameter.name)}
          trans={props.trans}
        />
      ))}
    </div>
  );
}
