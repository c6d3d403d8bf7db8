import { addIcon, closeIcon, HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useId } from 'react';

import { IconButton } from '../../ui/iconButton';
import { TextButton } from '../../ui/viewState';
import type { FormModel, IOffer } from './formModel';
import type { IFormState } from './formState';
import { isListed, type ISpaceRow } from './space';
import { isPlaced } from './template';

interface ISpaceProps {
  model: FormModel;
  state: IFormState;
  locked: boolean;
  trans: TranslationBundle;
}

/** The parameters of the code, each with a range to search once it is ticked; others can be added. */
export function SpaceFields(props: ISpaceProps): JSX.Element {
  const { model, state, locked, trans } = props;
  const id = useId();
  const error = state.problems.fields['space'];
  return (
    <div
      className="jp-Kubeflow-Form-field"
      role="group"
      aria-labelledby={id}
      data-invalid={error ? true : undefined}
    >
      <div className="jp-Kubeflow-Create-listHead">
        <span id={id}>{trans.__('Parameters')}</span>
        {!locked && (
          <IconButton
            icon={addIcon}
            label={trans.__('Add a parameter')}
            onClick={() => model.add()}
          />
        )}
      </div>
      {error && (
        <div className="jp-Kubeflow-Form-error" role="alert" tabIndex={-1}>
          {error}
        </div>
      )}
      <ul className="jp-Kubeflow-Tune-parameters">
        {model.offers.map((offer, position) => (
          <li
            key={offer.known ? `known ${offer.name}` : `added ${offer.index ?? position}`}
            data-tuned={offer.index !== undefined || undefined}
          >
            <Parameter {...props} offer={offer} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Parameter(props: ISpaceProps & { offer: IOffer }): JSX.Element {
  const { model, state, locked, trans, offer } = props;
  const { name, index, known } = offer;
  const id = useId();
  const row = index === undefined ? undefined : state.sides.draft.space[index];
  const error = index === undefined ? undefined : state.problems.fields[`space.${index}`];
  const lacksPlace =
    row !== undefined && row.name !== '' && !isPlaced(model.kind, state.sides.object, row.name);
  const range = row && {
    row,
    locked,
    error: error && id,
    stepless: model.kind === 'OptimizationJob',
    onChange: (change: Partial<ISpaceRow>) => model.change(index!, change),
    trans
  };
  return (
    <div
      className="jp-Kubeflow-Tune-parameter"
      data-invalid={error ? true : undefined}
      onBlur={() => index !== undefined && model.leave(`space.${index}`)}
    >
      <div className="jp-Kubeflow-Tune-name">
        {known ? (
          <label title={known.words || undefined}>
            <input
              type="checkbox"
              checked={row !== undefined}
              onChange={event => model.tune(name, event.currentTarget.checked)}
            />
            <span className="jp-Kubeflow-Form-name">{name}</span>
            <span className="jp-Kubeflow-Form-type">{valueWords(known.value, trans)}</span>
          </label>
        ) : (
          <>
            <Text
              label={trans.__('Name of parameter %1', (index ?? 0) + 1)}
              placeholder={trans.__('name')}
              value={row?.name ?? ''}
              locked={locked}
              error={error && id}
              onChange={typed => model.change(index!, { name: typed })}
            />
            {!locked && (
              <IconButton
                icon={closeIcon}
                label={trans.__('Remove %1', name || trans.__('the parameter'))}
                onClick={() => model.remove(index!)}
              />
            )}
          </>
        )}
        {range && <Kinds {...range} />}
      </div>
      {range && <Range {...range} />}
      {error && (
        <div className="jp-Kubeflow-Form-error" id={id} role="alert">
          {error}
        </div>
      )}
      {lacksPlace && !locked && (
        <TextButton onClick={() => model.give(row.name)}>
          {trans.__('Give it as the argument --%1', row.name)}
        </TextButton>
      )}
    </div>
  );
}

interface IRangeProps {
  row: ISpaceRow;
  locked: boolean;
  error: string | undefined;
  /** Whether the API knows neither steps nor more than uniform and log-uniform ranges. */
  stepless: boolean;
  onChange: (change: Partial<ISpaceRow>) => void;
  trans: TranslationBundle;
}

function Range(props: IRangeProps): JSX.Element {
  const { row, locked, error, stepless, onChange, trans } = props;
  const text = (key: 'min' | 'max' | 'step' | 'choices', word: string, placeholder = '') => (
    <Text
      word={key === 'choices' ? undefined : word}
      label={`${row.name}: ${word}`}
      placeholder={placeholder}
      value={row[key]}
      locked={locked}
      error={error}
      onChange={value => onChange({ [key]: value })}
    />
  );
  return isListed(row) ? (
    <div className="jp-Kubeflow-Tune-range">
      {text('choices', trans.__('choices'), trans.__('one, two, three'))}
    </div>
  ) : (
    <div className="jp-Kubeflow-Tune-range">
      {text('min', trans.__('from'))}
      {text('max', trans.__('to'))}
      {!stepless && text('step', trans.__('step'), trans.__('any'))}
    </div>
  );
}

/** Of which type a parameter is, and how its values are drawn. */
function Kinds(props: IRangeProps): JSX.Element {
  const { row, locked, stepless, onChange, trans } = props;
  return (
    <span className="jp-Kubeflow-Tune-kinds">
      <HTMLSelect
        aria-label={trans.__('%1: type', row.name)}
        disabled={locked}
        value={row.type}
        options={[
          { value: 'double', label: trans.__('number') },
          { value: 'int', label: trans.__('whole number') },
          ...(stepless ? [] : [{ value: 'discrete', label: trans.__('listed numbers') }]),
          { value: 'categorical', label: trans.__('choices') }
        ]}
        onChange={event => onChange({ type: event.currentTarget.value as ISpaceRow['type'] })}
      />
      {!isListed(row) && (
        <HTMLSelect
          aria-label={trans.__('%1: distribution', row.name)}
          disabled={locked}
          value={row.distribution}
          options={[
            { value: 'uniform', label: trans.__('evenly') },
            { value: 'logUniform', label: trans.__('logarithmic') },
            ...(stepless
              ? []
              : [
                  { value: 'normal', label: trans.__('normal') },
                  { value: 'logNormal', label: trans.__('log-normal') }
                ])
          ]}
          onChange={event =>
            onChange({ distribution: event.currentTarget.value as ISpaceRow['distribution'] })
          }
        />
      )}
    </span>
  );
}

function Text(props: {
  label: string;
  /** Stands before the field. */
  word?: string;
  placeholder: string;
  value: string;
  locked: boolean;
  /** The id of what says what is wrong. */
  error: string | undefined;
  onChange: (value: string) => void;
}): JSX.Element {
  const input = (
    <input
      className="jp-mod-styled jp-Kubeflow-Form-text jp-mod-code"
      type="text"
      autoComplete="off"
      spellCheck={false}
      aria-label={props.label}
      aria-invalid={props.error ? true : undefined}
      aria-describedby={props.error}
      placeholder={props.placeholder}
      value={props.value}
      readOnly={props.locked}
      onChange={event => props.onChange(event.currentTarget.value)}
    />
  );
  return props.word === undefined ? (
    input
  ) : (
    <label className="jp-Kubeflow-Tune-bound">
      {props.word}
      {input}
    </label>
  );
}

function valueWords(value: unknown, trans: TranslationBundle): string {
  return value === null || value === undefined
    ? trans.__('has no value of its own')
    : trans.__('is %1', typeof value === 'string' ? value : JSON.stringify(value));
}
