import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, InputGroup } from '@jupyterlab/ui-components';
import { type RefObject } from 'react';

/** A list's filter: text, and a choice where there is one. Escape clears it, ArrowDown goes to the list. */
export function FilterBar(props: {
  trans: TranslationBundle;
  label: string;
  text: string;
  onText: (text: string) => void;
  onLeave: () => void;
  input: RefObject<HTMLInputElement>;
  choice?: {
    label: string;
    value: string;
    options: { value: string; label: string }[];
    onChange: (value: string) => void;
  };
}): JSX.Element {
  const { choice } = props;
  return (
    <div className="jp-Kubeflow-filter" role="search">
      <InputGroup
        inputRef={props.input}
        type="search"
        rightIcon="ui-components:search"
        placeholder={props.trans.__('Filter…')}
        aria-label={props.label}
        value={props.text}
        onChange={event => props.onText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && props.text) {
            event.stopPropagation();
            props.onText('');
          } else if (event.key === 'ArrowDown') {
            event.preventDefault();
            props.onLeave();
          }
        }}
      />
      {choice && (
        <HTMLSelect
          className="jp-Kubeflow-select"
          aria-label={choice.label}
          title={choice.label}
          value={choice.value}
          options={choice.options.map(({ value, label }) => ({ value, label }))}
          onChange={event => choice.onChange(event.currentTarget.value)}
        />
      )}
    </div>
  );
}
