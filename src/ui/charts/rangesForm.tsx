import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useState } from 'react';

import { TextButton } from '../viewState';
import { type Brush, type Brushes, withBrush } from './brush';
import type { IColumn } from './columns';

/** What is chosen of each axis, to be typed or ticked: what brushing does, without a pointer. */
export function RangesForm(props: {
  trans: TranslationBundle;
  columns: readonly IColumn[];
  brushes: Brushes;
  onBrush: (brushes: Brushes) => void;
}): JSX.Element {
  const { trans, columns, brushes, onBrush } = props;
  return (
    <details className="jp-Kubeflow-ranges">
      <summary>{trans.__('Ranges')}</summary>
      <div className="jp-Kubeflow-ranges-rows">
        {columns.map(column => {
          const brush = brushes.get(column.name);
          const change = (next: Brush | undefined) =>
            onBrush(withBrush(brushes, column.name, next));
          return (
            <fieldset key={column.name}>
              <legend title={column.name}>{column.name}</legend>
              {column.kind === 'category' ? (
                <Choices column={column} brush={brush} onChange={change} />
              ) : (
                <Limits trans={trans} name={column.name} brush={brush} onChange={change} />
              )}
              {brush && (
                <TextButton onClick={() => change(undefined)}>{trans.__('Clear')}</TextButton>
              )}
            </fieldset>
          );
        })}
      </div>
    </details>
  );
}

interface IBrushProps {
  brush: Brush | undefined;
  onChange: (brush: Brush | undefined) => void;
}

function Choices({ column, brush, onChange }: IBrushProps & { column: IColumn }): JSX.Element {
  const chosen = brush && 'choices' in brush ? brush.choices : new Set<string>();
  const toggle = (choice: string) => {
    const next = new Set(chosen);
    if (!next.delete(choice)) {
      next.add(choice);
    }
    onChange(next.size > 0 ? { choices: next } : undefined);
  };
  return (
    <>
      {column.categories.map(each => (
        <label key={each} className="jp-Kubeflow-check">
          <input type="checkbox" checked={chosen.has(each)} onChange={() => toggle(each)} />
          <bdi>{each}</bdi>
        </label>
      ))}
    </>
  );
}

function Limits(props: IBrushProps & { trans: TranslationBundle; name: string }): JSX.Element {
  const { trans, name, brush, onChange } = props;
  const range = brush && 'from' in brush ? brush : { from: -Infinity, to: Infinity };
  const change = (part: Partial<typeof range>) => {
    const next = { ...range, ...part };
    const open = next.from === -Infinity && next.to === Infinity;
    onChange(open ? undefined : next);
  };
  return (
    <>
      <Limit
        label={trans.__('%1 from', name)}
        value={range.from}
        none={-Infinity}
        onChange={from => change({ from })}
      />
      –
      <Limit
        label={trans.__('%1 to', name)}
        value={range.to}
        none={Infinity}
        onChange={to => change({ to })}
      />
    </>
  );
}

/** One end of a range; empty when there is none. */
function Limit(props: {
  label: string;
  value: number;
  none: number;
  onChange: (value: number) => void;
}): JSX.Element {
  const { value, none } = props;
  const [text, setText] = useState('');
  const typed = text.trim() === '' ? none : Number(text);
  useEffect(() => {
    // What is being typed stays as it is typed.
    if (typed !== value) {
      setText(value === none ? '' : String(Number(value.toPrecision(6))));
    }
  }, [value]);
  return (
    <input
      className="jp-Kubeflow-input"
      inputMode="decimal"
      aria-label={props.label}
      aria-invalid={Number.isNaN(typed)}
      value={text}
      onChange={event => {
        const next = event.target.value;
        const number = next.trim() === '' ? none : Number(next);
        setText(next);
        if (!Number.isNaN(number)) {
          props.onChange(number);
        }
      }}
    />
  );
}
