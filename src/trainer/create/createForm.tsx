import { Notification } from '@jupyterlab/apputils';
import { useEffect, useSyncExternalStore } from 'react';

import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import { More } from '../../ui/form/line';
import { PairList, TextList } from '../../ui/form/rows';
import { useKubernetes, useNamespace } from '../../ui/kubernetes/connection';
import { DraftLine, ObjectFormView } from '../../ui/kubernetes/form/objectFormView';
import { rowErrors } from '../../ui/kubernetes/form/problems';
import { namespaceOf } from '../../ui/kubernetes/form/sides';
import { RuntimePicker, useRuntimes } from '../../ui/kubernetes/runtimePicker';
import { errorMessage, TextButton } from '../../ui/viewState';
import type { TrainerContext } from '../context';
import { browse } from './browse';
import { CheckpointFields } from './checkpointFields';
import { CodeFields } from './codeFields';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import { insertSdkCode } from './insertSdkCode';
import { hiddenVariables, type IDraft } from './model';
import { useSuggestions } from './suggestions';

/** What the form is given. */
export interface ICreateFormProps {
  context: TrainerContext;
  model: FormModel;
  onCreated: (job: ITrainJob) => void;
}

const DEVICES = [
  'nvidia.com/gpu',
  'amd.com/gpu',
  'gpu.intel.com/i915',
  'habana.ai/gaudi',
  'google.com/tpu',
  'aws.amazon.com/neuron',
  'huawei.com/Ascend910',
  'ephemeral-storage'
];

/** The form to create a TrainJob with the YAML beside it. */
export function CreateForm({ context, model, onCreated }: ICreateFormProps): JSX.Element {
  const { trans, kubeflow, services } = context;
  const state = useSyncExternalStore(model.subscribe, () => model.state);
  const kubernetes = useKubernetes(kubeflow);
  const active = useNamespace(kubeflow);
  const namespace = namespaceOf(state.sides) ?? active;
  const insert = () =>
    insertSdkCode(context, model).catch((error: unknown) =>
      Notification.error(errorMessage(error), { autoClose: false })
    );
  return (
    <ObjectFormView
      trans={trans}
      kubernetes={kubernetes}
      editors={services.editors}
      model={model}
      state={state}
      kind={trainJobs}
      namespace={namespace}
      title={trans.__('New training job in %1', namespace)}
      words={{ form: trans.__('Training job'), yaml: trans.__('YAML of the training job') }}
      actions={
        <TextButton
          reason={services.notebooks ? undefined : trans.__('There are no notebooks here.')}
          onClick={() => void insert()}
        >
          {trans.__('Insert SDK code')}
        </TextButton>
      }
      onCreated={onCreated}
    >
      {locked => (
        <Fields
          context={context}
          model={model}
          state={state}
          namespace={namespace}
          locked={locked}
        />
      )}
    </ObjectFormView>
  );
}

interface IFieldsProps {
  context: TrainerContext;
  model: FormModel;
  state: IFormState;
  namespace: string;
  locked: boolean;
}

function Fields(props: IFieldsProps): JSX.Element {
  const { context, model, state, namespace, locked } = props;
  const { trans, services } = context;
  const { draft, object } = state.sides;
  const { problems } = state;
  const kubernetes = useKubernetes(context.kubeflow);
  const runtimes = useRuntimes(kubernetes, namespace);
  const suggestions = useSuggestions(kubernetes, namespace);
  const chosen = runtimes.all?.find(
    each => each.kind === draft.runtime.kind && each.name === draft.runtime.name
  );
  useEffect(() => model.knowRuntime(chosen), [chosen]);
  const line = (
    options: Omit<React.ComponentProps<typeof DraftLine<IDraft>>, 'model' | 'state'>
  ) => <DraftLine {...options} model={model} state={state} />;
  const hidden = hiddenVariables(object);
  const nodes = chosen?.nodes;
  return (
    <>
      {line({ field: 'name', label: trans.__('Name'), required: true })}
      <section>
        <h2>{trans.__('Runtime')}</h2>
        <RuntimePicker
          runtimes={runtimes}
          chosen={draft.runtime}
          onChoose={runtime => model.chooseRuntime(runtime)}
          onName={name => model.edit({ runtime: { ...draft.runtime, name } })}
          error={problems.fields['runtime']}
          namespace={namespace}
          trans={trans}
        />
      </section>
      <section>
        <h2>{trans.__('Code')}</h2>
        <CodeFields
          model={model}
          state={state}
          locked={locked}
          browse={services.documents ? kind => void browse(context, model, kind) : null}
          notebook={services.notebooks?.currentWidget?.context.path}
          trans={trans}
        />
        {chosen?.builtin && draft.code.kind === 'script' && (
          <div className="jp-Kubeflow-notice" role="status">
            <p>
              {trans.__(
                '%1 brings its training code with it: choose “A command of the image” and give it arguments.',
                chosen.name
              )}
            </p>
          </div>
        )}
        <TextList
          label={trans.__('Arguments')}
          one={trans.__('Argument')}
          add={trans.__('Add an argument')}
          items={draft.args}
          onChange={args => model.edit({ args })}
          readOnly={locked}
          trans={trans}
        />
      </section>
      <section>
        <h2>{trans.__('Nodes')}</h2>
        <div className="jp-Kubeflow-Form-pair">
          {line({
            field: 'nodes',
            label: trans.__('Nodes'),
            placeholder: nodes === undefined ? undefined : String(nodes),
            numeric: true
          })}
          {line({
            field: 'processes',
            label: trans.__('Processes per node'),
            placeholder: trans.__('by the runtime'),
            numeric: true
          })}
        </div>
        <div className="jp-Kubeflow-Form-pair">
          {line({
            field: 'cpu',
            label: trans.__('CPU per node'),
            placeholder: trans.__('for example %1', 2)
          })}
          {line({
            field: 'memory',
            label: trans.__('Memory per node'),
            placeholder: trans.__('for example %1', '4Gi')
          })}
        </div>
        <PairList
          label={trans.__('GPUs and other devices per node')}
          one={trans.__('Device')}
          add={trans.__('Add a device')}
          names={trans.__('Resource')}
          values={trans.__('Number')}
          rows={draft.devices}
          errors={rowErrors(problems, 'devices', draft.devices.length)}
          suggestions={DEVICES}
          onChange={devices => model.edit({ devices })}
          onBlur={index => model.leave(`devices.${index}`)}
          readOnly={locked}
          trans={trans}
        />
      </section>
      <More
        label={trans.__('Environment')}
        open={draft.env.length > 0 || draft.image !== '' || hidden > 0}
      >
        <PairList
          label={trans.__('Variables')}
          hint={
            hidden > 0
              ? trans._n(
                  '%1 more comes from a secret or the like: see the YAML.',
                  '%1 more come from secrets and the like: see the YAML.',
                  hidden
                )
              : undefined
          }
          one={trans.__('Variable')}
          add={trans.__('Add a variable')}
          names={trans.__('Name')}
          values={trans.__('Value')}
          rows={draft.env}
          errors={rowErrors(problems, 'env', draft.env.length)}
          onChange={env => model.edit({ env })}
          onBlur={index => model.leave(`env.${index}`)}
          readOnly={locked}
          trans={trans}
        />
        {line({ field: 'image', label: trans.__('Image'), placeholder: chosen?.image })}
      </More>
      <More
        label={trans.__('Data, model and checkpoints')}
        open={[draft.dataset, draft.model, draft.checkpoint.claim, draft.checkpoint.path].some(
          Boolean
        )}
      >
        {line({
          field: 'dataset',
          label: trans.__('Dataset'),
          hint: trans.__('An address; fetched before the nodes start, into /workspace/dataset'),
          placeholder: trans.__('none')
        })}
        {line({
          field: 'model',
          label: trans.__('Model'),
          hint: trans.__('An address; fetched before the nodes start, into /workspace/model'),
          placeholder: trans.__('none')
        })}
        <CheckpointFields
          {...props}
          claims={suggestions.claims}
          kubernetes={kubernetes}
          nodes={Number(draft.nodes) || (nodes ?? 1)}
          trans={trans}
        />
      </More>
      <More
        label={trans.__('Queue and start')}
        open={draft.queue !== '' || draft.priority !== '' || draft.suspend}
      >
        {suggestions.queued || draft.queue !== '' || draft.priority !== '' ? (
          <div className="jp-Kubeflow-Form-pair">
            {line({
              field: 'queue',
              label: trans.__('Queue'),
              placeholder: trans.__('none'),
              suggestions: suggestions.queues
            })}
            {line({
              field: 'priority',
              label: trans.__('Priority class'),
              placeholder: trans.__('none'),
              suggestions: suggestions.priorities
            })}
          </div>
        ) : null}
        <label className="jp-Kubeflow-Form-check">
          <input
            type="checkbox"
            checked={draft.suspend}
            onChange={event => model.edit({ suspend: event.currentTarget.checked })}
          />
          {trans.__('Create it suspended; it starts when it is resumed')}
        </label>
      </More>
    </>
  );
}
