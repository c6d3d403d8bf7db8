import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useId } from 'react';

import { ParameterForm } from '../../ui/form';
import { describe, Field } from '../../ui/form/parameterField';
import { TextList } from '../../ui/form/rows';
import {
  CodeFields,
  FunctionField,
  type ICodeFieldsProps,
  Notices,
  Preview
} from '../../ui/training/codeFields';
import { type IFunction, kindOfPath } from '../../ui/training/source';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import { defaultText, type IOrigin } from './source';

interface IOriginFieldsProps extends ICodeFieldsProps {
  model: FormModel;
  state: IFormState;
}

/** What is trained: a file, a notebook, a function of a notebook, or a command. */
export function OriginFields(props: IOriginFieldsProps): JSX.Element {
  const { context, model, state, locked } = props;
  const { trans, services } = context;
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
            const notebook = services.notebooks?.currentWidget?.context.path ?? '';
            const path = kind === 'file' ? '' : notebook;
            model.setOrigin({ kind, ...(fits || kind === 'command' ? {} : { path }) });
          }}
        />
      </Field>
      {origin.kind === 'command' ? <Command {...props} /> : <Source {...props} />}
    </>
  );
}

function Command({ context, model, state, locked }: IOriginFieldsProps): JSX.Element {
  const { trans } = context;
  const { code } = state.sides.draft;
  return code.kind === 'script' ? (
    <Preview summary={travels(code.script.text, code.script.file, trans)} text={code.script.text} />
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

function Source(props: IOriginFieldsProps): JSX.Element {
  const { context, model, state } = props;
  const { trans } = context;
  const { origin, source } = state;
  const notices = [...(source?.problems ?? []), ...(model.function?.problems ?? [])];
  return (
    <CodeFields {...props} travels={(code, file) => travels(code, file, trans)}>
      <Notices notices={notices} trans={trans} />
      {origin.kind === 'function' && source?.functions && (
        <>
          <FunctionField
            {...props}
            functions={source.functions}
            none={trans.__(
              'The notebook defines no function at its top level. Put the training into one, or train the whole notebook.'
            )}
          />
          {model.function && <Arguments {...props} of={model.function} />}
        </>
      )}
    </CodeFields>
  );
}

/** The arguments that a function is called with. */
function Arguments(props: IOriginFieldsProps & { of: IFunction }): JSX.Element | null {
  const { context, model, state, locked, of } = props;
  const { trans } = context;
  const { origin, problems } = state;
  return of.parameters.length === 0 ? null : (
    <div
      role="group"
      aria-label={trans.__('Arguments of %1', of.name)}
      className="jp-Kubeflow-Create-arguments"
    >
      <ParameterForm
        parameters={of.parameters.map(each =>
          each.type === 'ANY'
            ? {
                ...each,
                type: 'STRING' as const,
                words: trans.__('any value'),
                description: trans.__('A number, True, False, None or JSON; anything else is text.')
              }
            : { ...each, type: each.type }
        )}
        texts={{ ...defaults(of), ...origin.texts }}
        errors={Object.fromEntries(
          of.parameters.map(({ name }) => [name, problems.fields[`argument.${name}`]])
        )}
        readOnly={locked}
        onChange={(name, text) => model.setOrigin({ texts: { ...origin.texts, [name]: text } })}
        onBlur={name => model.leave(`argument.${name}`)}
        trans={trans}
      />
    </div>
  );
}

/** What stands in the fields at first. */
function defaults({ parameters }: IFunction): Record<string, string> {
  return Object.fromEntries(parameters.map(each => [each.name, defaultText(each)]));
}

/** How code goes to the nodes. */
function travels(code: string, file: string, trans: TranslationBundle): string {
  const lines = code.replace(/\n$/, '').split('\n').length;
  return trans._n('%2: %1 line travels in the job', '%2: %1 lines travel in the job', lines, file);
}
