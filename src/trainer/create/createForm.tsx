import { Notification } from '@jupyterlab/apputils';
import { useEffect, useRef, useSyncExternalStore } from 'react';

import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import { object, text } from '../../graph/wire';
import { useAccess } from '../../ui/kubernetes/access';
import { useKubernetes, useNamespace } from '../../ui/kubernetes/connection';
import { errorMessage, TextButton } from '../../ui/viewState';
import type { TrainerContext } from '../context';
import { CodeFields } from './codeFields';
import { browse } from './browse';
import { Checkpoint, type ILineProps, Line, More } from './fields';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import { insertSdkCode } from './insertSdkCode';
import { hiddenVariables } from './model';
import { PairList, TextList } from './rows';
import { RuntimePicker, useRuntimes } from './runtimePicker';
import { useSuggestions } from './suggestions';
import { YamlPane } from './yamlPane';

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

/** What takes the keyboard after a refusal: the first field that is wrong, else the sentence above the form. */
const FIRST_WRONG = [
  ...['input', 'select', 'textarea'].map(each => `${each}[aria-invalid="true"]`),
  '[aria-invalid="true"] input',
  '[role="alert"][tabindex]'
].join();

/** The form to create a TrainJob with the YAML beside it. */
export function CreateForm({ context, model, onCreated }: ICreateFormProps): JSX.Element {
  const { trans, kubeflow, services } = context;
  const state = useSyncExternalStore(model.subscribe, () => model.state);
  const kubernetes = useKubernetes(kubeflow);
  const active = useNamespace(kubeflow);
  const { sides, problems, busy } = state;
  const namespace = text(object(sides.job['metadata'])['namespace']) ?? active;
  const access = useAccess(
    kubernetes.client,
    { verb: 'create', kind: trainJobs, namespace },
    trans
  );
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The click comes after the pointer was let go, wherever that was.
    const release = () => setTimeout(() => model.press(false));
    window.addEventListener('pointerup', release);
    window.addEventListener('pointercancel', release);
    return () => {
      window.removeEventListener('pointerup', release);
      window.removeEventListener('pointercancel', release);
    };
  }, [model]);
  useEffect(() => {
    if (state.failures > 0) {
      form.current?.querySelector<HTMLElement>(FIRST_WRONG)?.focus();
    }
  }, [state.failures]);
  const reason =
    access?.allowed === false
      ? access.reason
      : sides.problem
        ? trans.__('The YAML has to be mended first.')
        : undefined;
  const create = async () => {
    const job = await model.create();
    if (job) {
      onCreated(job);
    }
  };
  const insert = () =>
    insertSdkCode(context, model).catch((error: unknown) =>
      Notification.error(errorMessage(error), { autoClose: false })
    );
  return (
    <div
      ref={form}
      className="jp-Kubeflow-Create"
      onPointerDownCapture={() => model.press(true)}
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !reason) {
          event.preventDefault();
          void create();
        }
      }}
    >
      <header className="jp-Kubeflow-Create-header">
        <h1>{trans.__('New training job in %1', namespace)}</h1>
        <div className="jp-Kubeflow-Create-actions" role="toolbar" aria-label={trans.__('Actions')}>
          <TextButton
            primary
            reason={reason}
            disabled={busy !== undefined}
            onClick={() => void create()}
          >
            {busy === 'create' ? trans.__('Creating…') : trans.__('Create')}
          </TextButton>
          <TextButton
            reason={reason}
            disabled={busy !== undefined}
            onClick={() => void model.check()}
          >
            {busy === 'check' ? trans.__('Checking…') : trans.__('Check')}
          </TextButton>
          <TextButton
            reason={services.notebooks ? undefined : trans.__('There are no notebooks here.')}
            onClick={() => void insert()}
          >
            {trans.__('Insert SDK code')}
          </TextButton>
        </div>
      </header>
      {problems.top.length > 0 && (
        <div className="jp-Kubeflow-notice jp-mod-failed" role="alert" tabIndex={-1}>
          <div>
            {problems.top.map(words => (
              <p key={words}>{words}</p>
            ))}
          </div>
        </div>
      )}
      {state.accepted && (
        <div className="jp-Kubeflow-notice" role="status">
          <p>{trans.__('The server accepts this.')}</p>
        </div>
      )}
      {state.recalled && (
        <div className="jp-Kubeflow-notice" role="status">
          <p>{trans.__('This is what you have typed here last.')}</p>
          <TextButton onClick={() => model.reset()}>{trans.__('Begin anew')}</TextButton>
        </div>
      )}
      <div className="jp-Kubeflow-Create-sides">
        <section className="jp-Kubeflow-Create-form" aria-label={trans.__('Form')}>
          <Fields
            context={context}
            model={model}
            state={state}
            namespace={namespace}
            locked={sides.problem !== undefined || busy === 'create'}
          />
        </section>
        <YamlPane
          sides={sides}
          onChange={typed => model.editText(typed)}
          kubernetes={kubernetes}
          editors={services.editors}
          trans={trans}
        />
      </div>
    </div>
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
  const { draft, job } = state.sides;
  const { fields } = state.problems;
  const kubernetes = useKubernetes(context.kubeflow);
  const runtimes = useRuntimes(kubernetes, namespace);
  const suggestions = useSuggestions(kubernetes, namespace);
  const chosen = runtimes.all?.find(
    each => each.kind === draft.runtime.kind && each.name === draft.runtime.name
  );
  useEffect(() => model.knowRuntime(chosen), [chosen]);
  const line = (options: Omit<ILineProps, 'model' | 'state' | 'locked'>) => (
    <Line {...options} model={model} state={state} locked={locked} />
  );
  const rowErrors = (field: string, count: number) =>
    Array.from({ length: count }, (_, index) => fields[`${field}.${index}`]);
  const hidden = hiddenVariables(job);
  const nodes = chosen?.nodes;
  return (
    <fieldset className="jp-Kubeflow-Form" disabled={locked}>
      <legend className="jp-Kubeflow-spoken">{trans.__('Training job')}</legend>
      {line({ field: 'name', label: trans.__('Name'), required: true })}
      <section>
        <h2>{trans.__('Runtime')}</h2>
        <RuntimePicker
          runtimes={runtimes}
          chosen={draft.runtime}
          onChoose={runtime => model.chooseRuntime(runtime)}
          onName={name => model.edit({ runtime: { ...draft.runtime, name } })}
          error={fields['runtime']}
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
          errors={rowErrors('devices', draft.devices.length)}
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
          errors={rowErrors('env', draft.env.length)}
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
        <Checkpoint
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
    </fieldset>
  );
}
