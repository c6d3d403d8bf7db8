import { HTMLSelect } from '@jupyterlab/ui-components';
import { useEffect, useId, useState } from 'react';

import { trainJobs } from '../../client/kubernetes/kinds/trainer';
import { More } from '../../ui/form/line';
import { describe, Field } from '../../ui/form/parameterField';
import { type IKubernetes, useKubernetes } from '../../ui/kubernetes/connection';
import { DraftLine, DraftPairs, DraftTexts } from '../../ui/kubernetes/form/objectFormView';
import { hiddenVariables } from '../../ui/training/draft';
import {
  ArgumentsField,
  DEVICES,
  EnvironmentFields,
  RuntimeField,
  useChosenRuntime
} from '../../ui/training/trainingFields';
import type { KatibContext } from '../context';
import { medianStopSettings } from './algorithms';
import type { FormModel } from './formModel';
import type { IFormState } from './formState';
import type { IDraft } from './model';
import { OriginFields } from './originFields';
import { SettingFields } from './settingFields';
import { SpaceFields } from './spaceFields';
import { placeOf, runKindOf, trialSpecOf } from './template';

/** What the sections of the form are given. */
export interface IFieldsProps {
  context: KatibContext;
  model: FormModel;
  state: IFormState;
  namespace: string;
  locked: boolean;
}

/** The names of a namespace's TrainJobs, read once; none where they may not be listed. */
function useTrainJobs(kubernetes: IKubernetes, namespace: string): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    void kubernetes.client
      .resource(trainJobs)
      .list({ namespace, signal: abort.signal })
      .then(
        jobs =>
          abort.signal.aborted || setNames(jobs.map(each => each.metadata?.name ?? '').sort()),
        () => undefined
      );
    return () => abort.abort();
  }, [kubernetes, namespace]);
  return names;
}

type LineOptions = Omit<React.ComponentProps<typeof DraftLine<IDraft>>, 'model' | 'state'>;

/** The fields of the form, in the order in which an experiment is thought of. */
export function Fields(props: IFieldsProps): JSX.Element {
  const { context, model, state, locked } = props;
  const { trans } = context;
  const jobs = useTrainJobs(useKubernetes(context.kubeflow), props.namespace);
  const line = (options: LineOptions) => <DraftLine {...options} model={model} state={state} />;
  return (
    <>
      {line({ field: 'name', label: trans.__('Name'), required: true })}
      <section>
        <h2>{trans.__('What is tuned')}</h2>
        <OriginFields {...props} jobs={jobs} />
      </section>
      <section>
        <h2>{trans.__('Search space')}</h2>
        <SpaceFields model={model} state={state} locked={locked} trans={trans} />
      </section>
      <section>
        <h2>{trans.__('Objective')}</h2>
        <ObjectiveFields {...props} />
      </section>
      <section>
        <h2>{trans.__('Algorithm')}</h2>
        <AlgorithmFields {...props} />
      </section>
      <section>
        <h2>{trans.__('Budget')}</h2>
        <div className="jp-Kubeflow-Form-pair">
          {line({
            field: 'max',
            label: trans.__('Trials'),
            numeric: true,
            placeholder: trans.__('no limit')
          })}
          {line({
            field: 'parallel',
            label: trans.__('At the same time'),
            numeric: true,
            placeholder: model.kind === 'Experiment' ? '3' : '1'
          })}
        </div>
        {model.kind === 'Experiment' && <StopFields {...props} />}
      </section>
      <section>
        <h2>{trans.__('Trials')}</h2>
        <TrialFields {...props} />
      </section>
      {model.kind === 'Experiment' && <MetricsFields {...props} />}
    </>
  );
}

function ObjectiveFields({ context: { trans }, model, state, locked }: IFieldsProps): JSX.Element {
  const { draft } = state.sides;
  const id = useId();
  const line = (options: LineOptions) => <DraftLine {...options} model={model} state={state} />;
  const isExperiment = model.kind === 'Experiment';
  return (
    <>
      <div className="jp-Kubeflow-Form-pair">
        {line({
          field: 'metric',
          label: trans.__('Metric'),
          required: true,
          placeholder: trans.__('for example %1', 'accuracy'),
          suggestions: state.source?.trial?.metrics
        })}
        <Field
          htmlFor={id}
          label={trans.__('Better is')}
          error={state.problems.fields['direction']}
        >
          <HTMLSelect
            {...describe(id, undefined, state.problems.fields['direction'])}
            disabled={locked}
            value={draft.direction}
            options={[
              { value: 'maximize', label: trans.__('more') },
              { value: 'minimize', label: trans.__('less') }
            ]}
            onChange={event =>
              model.edit({ direction: event.currentTarget.value as IDraft['direction'] })
            }
          />
        </Field>
      </div>
      {isExperiment && (
        <div className="jp-Kubeflow-Form-pair">
          {line({
            field: 'goal',
            label: trans.__('Goal'),
            hint: trans.__('No more trials begin once it is reached.'),
            placeholder: trans.__('none')
          })}
          {line({
            field: 'additional',
            label: trans.__('Other metrics to keep'),
            hint: trans.__('Names with commas between them.'),
            placeholder: trans.__('none')
          })}
        </div>
      )}
    </>
  );
}

function AlgorithmFields({ context: { trans }, model, state, locked }: IFieldsProps): JSX.Element {
  const { draft } = state.sides;
  const { algorithm, algorithms } = model;
  const id = useId();
  const error = state.problems.fields['algorithm'];
  const words = algorithm?.words ?? trans.__('This form does not know this algorithm.');
  return (
    <>
      <Field htmlFor={id} label={trans.__('How to search')} hint={words} error={error}>
        <HTMLSelect
          {...describe(id, words, error)}
          disabled={locked}
          value={draft.algorithm}
          options={[
            ...(algorithm ? [] : [{ value: draft.algorithm, label: draft.algorithm }]),
            ...algorithms.map(({ name, label }) => ({ value: name, label }))
          ]}
          onChange={event => model.chooseAlgorithm(event.currentTarget.value)}
        />
      </Field>
      {((algorithm?.settings.length ?? 0) > 0 || Object.keys(draft.settings).length > 0) && (
        <More
          label={trans.__('Settings of the algorithm')}
          open={
            algorithm?.settings.some(({ required }) => required) === true ||
            Object.values(draft.settings).some(Boolean)
          }
        >
          <SettingFields
            settings={algorithm?.settings ?? []}
            values={draft.settings}
            errors={name => state.problems.fields[`settings.${name}`]}
            suggestions={draft.space
              .filter(({ type }) => type === 'int' || type === 'double')
              .map(({ name }) => name)}
            locked={locked}
            onChange={settings => model.edit({ settings })}
            onBlur={name => model.leave(`settings.${name}`)}
            trans={trans}
          />
        </More>
      )}
    </>
  );
}

function StopFields({ context: { trans }, model, state, locked }: IFieldsProps): JSX.Element {
  const { draft } = state.sides;
  const { fields } = state.problems;
  const id = useId();
  const resume = useId();
  const hint = trans.__(
    'A trial ends early when its objective is worse than the median of the others at the same point. It has to report more than once.'
  );
  const others = ['', 'medianstop'].includes(draft.stopping)
    ? []
    : [{ value: draft.stopping, label: draft.stopping }];
  return (
    <>
      <div className="jp-Kubeflow-Form-pair">
        <DraftLine
          field="maxFailed"
          label={trans.__('Failed trials before it gives up')}
          numeric
          placeholder={trans.__('no limit')}
          model={model}
          state={state}
        />
        <Field htmlFor={resume} label={trans.__('With more trials later')} error={fields['resume']}>
          <HTMLSelect
            {...describe(resume, undefined, fields['resume'])}
            disabled={locked}
            value={draft.resume}
            options={[
              { value: 'Never', label: trans.__('it cannot go on') },
              { value: 'LongRunning', label: trans.__('it goes on; its search keeps running') },
              { value: 'FromVolume', label: trans.__('it goes on; its search is kept on a volume') }
            ]}
            onChange={event => model.edit({ resume: event.currentTarget.value })}
          />
        </Field>
      </div>
      <Field
        htmlFor={id}
        label={trans.__('Early stopping')}
        hint={draft.stopping === 'medianstop' ? hint : undefined}
        error={fields['stopping']}
      >
        <HTMLSelect
          {...describe(id, draft.stopping === 'medianstop', fields['stopping'])}
          disabled={locked}
          value={draft.stopping}
          options={[
            { value: '', label: trans.__('None: every trial runs to its end') },
            { value: 'medianstop', label: trans.__('Median: end trials that lag behind') },
            ...others
          ]}
          onChange={event => model.edit({ stopping: event.currentTarget.value })}
        />
      </Field>
      {draft.stopping === 'medianstop' && (
        <div className="jp-Kubeflow-Form-pair">
          <SettingFields
            settings={medianStopSettings(trans)}
            values={draft.stoppingSettings}
            errors={name => fields[`stoppingSettings.${name}`]}
            locked={locked}
            onChange={stoppingSettings => model.edit({ stoppingSettings })}
            onBlur={name => model.leave(`stoppingSettings.${name}`)}
            trans={trans}
          />
        </div>
      )}
    </>
  );
}

function TrialFields(props: IFieldsProps): JSX.Element {
  const { context, model, state } = props;
  const { trans } = context;
  const { draft, object } = state.sides;
  const { fields } = state.problems;
  const { runtimes, chosen } = useChosenRuntime(props);
  const retain = model.kind === 'Experiment' && (
    <label className="jp-Kubeflow-Form-check">
      <input
        type="checkbox"
        checked={draft.retain}
        onChange={event => model.edit({ retain: event.currentTarget.checked })}
      />
      {trans.__('Keep the jobs of trials that are done, with their logs')}
    </label>
  );
  if (runKindOf(model.kind, object) !== 'TrainJob') {
    return <>{retain}</>;
  }
  const place = placeOf(model.kind, trans.__('NAME'));
  const hidden = hiddenVariables(trialSpecOf(model.kind, object));
  return (
    <>
      <RuntimeField {...props} runtimes={runtimes} />
      <ArgumentsField
        {...props}
        hint={trans.__('%1 stands for the value of a parameter.', place)}
      />
      {fields['args'] && (
        <div className="jp-Kubeflow-Form-error" role="alert" tabIndex={-1} aria-invalid>
          {fields['args']}
        </div>
      )}
      {retain}
      <More
        label={trans.__('Resources and environment')}
        open={
          draft.resources.length > 0 ||
          draft.env.length > 0 ||
          draft.image !== '' ||
          draft.nodes !== '' ||
          hidden > 0
        }
      >
        <DraftLine
          field="nodes"
          label={trans.__('Nodes of a trial')}
          numeric
          placeholder={chosen && String(chosen.nodes)}
          model={model}
          state={state}
        />
        <DraftPairs
          field="resources"
          label={trans.__('Each node asks for')}
          one={trans.__('Resource')}
          add={trans.__('Add a resource')}
          names={trans.__('Resource')}
          values={trans.__('Amount')}
          suggestions={['cpu', 'memory', ...DEVICES]}
          trans={trans}
          model={model}
          state={state}
        />
        <EnvironmentFields {...props} hidden={hidden} chosen={chosen} />
      </More>
    </>
  );
}

function MetricsFields({ context: { trans }, model, state, locked }: IFieldsProps): JSX.Element {
  const { draft } = state.sides;
  const { fields } = state.problems;
  const id = useId();
  const known = ['StdOut', 'File', 'Push'];
  const formatError = Object.entries(fields).find(([field]) => field.startsWith('formats.'))?.[1];
  const readsText = draft.collector === 'StdOut' || draft.collector === 'File';
  return (
    <More
      label={trans.__('How metrics are read')}
      open={draft.collector !== 'StdOut' || draft.formats.length > 0 || formatError !== undefined}
    >
      <Field htmlFor={id} label={trans.__('Metrics collector')} error={fields['collector']}>
        <HTMLSelect
          {...describe(id, undefined, fields['collector'])}
          disabled={locked}
          value={draft.collector}
          options={[
            { value: 'StdOut', label: trans.__('From what a trial prints') },
            { value: 'File', label: trans.__('From a file that it writes') },
            {
              value: 'Push',
              label: trans.__('It reports them itself (report_metrics of the SDK)')
            },
            ...(known.includes(draft.collector)
              ? []
              : [{ value: draft.collector, label: draft.collector }])
          ]}
          onChange={event => model.edit({ collector: event.currentTarget.value })}
        />
      </Field>
      {draft.collector === 'File' && (
        <DraftLine
          field="file"
          label={trans.__('File')}
          placeholder={trans.__('for example %1', '/var/log/katib/metrics.log')}
          model={model}
          state={state}
        />
      )}
      {readsText && (
        <DraftTexts
          field="formats"
          label={trans.__('Patterns')}
          hint={trans.__(
            'Without one, lines with name=value are read. A pattern is a regular expression with two groups: the metric’s name and its value.'
          )}
          one={trans.__('Pattern')}
          add={trans.__('Add a pattern')}
          trans={trans}
          model={model}
          state={state}
        />
      )}
      {formatError && (
        <div className="jp-Kubeflow-Form-error" role="alert" tabIndex={-1} aria-invalid>
          {formatError}
        </div>
      )}
    </More>
  );
}
