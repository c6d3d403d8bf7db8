import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useId } from 'react';

import { CodeText } from '../../ui/codeText';
import { ParameterForm } from '../../ui/form';
import { describe, Field } from '../../ui/form/parameterField';
import { TextList } from '../../ui/form/rows';
import { TextButton } from '../../ui/viewState';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import { type IFunction, type ISourceProblem, kindOfPath } from '../../ui/training/source';
import { defaultText, type IOrigin } from './source';

/** What is trained: a file, a notebook, a function of a notebook, or a command. */
export function CodeFields(props: {
  model: FormModel;
  state: IFormState;
  locked: boolean;
  /** Lets a person choose a file; `null` where there are none. */
  browse: ((kind: IOrigin['kind']) => void) | null;
  /** The path of the notebook that was used last. */
  notebook: string | undefined;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, state, locked, trans } = props;
  const { origin, sides, problems } = state;
  const id = useId();
  const { code } = sides.draft;
  return (
    <>
      <Field htmlFor={id} label={trans.__('What to train')} error={problems.fields['code']}>
        <HTMLSelect
          {...describe(id, undefined, problems.fields['code'])}
          disabled={locked}
          value={origin.kind}
          options={[
            { value: 'file', label: trans.__('A Python file') },
            { value: 'notebook', label: trans.__('A notebook, all of it') },
            { value: 'function', label: trans.__('A function of a notebook') },
            {
              value: 'command',
              label:
                code.kind === 'script' && origin.kind === 'command'
                  ? trans.__('The code in the YAML')
                  : trans.__('A command of the image')
            }
          ]}
          onChange={event => {
            const kind = event.currentTarget.value as IOrigin['kind'];
            const fits =
              origin.path !== '' && (kind === 'file') === (kindOfPath(origin.path) === 'file');
            const path = kind === 'file' ? '' : (props.notebook ?? '');
            model.setOrigin({ kind, ...(fits || kind === 'command' ? {} : { path }) });
          }}
        />
      </Field>
      {origin.kind === 'command' ? <Command {...props} /> : <Source {...props} />}
    </>
  );
}

function Command({ model, state, locked, trans }: Parameters<typeof CodeFields>[0]): JSX.Element {
  const { code } = state.sides.draft;
  return code.kind === 'script' ? (
    <Preview text={code.script.text} name={code.script.file} trans={trans} />
  ) : (
    <TextList
      label={trans.__('Command')}
      hint={
        code.command.length === 0 ? trans.__('Without one, the runtime’s own is run.') : undefined
      }
      one={trans.__('Part')}
      add={trans.__('Add a part of the command')}
      items={code.command}
      onChange={command => model.edit({ code: { kind: 'command', command } })}
      readOnly={locked}
      trans={trans}
    />
  );
}

function Source(props: Parameters<typeof CodeFields>[0]): JSX.Element {
  const { model, state, locked, browse, trans } = props;
  const { origin, source, sourceError, sides, handmade, reading } = state;
  const id = useId();
  const { code } = sides.draft;
  const notices = [...(source?.problems ?? []), ...(model.function?.problems ?? [])];
  return (
    <>
      <Field
        htmlFor={id}
        label={origin.kind === 'file' ? trans.__('Python file') : trans.__('Notebook')}
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
            placeholder={trans.__(
              'for example %1',
              origin.kind === 'file' ? 'train.py' : 'train.ipynb'
            )}
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
      {notices.length > 0 && <Notices notices={notices} trans={trans} />}
      {origin.kind === 'function' && source?.functions && (
        <Functions {...props} functions={source.functions} />
      )}
      {code.kind === 'script' && !sourceError && origin.path !== '' && (
        <Preview text={code.script.text} name={code.script.file} trans={trans} />
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

function Functions(
  props: Parameters<typeof CodeFields>[0] & { functions: readonly IFunction[] }
): JSX.Element {
  const { model, state, locked, functions, trans } = props;
  const { origin, problems } = state;
  const id = useId();
  if (functions.length === 0) {
    return (
      <p className="jp-Kubeflow-Form-hint">
        {trans.__(
          'The notebook defines no function at its top level. Put the training into one, or train the whole notebook.'
        )}
      </p>
    );
  }
  const chosen = model.function;
  const error = problems.fields['function'];
  return (
    <>
      <Field htmlFor={id} label={trans.__('Function')} error={error}>
        <HTMLSelect
          {...describe(id, undefined, error)}
          disabled={locked}
          value={origin.function}
          options={[
            ...(chosen ? [] : [{ value: origin.function, label: origin.function }]),
            ...functions.map(each => ({
              value: each.name,
              label: trans.__('%1 (cell %2)', each.name, each.cell)
            }))
          ]}
          onChange={event => model.setOrigin({ function: event.currentTarget.value })}
        />
      </Field>
      {chosen && chosen.parameters.length > 0 && (
        <div
          role="group"
          aria-label={trans.__('Arguments of %1', chosen.name)}
          className="jp-Kubeflow-Create-arguments"
        >
          <ParameterForm
            parameters={chosen.parameters.map(each =>
              each.type === 'ANY'
                ? {
                    ...each,
                    type: 'STRING' as const,
                    words: trans.__('any value'),
                    description: trans.__(
                      'A number, True, False, None or JSON; anything else is text.'
                    )
                  }
                : { ...each, type: each.type }
            )}
            texts={{ ...defaults(chosen), ...origin.texts }}
            errors={Object.fromEntries(
              chosen.parameters.map(({ name }) => [name, problems.fields[`argument.${name}`]])
            )}
            readOnly={locked}
            onChange={(name, text) => model.setOrigin({ texts: { ...origin.texts, [name]: text } })}
            onBlur={name => model.leave(`argument.${name}`)}
            trans={trans}
          />
        </div>
      )}
    </>
  );
}

/** What stands in the fields at first. */
function defaults({ parameters }: IFunction): Record<string, string> {
  return Object.fromEntries(parameters.map(each => [each.name, defaultText(each)]));
}

function Notices(props: {
  notices: readonly ISourceProblem[];
  trans: TranslationBundle;
}): JSX.Element {
  return (
    <ul className="jp-Kubeflow-Form-notices" role="status">
      {props.notices.map(({ cell, message }, index) => (
        <li key={index}>
          <CodeText text={cell === null ? message : props.trans.__('Cell %1: %2', cell, message)} />
        </li>
      ))}
    </ul>
  );
}

function Preview(props: { text: string; name: string; trans: TranslationBundle }): JSX.Element {
  const { text, name, trans } = props;
  const lines = text.replace(/\n$/, '').split('\n').length;
  return (
    <details className="jp-Kubeflow-Create-preview">
      <summary>
        {trans._n('%2: %1 line travels in the job', '%2: %1 lines travel in the job', lines, name)}
      </summary>
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}
