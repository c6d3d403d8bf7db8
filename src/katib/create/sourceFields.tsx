import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useId } from 'react';

import { CodeText } from '../../ui/codeText';
import { describe, Field } from '../../ui/form/parameterField';
import { kindOfPath } from '../../ui/training/source';
import { TextButton } from '../../ui/viewState';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import type { IOrigin } from './source';
import { runKindOf } from './template';

interface ISourceFieldsProps {
  model: FormModel;
  state: IFormState;
  locked: boolean;
  /** Lets a person choose a file; `null` where there are none. */
  browse: ((kind: IOrigin['kind']) => void) | null;
  /** The path of the notebook that was used last. */
  notebook: string | undefined;
  /** The names of the TrainJobs that there are. */
  jobs: readonly string[];
  trans: TranslationBundle;
}

/** What is tuned: a file, a notebook, a function of a notebook, a TrainJob, or the template of the YAML. */
export function SourceFields(props: ISourceFieldsProps): JSX.Element {
  const { model, state, locked, trans } = props;
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
            const ofFile = ['file', 'notebook', 'function'];
            const fits =
              origin.path !== '' &&
              ofFile.includes(origin.kind) &&
              ofFile.includes(kind) &&
              (kind === 'file') === (kindOfPath(origin.path) === 'file');
            const isNotebook = kind === 'notebook' || kind === 'function';
            const path = isNotebook ? (props.notebook ?? '') : '';
            model.setOrigin({ kind, ...(fits || kind === 'template' ? {} : { path }) });
          }}
        />
      </Field>
      {origin.kind === 'job' && <Job {...props} />}
      {['file', 'notebook', 'function'].includes(origin.kind) && <Path {...props} />}
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

function Path(props: ISourceFieldsProps): JSX.Element {
  const { model, state, locked, browse, trans } = props;
  const { origin, source, sourceError, sides, handmade, reading } = state;
  const id = useId();
  const { code } = sides.draft;
  const isFile = origin.kind === 'file';
  const notices = source?.trial?.problems ?? [];
  return (
    <>
      <Field
        htmlFor={id}
        label={isFile ? trans.__('Python file') : trans.__('Notebook')}
        error={sourceError}
      >
        <div className="jp-Kubeflow-Create-path">
          <input
            {...describe(id, undefined, sourceError)}
            key={`${origin.kind} ${origin.path}`}
            className="jp-mod-styled jp-Kubeflow-Form-text"
            type="text"
            autoComplete="off"
            spellCheck={false}
            placeholder={trans.__('for example %1', isFile ? 'train.py' : 'train.ipynb')}
            readOnly={locked}
            defaultValue={origin.path}
            onBlur={event => model.setOrigin({ path: event.currentTarget.value.trim() })}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                model.setOrigin({ path: event.currentTarget.value.trim() });
              }
            }}
          />
          {browse && (
            <TextButton disabled={locked} onClick={() => browse(origin.kind)}>
              {trans.__('Browse…')}
            </TextButton>
          )}
        </div>
      </Field>
      {origin.kind === 'function' && source?.functions && <Functions {...props} />}
      {notices.length > 0 && (
        <ul className="jp-Kubeflow-Form-notices" role="status">
          {notices.map(({ cell, message }, index) => (
            <li key={index}>
              <CodeText text={cell === null ? message : trans.__('Cell %1: %2', cell, message)} />
            </li>
          ))}
        </ul>
      )}
      {code.kind === 'script' && !sourceError && origin.path !== '' && (
        <details className="jp-Kubeflow-Create-preview">
          <summary>{trans.__('%1 travels in each trial', code.script.file)}</summary>
          <pre tabIndex={0}>{code.script.text}</pre>
        </details>
      )}
      {handmade && origin.path !== '' && (
        <div className="jp-Kubeflow-notice" role="status">
          <p>{trans.__('The code was changed in the YAML, and stays as it is there.')}</p>
          <TextButton disabled={locked || reading} onClick={() => void model.readOrigin(true)}>
            {trans.__('Take the file’s code')}
          </TextButton>
        </div>
      )}
    </>
  );
}

/** The TrainJobs that there are; where they may not be listed, a name is typed. */
function Job({ model, state, locked, jobs, trans }: ISourceFieldsProps): JSX.Element {
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

function Functions({ model, state, locked, trans }: ISourceFieldsProps): JSX.Element {
  const { origin, source } = state;
  const id = useId();
  const functions = source?.functions ?? [];
  return functions.length === 0 ? (
    <p className="jp-Kubeflow-Form-hint">
      {trans.__(
        'The notebook defines no function at its top level. Put the training into one, or tune the whole notebook.'
      )}
    </p>
  ) : (
    <Field htmlFor={id} label={trans.__('Function')}>
      <HTMLSelect
        id={id}
        disabled={locked}
        value={origin.function}
        options={functions.map(each => ({
          value: each.name,
          label: trans.__('%1 (cell %2)', each.name, each.cell)
        }))}
        onChange={event => model.setOrigin({ function: event.currentTarget.value })}
      />
    </Field>
  );
}
