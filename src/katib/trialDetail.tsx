import { useContext, useMemo } from 'react';

import type { IKind } from '../client/kubernetes/kind';
import {
  type IOptimizationJob,
  type ITrial as IKatibTrial,
  optimizationJobs,
  trainJobs,
  trials as trialKind
} from '../client/kubernetes/kinds';
import type { ITabView } from '../ui/detailTabs';
import { formatExact, formatNumber, localeOf } from '../ui/format';
import { katibIcon } from '../ui/icons';
import { KeyValue } from '../ui/keyValue';
import { StateSection } from '../ui/kubernetes/conditions';
import { type IKubernetes, useKubernetes } from '../ui/kubernetes/connection';
import { eventsTab, ObjectFrame, yamlTab } from '../ui/kubernetes/objectFrame';
import { useSection } from '../ui/tabHooks';
import { useList } from '../ui/kubernetes/useList';
import { type IWatched, WatchedObject } from '../ui/kubernetes/watchedObject';
import type { ITab } from '../ui/tabs';
import { useNow, VisibleContext } from '../ui/text';
import { TextButton } from '../ui/viewState';
import { CurvesTab } from './charts';
import { CommandIDs, type ITrialRef, type KatibContext } from './context';
import { katibOf } from './katibClient';
import { EXPERIMENT_LABEL, objectiveOf, trialOf } from './model/experiment';
import { studyOfOptimizationJob, trialOfTrainJob } from './model/optimizationJob';
import type { IStudy, ITrial } from './model/study';
import { runKind } from './model/trainJob';
import { TrialValues } from './overviewTab';
import { seriesReader } from './series';
import { objectiveWords, trialWords } from './stateWords';
import { TrialLogs } from './trialLogs';
import { isKatibTrial, type TrialObject, useTrialPods } from './trialPods';
import { TrialStateIcon } from './trialState';

/** What a trial's tab is given. Its sections: `overview`, `curves`, `logs`, `events` or `yaml`. */
export interface ITrialDetailProps extends ITabView {
  context: KatibContext;
  of: ITrialRef;
}

/** The tab of a trial: a Trial of Katib, or the TrainJob that is one of an OptimizationJob. */
export function TrialDetail(props: ITrialDetailProps): JSX.Element {
  const { context, of } = props;
  const { trans } = context;
  const kubernetes = useKubernetes(context.kubeflow);
  const kind = (of.kind === 'Experiment' ? trialKind : trainJobs) as IKind<TrialObject>;
  return (
    <WatchedObject
      trans={trans}
      kubernetes={kubernetes}
      kind={kind}
      namespace={of.namespace}
      name={of.name}
      absent={trans.__(
        'The trial “%1” is not in %2 on the active connection. It may have been deleted, or belong to another connection.',
        of.name,
        of.namespace
      )}
      onGone={props.onGone}
    >
      {watched =>
        isKatibTrial(watched.object) ? (
          <KatibTrial {...{ ...props, kubernetes, watched }} object={watched.object} />
        ) : (
          <JobTrial {...{ ...props, kubernetes, watched }} />
        )
      }
    </WatchedObject>
  );
}

type IViewProps = ITrialDetailProps & {
  kubernetes: IKubernetes;
  watched: IWatched<TrialObject>;
};

/** What a trial's tab needs of its experiment. */
type Around = Pick<IStudy, 'name' | 'objective' | 'additionalMetrics' | 'algorithm' | 'parameters'>;

function KatibTrial(props: IViewProps & { object: IKatibTrial }): JSX.Element {
  const { object } = props;
  const study = useMemo(
    () => ({
      name: props.of.experiment ?? object.metadata?.labels?.[EXPERIMENT_LABEL] ?? '',
      objective: objectiveOf(object.spec.objective),
      additionalMetrics: object.spec.objective?.additionalMetricNames ?? [],
      algorithm: '',
      parameters: []
    }),
    [object, props.of.experiment]
  );
  return <Detail {...props} study={study} trial={trialOf(object)} />;
}

/** A TrainJob does not tell by itself what of its variables are parameters: its OptimizationJob does. */
function JobTrial(props: IViewProps): JSX.Element {
  const { kubernetes, of, watched } = props;
  const { object } = watched;
  const owner =
    of.experiment ??
    object.metadata?.ownerReferences?.find(({ kind }) => kind === 'OptimizationJob')?.name ??
    '';
  const jobs = useList(
    owner
      ? kubernetes.lists.list(optimizationJobs, {
          namespace: of.namespace,
          fieldSelector: `metadata.name=${owner}`
        })
      : undefined
  ).data;
  const study = useMemo(
    () =>
      studyOfOptimizationJob(jobs?.[0] ?? ({ spec: NOTHING } as unknown as IOptimizationJob), []),
    [jobs]
  );
  const trial = trialOfTrainJob(
    object as Exclude<TrialObject, IKatibTrial>,
    study.objective.metric,
    study.parameters.map(({ name }) => name)
  );
  return <Detail {...props} study={{ ...study, name: owner }} trial={trial} />;
}

const NOTHING = { objectives: [], parameters: [] };

function Detail(props: IViewProps & { study: Around; trial: Omit<ITrial, 'number'> }): JSX.Element {
  const { context, of, kubernetes, study, trial } = props;
  const { object } = props.watched;
  const { trans, commands, kubeflow, services } = context;
  const [tab, show] = useSection(props, 'overview');
  const { pods, ready } = useTrialPods(kubernetes, object);
  const args = {
    kind: of.kind,
    namespace: of.namespace,
    name: of.name,
    ...(study.name ? { experiment: study.name } : {})
  };
  const kind = (isKatibTrial(object) ? trialKind : trainJobs) as IKind<TrialObject>;
  const tabs: ITab[] = [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: () => (
        <Overview
          context={context}
          object={object}
          study={study}
          trial={trial}
          namespace={of.namespace}
          onLogs={() => show('logs')}
        />
      )
    },
    {
      id: 'curves',
      label: trans.__('Curves'),
      render: () => <Curves {...props} />
    },
    {
      id: 'logs',
      label: trans.__('Logs'),
      render: () => <TrialLogs {...{ context, kubernetes, object, trial, pods, ready }} />
    },
    eventsTab({ trans, kubernetes, object, owned: pods }),
    yamlTab({ trans, kubeflow, kubernetes, editors: services.editors, kind, object })
  ];
  return (
    <ObjectFrame
      trans={trans}
      icon={katibIcon}
      state={<TrialStateIcon state={trial.state} trans={trans} />}
      name={of.name}
      words={<Words context={context} study={study} trial={trial} />}
      primary={{
        label: trans.__('Train with these…'),
        run: () => commands.execute(CommandIDs.trainWith, args)
      }}
      menu={{
        commands,
        items: [
          { command: CommandIDs.trainWith, args },
          { command: CommandIDs.copyParameters, args },
          { command: CommandIDs.registerModel, args },
          ...(study.name
            ? [
                {
                  command: CommandIDs.openExperiment,
                  args: { kind: of.kind, namespace: of.namespace, name: study.name }
                }
              ]
            : [])
        ]
      }}
      watched={props.watched}
      onGone={props.onGone}
      current={tab}
      onTab={show}
      tabs={tabs}
    />
  );
}

/** The metrics over time, as in the tab of the experiment. */
function Curves(props: React.ComponentProps<typeof Detail>): JSX.Element {
  const { context, of, kubernetes, study, trial } = props;
  const { trans, kubeflow } = context;
  const visible = useContext(VisibleContext);
  const series = useMemo(
    () => seriesReader(of, katibOf(kubeflow), kubernetes, trans),
    [of.kind, of.namespace, kubeflow, kubernetes, trans]
  );
  // Its number is its experiment's to tell, and curves go by names.
  const alone = useMemo<IStudy>(
    () => ({
      ...study,
      kind: of.kind,
      namespace: of.namespace,
      uid: trial.uid,
      trials: [{ ...trial, number: 1 }]
    }),
    [study, trial, of.kind, of.namespace]
  );
  const selected = useMemo(() => new Set([trial.name]), [trial.name]);
  return (
    <div className="jp-Kubeflow-overview">
      <CurvesTab
        trans={trans}
        study={alone}
        visible={visible}
        selected={selected}
        onSelect={() => undefined}
        onOpen={() => undefined}
        series={series}
      />
    </div>
  );
}

/** The state as a sentence, counting while it goes on. */
function Words(props: {
  context: KatibContext;
  study: Around;
  trial: Omit<ITrial, 'number'>;
}): JSX.Element {
  const { context, study, trial } = props;
  const now = useNow(1000, trial.state === 'running' || trial.state === 'pending');
  return (
    <span title={trial.reason}>
      {trialWords(trial, study.objective.metric, now, context.trans)}
    </span>
  );
}

/** What a trial tried and reached, and why it is as it is. */
function Overview(props: {
  context: KatibContext;
  object: TrialObject;
  study: Around;
  trial: Omit<ITrial, 'number'>;
  namespace: string;
  onLogs: () => void;
}): JSX.Element {
  const { context, object, study, trial, namespace } = props;
  const { trans, commands } = context;
  const { objective, state, reason } = trial;
  const failed = state === 'failed' || state === 'metrics-unavailable';
  const locale = localeOf(trans);
  const exact = (time: number | undefined) =>
    time === undefined ? '–' : formatExact(new Date(time).toISOString(), locale);
  const run = isKatibTrial(object) ? runKind(object) : 'TrainJob';
  const openJob = 'kubeflow-trainer:open-job';
  return (
    <div className="jp-Kubeflow-overview">
      {failed && (
        <section className="jp-Kubeflow-cause jp-mod-failed" role="alert">
          {reason && (
            <p>
              <strong>{reason}</strong>
            </p>
          )}
          <p>
            {state === 'failed'
              ? trans.__('Read its log for the cause.')
              : trans.__(
                  'It ended, but %1 was not found in what it reported. Print it as “%1=value”, or change the metrics collector.',
                  study.objective.metric
                )}
          </p>
          <button type="button" className="jp-Kubeflow-link" onClick={props.onLogs}>
            {trans.__('Show its log')}
          </button>
        </section>
      )}
      <section>
        <h2>{trans.__('Result')}</h2>
        <p className="jp-Kubeflow-best">
          {objective === undefined ? (
            <span className="jp-Kubeflow-quiet">
              {trans.__('It has not reported “%1” so far.', study.objective.metric)}
            </span>
          ) : (
            <>
              <strong title={String(objective)}>{formatNumber(objective)}</strong>
              <span>{objectiveWords(study.objective, trans)}</span>
            </>
          )}
        </p>
        <TrialValues context={context} study={study} trial={trial} />
      </section>
      <section>
        <h2>{trans.__('Run')}</h2>
        <KeyValue
          words
          label={trans.__('Run')}
          rows={[
            ...(study.name ? [{ key: trans.__('Experiment'), value: study.name }] : []),
            { key: trans.__('Runs as'), value: run || trans.__('something that it does not tell') },
            { key: trans.__('Began'), value: exact(trial.start) },
            { key: trans.__('Ended'), value: exact(trial.end) }
          ]}
        />
        {run === 'TrainJob' && commands.hasCommand(openJob) && (
          <div className="jp-Kubeflow-actions">
            <TextButton
              onClick={() => void commands.execute(openJob, { namespace, name: trial.name })}
            >
              {trans.__('Open training job')}
            </TextButton>
          </div>
        )}
      </section>
      <StateSection trans={trans} status={object.status} />
    </div>
  );
}
