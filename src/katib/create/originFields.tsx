import { HTMLSelect } from '@jupyterlab/ui-components';
import { useId } from 'react';

import { describe, Field } from '../../ui/form/parameterField';
import {
  CodeFields,
  FunctionField,
  type ICodeFieldsProps,
  Notices
} from '../../ui/training/codeFields';
import { kindOfPath } from '../../ui/training/source';
import { isRead } from '../../ui/training/trainingForm';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import type { IOrigin } from './source';
import { runKindOf } from './template';

interface IOriginFieldsProps extends ICodeFieldsProps {
  model: FormModel;
  state: IFormState;
  /** The names of the TrainJobs that there are. */
  jobs: readonly string[];
}

/** What is tuned: a file, a notebook, a function of a notebook, a TrainJob, or the template of the YAML. */
export function OriginFields(props: IOriginFieldsProps): JSX.Element {
  const { context, model, state, locked } = props;
  const { trans, services } = context;
  const { origin, sides, problems } = state;
  const id = useId();
  const error = problems.fields['code'];
  const run = runKindOf(model.kind, sides.object);
  return (
    <>
      <Field htmlFor={id} label={trans.__('What to tune')} error={error}>
        <HTMLSelect
          {...describe(id, undefined, error)}
          disabled={locked}
          value={origin.kind}
          options={[
            { value: 'notebook', label: trans.__('A notebook, all of it') },
            { value: 'function', label: trans.__('A function of a notebook') },
            { value: 'file', label: trans.__('A Python file') },
            { value: 'job', label: trans.__('A training job') },
            { value: 'template', label: trans.__('The trial template in the YAML') }
          ]}
          onChange={event => {
            const kind = event.currentTarget.value as IOrigin['kind'];
            const fits =
              origin.path !== '' &&
              isRead(origin) &&
              isRead({ kind }) &&
              (kind === 'file') === (kindOfPath(origin.path) === 'file');
            const notebook = services.notebooks?.currentWidget?.context.path ?? '';
            const path = isRead({ kind }) && kind !== 'file' ? notebook : '';
            model.setOrigin({ kind, ...(fits || kind === 'template' ? {} : { path }) });
          }}
        />
      </Field>
      {origin.kind === 'job' && <Job {...props} />}
      {isRead(origin) && <Source {...props} />}
      {origin.kind === 'template' && run !== 'TrainJob' && (
        <p className="jp-Kubeflow-Form-hint">
          {run
            ? trans.__(
                'Trials are of the kind %1. What they run is edited in the YAML; a parameter stands there as ${trialParameters.NAME}.',
                run
              )
            : trans.__(
                'The template of the trials lies in a ConfigMap, or is yet to be written in the YAML.'
              )}
        </p>
      )}
    </>
  );
}

function Source(props: IOriginFieldsProps): JSX.Element {
  const { context, state } = props;
  const { trans } = context;
  const { origin, source } = state;
  return (
    <CodeFields {...props} travels={(_, file) => trans.__('%1 travels in each trial', file)}>
      {origin.kind === 'function' && source?.functions && (
        <FunctionField
          {...props}
          functions={source.functions}
          none={trans.__(
            'The notebook defines no function at its top level. Put the training into one, or tune the whole notebook.'
          )}
        />
      )}
      <Notices notices={source?.trial?.problems ?? []} trans={trans} />
    </CodeFields>
  );
}

/** The TrainJobs that there are; where they may not be listed, a name is typed. */
function Job({ context, model, state, locked, jobs }: IOriginFieldsProps): JSX.Element {
  const { trans } = context;
  const { origin, sourceError } = state;
  const id = useId();
  const hint = trans.__('Its arguments and variables are the parameters.');
  return (
    <Field htmlFor={id} label={trans.__('Training job')} hint={hint} error={sourceError}>
      <input
        {...describe(id, hint, sourceError)}
        key={origin.path}
        className="jp-mod-styled jp-Kubeflow-Form-text"
        type="text"
        autoComplete="off"
        spellCheck={false}
        list={`${id}-jobs`}
        readOnly={locked}
        defaultValue={origin.path}
        onBlur={event => model.setOrigin({ path: event.currentTarget.value.trim() })}
        onChange={event => {
          if (jobs.includes(event.currentTarget.value)) {
            model.setOrigin({ path: event.currentTarget.value });
          }
        }}
      />
      <datalist id={`${id}-jobs`}>
        {jobs.map(each => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </Field>
  );
}
