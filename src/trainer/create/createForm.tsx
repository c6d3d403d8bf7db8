import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import { More } from '../../ui/form/line';
import { useKubernetes } from '../../ui/kubernetes/connection';
import { DraftLine, DraftPairs } from '../../ui/kubernetes/form/objectFormView';
import { at, hiddenVariables } from '../../ui/training/draft';
import {
  ArgumentsField,
  DEVICES,
  EnvironmentFields,
  RuntimeField,
  useChosenRuntime
} from '../../ui/training/trainingFields';
import { TrainingFormView } from '../../ui/training/trainingFormView';
import type { TrainerContext } from '../context';
import { CheckpointFields } from './checkpointFields';
import { OriginFields } from './originFields';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import { insertSdkCode } from './insertSdkCode';
import type { IDraft } from './model';
import { useSuggestions } from './suggestions';

/** What the form is given. */
export interface ICreateFormProps {
  context: TrainerContext;
  model: FormModel;
  onCreated: (job: ITrainJob) => void;
}

/** The form to create a TrainJob with the YAML beside it. */
export function CreateForm({ context, model, onCreated }: ICreateFormProps): JSX.Element {
  const { trans } = context;
  return (
    <TrainingFormView
      context={context}
      model={model}
      kind={trainJobs}
      title={namespace => trans.__('New training job in %1', namespace)}
      words={{ form: trans.__('Training job'), yaml: trans.__('YAML of the training job') }}
      insert={() => insertSdkCode(context, model)}
      onCreated={onCreated}
    >
      {shown => <Fields context={context} model={model} {...shown} />}
    </TrainingFormView>
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
  const { context, model, state, namespace } = props;
  const { trans } = context;
  const { draft, object } = state.sides;
  const kubernetes = useKubernetes(context.kubeflow);
  const suggestions = useSuggestions(kubernetes, namespace);
  const { runtimes, chosen } = useChosenRuntime(props);
  const line = (
    options: Omit<React.ComponentProps<typeof DraftLine<IDraft>>, 'model' | 'state'>
  ) => <DraftLine {...options} model={model} state={state} />;
  const hidden = hiddenVariables(at(object, ['spec']));
  const nodes = chosen?.nodes;
  return (
    <>
      {line({ field: 'name', label: trans.__('Name'), required: true })}
      <section>
        <h2>{trans.__('Runtime')}</h2>
        <RuntimeField {...props} runtimes={runtimes} />
      </section>
      <section>
        <h2>{trans.__('Code')}</h2>
        <OriginFields {...props} />
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
        <ArgumentsField {...props} />
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
        <DraftPairs
          field="devices"
          label={trans.__('GPUs and other devices per node')}
          one={trans.__('Device')}
          add={trans.__('Add a device')}
          names={trans.__('Resource')}
          values={trans.__('Number')}
          suggestions={DEVICES}
          trans={trans}
          model={model}
          state={state}
        />
      </section>
      <More
        label={trans.__('Environment')}
        open={draft.env.length > 0 || draft.image !== '' || hidden > 0}
      >
        <EnvironmentFields {...props} hidden={hidden} chosen={chosen} />
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
