import { useEffect, useId, useRef } from 'react';

import { CodeText } from '../codeText';
import { useFirstFocus } from './firstFocus';
import { describe, Field } from './parameterField';
import { ParameterForm } from './parameterForm';
import { ScheduleFields } from './scheduleFields';
import type { SubmitModel } from './submitModel';

/** The body of the submit dialog: name, schedule where it is asked for, parameters, experiment, caching. */
export function SubmitForm({ model }: { model: SubmitModel<unknown> }): JSX.Element {
  const id = useId();
  const { trans, parameters, notices = [] } = model.options;
  const nameId = `${id}-name`;
  const form = useRef<HTMLFormElement>(null);
  useFirstFocus(form);
  useEffect(() => {
    form.current
      ?.querySelector<HTMLElement>('[aria-invalid="true"], .jp-Kubeflow-Form-failure')
      ?.focus();
  }, [model.failures]);
  return (
    <form
      ref={form}
      className="jp-Kubeflow-Form"
      aria-busy={model.busy}
      onSubmit={event => event.preventDefault()}
    >
      {notices.length > 0 && (
        <ul className="jp-Kubeflow-Form-notices">
          {notices.map(notice => (
            <li key={notice}>
              <CodeText text={notice} />
            </li>
          ))}
        </ul>
      )}
      <Field
        htmlFor={nameId}
        label={model.options.nameLabel ?? trans.__('Run name')}
        error={model.errors.name}
      >
        <input
          {...describe(nameId, undefined, model.errors.name)}
          className="jp-mod-styled jp-Kubeflow-Form-text"
          type="text"
          autoComplete="off"
          spellCheck={false}
          aria-required
          readOnly={model.busy}
          value={model.name}
          onChange={event => model.setName(event.currentTarget.value)}
        />
      </Field>
      {model.schedule && <ScheduleFields model={model} texts={model.schedule} />}
      {parameters.length > 0 && <Parameters model={model} />}
      <Experiment model={model} />
      <label className="jp-Kubeflow-Form-check">
        <input
          type="checkbox"
          className="jp-mod-styled"
          checked={model.caching}
          aria-disabled={model.busy || undefined}
          onChange={event => model.setCaching(event.currentTarget.checked)}
        />
        <span>{trans.__('Use cached results of steps whose inputs have not changed')}</span>
      </label>
      <div className="jp-Kubeflow-Form-status">
        <span role="status">{model.progress}</span>
        {model.failure && (
          <p className="jp-Kubeflow-Form-failure" role="alert" tabIndex={-1}>
            {model.failure}
          </p>
        )}
      </div>
    </form>
  );
}

function Parameters({ model }: { model: SubmitModel<unknown> }): JSX.Element {
  const id = useId();
  const { trans, parameters } = model.options;
  return (
    <section className="jp-Kubeflow-Form-section" aria-labelledby={id}>
      <header>
        <h3 id={id}>{trans.__('Parameters')}</h3>
        <button
          type="button"
          className="jp-Kubeflow-Form-link"
          aria-disabled={model.busy || !model.modified}
          onClick={() => model.reset()}
        >
          {trans.__('Reset to defaults')}
        </button>
      </header>
      <ParameterForm
        parameters={parameters}
        texts={model.texts}
        errors={model.errors.parameters}
        onChange={(name, text) => model.setText(name, text)}
        onBlur={name => model.leave(name)}
        readOnly={model.busy}
        trans={trans}
      />
    </section>
  );
}

function Experiment({ model }: { model: SubmitModel<unknown> }): JSX.Element {
  const id = useId();
  const { trans } = model.options;
  let hint: string | undefined;
  if (model.suggestionsError !== null) {
    hint = trans.__('The experiments could not be listed: %1', model.suggestionsError);
  } else if (model.createsExperiment) {
    hint = trans.__('A new pipeline experiment will be created.');
  }
  return (
    <Field htmlFor={id} label={trans.__('Pipeline experiment')} hint={hint}>
      <input
        {...describe(id, hint)}
        className="jp-mod-styled jp-Kubeflow-Form-text"
        type="text"
        list={`${id}-list`}
        autoComplete="off"
        placeholder={trans.__('Default; choose one or type a new name')}
        readOnly={model.busy}
        value={model.experiment}
        onChange={event => model.setExperiment(event.currentTarget.value)}
      />
      <datalist id={`${id}-list`}>
        {model.suggestions?.map(item => (
          <option key={item.id} value={item.name} />
        ))}
      </datalist>
    </Field>
  );
}
