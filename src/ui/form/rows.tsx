import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import { useId, useRef } from 'react';

import { IconButton } from '../iconButton';

/** A name and what stands behind it, each as it was typed. */
export interface IRow {
  name: string;
  value: string;
}

/** What lists of fields have in common. */
interface IListProps {
  label: string;
  hint?: string;
  /** The word for one of them, for screen readers: *Argument 2*. */
  one: string;
  add: string;
  readOnly: boolean;
  trans: TranslationBundle;
}

/** A list of texts, one field each; a text of several lines has a field of several lines. Enter adds one below. */
export function TextList(
  props: IListProps & { items: readonly string[]; onChange: (items: string[]) => void }
): JSX.Element {
  const { items, onChange, one, readOnly } = props;
  const change = (index: number, text: string) =>
    onChange(items.map((item, at) => (at === index ? text : item)));
  return (
    <Rows
      {...props}
      count={items.length}
      onAdd={at => onChange([...items.slice(0, at), '', ...items.slice(at)])}
      onRemove={at => onChange(items.filter((_, index) => index !== at))}
      render={(index, keys) => {
        const shared = {
          value: items[index],
          'aria-label': `${one} ${index + 1}`,
          readOnly,
          spellCheck: false
        };
        return items[index]!.includes('\n') ? (
          <textarea
            {...shared}
            className="jp-mod-styled jp-Kubeflow-Form-text jp-mod-code"
            rows={Math.min(8, items[index]!.split('\n').length)}
            onChange={event => change(index, event.currentTarget.value)}
          />
        ) : (
          <input
            {...shared}
            className="jp-mod-styled jp-Kubeflow-Form-text jp-mod-code"
            type="text"
            autoComplete="off"
            onKeyDown={keys}
            onChange={event => change(index, event.currentTarget.value)}
          />
        );
      }}
    />
  );
}

/** A list of names and values. Enter adds one below. */
export function PairList(
  props: IListProps & {
    rows: readonly IRow[];
    onChange: (rows: IRow[]) => void;
    /** By position. */
    errors: readonly (string | undefined)[];
    onBlur: (index: number) => void;
    /** Names to suggest. */
    suggestions?: readonly string[];
    names: string;
    values: string;
  }
): JSX.Element {
  const { rows, onChange, errors, one, readOnly, suggestions } = props;
  const id = useId();
  const change = (index: number, next: Partial<IRow>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...next } : row)));
  return (
    <>
      <Rows
        {...props}
        count={rows.length}
        onAdd={at => onChange([...rows.slice(0, at), { name: '', value: '' }, ...rows.slice(at)])}
        onRemove={at => onChange(rows.filter((_, index) => index !== at))}
        render={(index, keys) => {
          const error = errors[index];
          const field = (key: keyof IRow, label: string) => (
            <input
              className="jp-mod-styled jp-Kubeflow-Form-text jp-mod-code"
              type="text"
              autoComplete="off"
              spellCheck={false}
              value={rows[index]![key]}
              placeholder={label}
              aria-label={`${one} ${index + 1}: ${label}`}
              aria-invalid={error ? true : undefined}
              aria-describedby={error ? `${id}-${index}` : undefined}
              list={key === 'name' && suggestions ? `${id}-names` : undefined}
              readOnly={readOnly}
              onKeyDown={keys}
              onBlur={() => props.onBlur(index)}
              onChange={event => change(index, { [key]: event.currentTarget.value })}
            />
          );
          return (
            <div className="jp-Kubeflow-Create-pair" data-invalid={error ? true : undefined}>
              {field('name', props.names)}
              {field('value', props.values)}
              {error && (
                <div className="jp-Kubeflow-Form-error" id={`${id}-${index}`} role="alert">
                  {error}
                </div>
              )}
            </div>
          );
        }}
      />
      {suggestions && (
        <datalist id={`${id}-names`}>
          {suggestions.map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </>
  );
}

function Rows(
  props: IListProps & {
    count: number;
    onAdd: (at: number) => void;
    onRemove: (at: number) => void;
    render: (index: number, keys: React.KeyboardEventHandler) => JSX.Element;
  }
): JSX.Element {
  const { label, hint, one, add, count, readOnly, trans } = props;
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  /** Puts the keyboard into a row once it is drawn. */
  const focus = (at: number) =>
    window.requestAnimationFrame(() =>
      list.current?.children[at]?.querySelector<HTMLElement>('input, textarea')?.focus()
    );
  const insert = (at: number) => {
    props.onAdd(at);
    focus(at);
  };
  return (
    <div className="jp-Kubeflow-Form-field" role="group" aria-labelledby={id}>
      <div className="jp-Kubeflow-Create-listHead">
        <span id={id}>{label}</span>
        {!readOnly && <IconButton icon={addIcon} label={add} onClick={() => insert(count)} />}
      </div>
      {hint && <div className="jp-Kubeflow-Form-hint">{hint}</div>}
      {count > 0 && (
        <ul ref={list} className="jp-Kubeflow-Create-rows">
          {Array.from({ length: count }, (_, index) => (
            <li key={index}>
              {props.render(index, event => {
                if (event.key === 'Enter' && !readOnly) {
                  event.preventDefault();
                  insert(index + 1);
                }
              })}
              {!readOnly && (
                <IconButton
                  icon={closeIcon}
                  label={trans.__('Remove %1 %2', one, index + 1)}
                  onClick={() => {
                    props.onRemove(index);
                    focus(Math.max(0, index - 1));
                  }}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
