import { useContext, useEffect, useMemo, useState } from 'react';

import { healthOf } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds';
import type { ListWatch } from '../client/kubernetes/listWatch';
import { DetailFrame } from '../ui/detailFrame';
import { trainerIcon } from '../ui/icons';
import { useKubernetes } from '../ui/kubernetes/connection';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { Events } from '../ui/kubernetes/events';
import { PhaseIcon } from '../ui/kubernetes/phase';
import { PodLogs } from '../ui/kubernetes/podLogs';
import { forbiddenWords, problemOf } from '../ui/kubernetes/problem';
import { Unwatched } from '../ui/kubernetes/unwatched';
import { useList } from '../ui/kubernetes/useList';
import { YamlEditor } from '../ui/kubernetes/yamlEditor';
import type { ILiveState } from '../ui/live';
import { LiveView } from '../ui/liveView';
import type { ITab } from '../ui/tabs';
import { useNow, VisibleContext } from '../ui/text';
import { errorKind, OfflineBar, ViewState } from '../ui/viewState';
import { CheckpointsTab } from './checkpointsTab';
import { argsOf } from './commands';
import { CommandIDs, type IJobRef, type Right, type TrainerContext } from './context';
import { GraphTab } from './graphTab';
import { queuedReason } from './jobRow';
import { useRefusals } from './jobsSection';
import { useNoted } from './metrics/jobReports';
import { nodesReady, nodesWanted, placeLabel } from './nodes';
import { useJobParts } from './parts';
import { ProgressTab } from './progressTab';
import { ResourcesTab } from './resourcesTab';
import { healthWith, type IKnown, noPodsWords, stateWords } from './stateWords';
import { useCause } from './useCause';

/** What a job's tab is given. */
export interface IJobDetailProps {
  context: TrainerContext;
  of: Required<IJobRef>;
  /** The section to begin with: `progress`, `graph`, `logs`, `events`, `resources`, `checkpoints` or `yaml`. */
  section?: string;
  onSection: (section: string) => void;
  /** Called when the tab has nothing to show any more. */
  onGone: () => void;
}

/** A job's tab: the one job is watched, and what it was last stays when it is deleted. */
export function JobDetail(props: IJobDetailProps): JSX.Element {
  const { context, of } = props;
  const { trans } = context;
  const { namespace, name } = of;
  const kubernetes = useKubernetes(context.kubeflow);
  const list = kubernetes.lists.list(trainJobs, {
    namespace,
    fieldSelector: `metadata.name=${name}`
  });
  const state = useList(list);
  const now = state.data?.[0];
  const [last, setLast] = useState(now);
  useEffect(() => {
    if (now) {
      setLast(now);
    }
  }, [now]);
  const job = now ?? last;
  if (job) {
    const gone = !now && state.data !== undefined;
    return (
      <Detail {...props} kubernetes={kubernetes} job={job} gone={gone} state={state} list={list} />
    );
  }
  return state.data && state.error == null ? (
    <ViewState
      kind="empty"
      trans={trans}
      message={trans.__(
        'The training job “%1” is not in %2 on the active connection. It may have been deleted, or belong to another connection.',
        name,
        namespace
      )}
      action={{ label: trans.__('Close tab'), run: props.onGone }}
    />
  ) : (
    <LiveView
      state={{ ...state, data: undefined } as ILiveState<unknown>}
      trans={trans}
      retry={() => list.retry()}
      {...problemOf({ verb: 'get', kind: trainJobs, namespace }, state.error, trans)}
    >
      {() => null}
    </LiveView>
  );
}

function Detail(
  props: IJobDetailProps & {
    kubernetes: IKubernetes;
    job: ITrainJob;
    /** It was deleted; what is shown is what it was. */
    gone: boolean;
    state: ILiveState<unknown>;
    list: ListWatch<ITrainJob>;
  }
): JSX.Element {
  const { context, of, kubernetes, job, gone, state } = props;
  const { trans, commands } = context;
  const visible = useContext(VisibleContext);
  const [tab, setTab] = useState(props.section ?? 'progress');
  const [node, setNode] = useState<string | null>(null);
  const [pod, setPod] = useState<string>();
  useNoted(
    kubernetes.client,
    useMemo(() => [job], [job])
  );
  const parts = useJobParts(kubernetes, job);
  const { cause, queue } = useCause(kubernetes, job, parts);
  const refusals = useRefusals(context, of.namespace);
  const { phase } = healthOf(trainJobs, job);
  const known: IKnown = {
    cause,
    queue,
    ready: nodesReady(parts.pods),
    nodes: nodesWanted(job, parts.runtime)
  };
  const show = (section: string) => {
    setTab(section);
    props.onSection(section);
  };

  const tabs: ITab[] = [
    {
      id: 'progress',
      label: trans.__('Progress'),
      render: () => (
        <ProgressTab
          context={context}
          job={job}
          cause={cause}
          queue={queue}
          onLog={() => {
            setPod(cause?.pod);
            show('logs');
          }}
          visible={visible}
        />
      )
    },
    {
      id: 'graph',
      label: trans.__('Graph'),
      render: () => (
        <GraphTab
          context={context}
          kubernetes={kubernetes}
          job={job}
          parts={parts}
          selected={node}
          onSelect={setNode}
        />
      )
    },
    {
      id: 'logs',
      label: trans.__('Logs'),
      render: () => (
        <PodLogs
          key={pod}
          trans={trans}
          kubernetes={kubernetes}
          pods={parts.pods}
          pod={pod}
          name={of.name}
          none={noPodsWords(job, trans)}
          labelOf={each => placeLabel(each, trans)}
          ready={parts.ready}
        />
      )
    },
    {
      id: 'events',
      label: trans.__('Events'),
      render: () => (
        <Events trans={trans} kubernetes={kubernetes} object={job} owned={parts.owned} />
      )
    },
    {
      id: 'resources',
      label: trans.__('Resources'),
      render: () => <ResourcesTab trans={trans} job={job} parts={parts} />
    },
    {
      id: 'checkpoints',
      label: trans.__('Checkpoints'),
      render: () => (
        <CheckpointsTab context={context} kubernetes={kubernetes} job={job} parts={parts} />
      )
    },
    {
      id: 'yaml',
      label: trans.__('YAML'),
      render: () => (
        <YamlEditor
          key={job.metadata?.uid}
          trans={trans}
          kubernetes={kubernetes}
          editors={context.services.editors}
          kind={trainJobs}
          object={job}
          connection={context.kubeflow.connection.state?.active ?? ''}
        />
      )
    }
  ];
  const about = (right: Right) => argsOf(job, refusals[right]);
  const suggested = {
    suspended: { command: CommandIDs.resumeJob, label: trans.__('Resume'), right: 'patch' },
    pending: { command: CommandIDs.suspendJob, label: trans.__('Suspend…'), right: 'patch' },
    running: { command: CommandIDs.suspendJob, label: trans.__('Suspend…'), right: 'patch' }
  }[phase as string] ?? {
    command: CommandIDs.cloneJob,
    label: trans.__('Clone…'),
    right: 'create'
  };
  const right = suggested.right as Right;
  return (
    <DetailFrame
      trans={trans}
      icon={trainerIcon}
      state={gone ? undefined : <PhaseIcon phase={healthWith(job, cause).phase} trans={trans} />}
      name={of.name}
      words={gone ? trans.__('deleted') : <Words context={context} job={job} known={known} />}
      primary={
        gone
          ? { label: trans.__('Close tab'), run: props.onGone }
          : {
              label: suggested.label,
              busy: phase === 'suspended' ? trans.__('Resuming…') : undefined,
              reason:
                (phase === 'suspended' && queue && queuedReason(queue, trans)) || refusals[right],
              run: () => commands.execute(suggested.command, about(right))
            }
      }
      menu={
        gone
          ? undefined
          : {
              commands,
              items: [
                { command: CommandIDs.suspendJob, args: about('patch') },
                { command: CommandIDs.resumeJob, args: about('patch') },
                { command: CommandIDs.cloneJob, args: about('create') },
                { command: CommandIDs.deleteJob, args: about('delete') }
              ]
            }
      }
      notice={<Notice {...props} />}
      stale={gone || state.error != null}
      current={tab}
      onTab={show}
      tabs={tabs}
    />
  );
}

function Notice(props: React.ComponentProps<typeof Detail>): JSX.Element | null {
  const { context, of, gone, state, list } = props;
  const { trans } = context;
  if (gone) {
    return (
      <p className="jp-Kubeflow-notice" role="status">
        {trans.__('%1 was deleted. This is how it was last.', of.name)}
      </p>
    );
  }
  const access = { verb: 'get', kind: trainJobs, namespace: of.namespace } as const;
  if (state.error == null) {
    return (
      <Unwatched
        trans={trans}
        state={state}
        access={{ ...access, verb: 'watch' }}
        retry={() => list.retry()}
      />
    );
  }
  return errorKind(state.error) === 'forbidden' ? (
    <p className="jp-Kubeflow-notice" role="alert">
      {forbiddenWords(access, state.error, trans)}
    </p>
  ) : (
    <OfflineBar trans={trans} since={state.since} error={state.error} retry={() => list.retry()} />
  );
}

/** The job's state as a sentence, counting while it goes on. */
function Words(props: { context: TrainerContext; job: ITrainJob; known: IKnown }): JSX.Element {
  const { context, job, known } = props;
  const { phase } = healthOf(trainJobs, job);
  const now = useNow(1000, phase === 'running' || phase === 'pending');
  const { before, place, after } = stateWords(job, known, now, context.trans);
  return (
    <span title={known.cause?.message}>
      {before}
      {place && (
        <>
          {' '}
          <em>{place}</em>
        </>
      )}
      {after}
    </span>
  );
}
