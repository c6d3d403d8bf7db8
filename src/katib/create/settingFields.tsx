import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useId } from 'react';

import { describe, Field } from '../../ui/form/parameterField';
import { Line } from '../../ui/form/line';
import type { ISetting } from './algorithms';

/** The settings of an algorithm, each with what it does; those that it does not have are shown to be taken out. */
export function SettingFields(props: {
  settings: readonly ISetting[];
  values: Readonly<Record<string, string>>;
  /** By the setting's name. */
  errors: (name: string) => string | undefined;
  /** Names to suggest for settings that are texts. */
  suggestions?: readonly string[];
  locked: boolean;
  onChange: (values: Record<string, string>) => void;
  onBlur: (name: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { settings, values, errors, locked, onChange, trans } = props;
  const known = new Set(settings.map(({ name }) => name));
  const others = Object.keys(values).filter(name => !known.has(name) && values[name] !== '');
  const all: readonly ISetting[] = [
    ...settings,
    ...others.map(name => ({
      name,
      label: name,
      words: trans.__('This form does not know this setting.'),
      type: 'text' as const
    }))
  ];
  return (
    <>
      {all.map(setting => {
        const { name, label, words, type } = setting;
        const change = (value: string) => onChange({ ...values, [name]: value });
        const shared = { label, hint: words, error: errors(name), value: values[name] ?? '' };
        return typeof type === 'string' ? (
          <Line
            key={name}
            {...shared}
            required={setting.required}
            placeholder={
              setting.placeholder ?? (setting.required ? undefined : trans.__('its own default'))
            }
            suggestions={type === 'text' ? props.suggestions : undefined}
            numeric={type === 'whole'}
            readOnly={locked}
            onChange={change}
            onBlur={() => props.onBlur(name)}
          />
        ) : (
          <Choice
            key={name}
            {...shared}
            choices={type}
            locked={locked}
            onChange={change}
            trans={trans}
          />
        );
      })}
    </>
  );
}

function Choice(props: {
  label: string;
  hint: string;
  error: string | undefined;
  value: string;
  choices: readonly string[];
  locked: boolean;
  onChange: (value: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { label, hint, error, value, choices, trans } = props;
  const id = useId();
  const listed = value === '' || choices.includes(value) ? choices : [value, ...choices];
  return (
    <Field htmlFor={id} label={label} hint={hint} error={error}>
      <HTMLSelect
        {...describe(id, hint, error)}
        disabled={props.locked}
        value={value}
        options={[
          { value: '', label: trans.__('Its own default') },
          ...listed.map(each => ({ value: each, label: each }))
        ]}
        onChange={event => props.onChange(event.currentTarget.value)}
      />
    </Field>
  );
}
