import { useContext, useMemo, useState } from 'react';

import { healthOf } from '../client/kubernetes/kind';
import { type ITrainJob, pods as podKind, trainJobs } from '../client/kubernetes/kinds';
import type { ITabView } from '../ui/detailTabs';
import { trainerIcon } from '../ui/icons';
import { useRefusals } from '../ui/kubernetes/access';
import { type IKubernetes, useKubernetes } from '../ui/kubernetes/connection';
import { eventsTab, ObjectFrame, yamlTab } from '../ui/kubernetes/objectFrame';
import { useSection } from '../ui/tabHooks';
import { PhaseIcon } from '../ui/kubernetes/phase';
import { PodLogs } from '../ui/kubernetes/podLogs';
import { forbiddenWords } from '../ui/kubernetes/problem';
import { type IWatched, WatchedObject } from '../ui/kubernetes/watchedObject';
import type { ITab } from '../ui/tabs';
import { useNow, VisibleContext } from '../ui/text';
import { causeMessage } from './causeWords';
import { CheckpointsTab } from './checkpointsTab';
import { argsOf } from './commands';
import { CommandIDs, type IJobRef, type Right, RIGHTS, type TrainerContext } from './context';
import { GraphTab } from './graphTab';
import { queuedReason } from './jobRow';
import { useNoted } from './metrics/jobReports';
import { beganOf, nodesReady, nodesWanted, placeLabel } from './nodes';
import { useJobParts } from './parts';
import { ProgressTab } from './progressTab';
import { ResourcesTab } from './resourcesTab';
import { healthWith, type IKnown, noPodsWords, stateWords } from './stateWords';
import { useCause } from './useCause';

/** What a job's tab is given. Its sections: `progress`, `graph`, `logs`, `events`, `resources`, `checkpoints` or `yaml`. */
export interface IJobDetailProps extends ITabView {
  context: TrainerContext;
  of: Required<IJobRef>;
}

/** A job's tab: the one job is watched, and what it was last stays when it is deleted. */
export function JobDetail(props: IJobDetailProps): JSX.Element {
  const { context, of } = props;
  const { trans } = context;
  const { namespace, name } = of;
  const kubernetes = useKubernetes(context.kubeflow);
  return (
    <WatchedObject
      trans={trans}
      kubernetes={kubernetes}
      kind={trainJobs}
      namespace={namespace}
      name={name}
      absent={trans.__(
        'The training job “%1” is not in %2 on the active connection. It may have been deleted, or belong to another connection.',
        name,
        namespace
      )}
      onGone={props.onGone}
    >
      {watched => <Detail {...props} kubernetes={kubernetes} watched={watched} />}
    </WatchedObject>
  );
}

function Detail(
  props: IJobDetailProps & { kubernetes: IKubernetes; watched: IWatched<ITrainJob> }
): JSX.Element {
  const { context, of, kubernetes } = props;
  const { object: job, gone } = props.watched;
  const { trans, commands, kubeflow, services } = context;
  const visible = useContext(VisibleContext);
  const [tab, show] = useSection(props, 'progress');
  const [node, setNode] = useState<string | null>(null);
  const [pod, setPod] = useState<string>();
  useNoted(
    kubernetes.client,
    useMemo(() => [job], [job])
  );
  const parts = useJobParts(kubernetes, job);
  const { cause, queue } = useCause(kubernetes, job, parts);
  const refusals = useRefusals(kubernetes.client, trainJobs, of.namespace, RIGHTS, trans);
  const { phase } = healthOf(trainJobs, job);
  const known: IKnown = {
    cause,
    queue,
    ready: parts.ready && !parts.refusal ? nodesReady(parts.pods) : undefined,
    nodes: nodesWanted(job, parts.runtime),
    began: beganOf(parts.pods)
  };
  const unknown =
    parts.refusal !== undefined
      ? forbiddenWords(
          { verb: 'list', kind: podKind, namespace: of.namespace },
          parts.refusal,
          trans
        )
      : undefined;

  const tabs: ITab[] = [
    {
      id: 'progress',
      label: trans.__('Progress'),
      render: () => (
        <ProgressTab
          context={context}
          job={job}
          known={known}
          unknown={unknown}
          gone={gone}
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
          unknown={unknown}
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
          none={unknown ?? noPodsWords(job, trans)}
          labelOf={each => placeLabel(each, trans)}
          ready={parts.ready}
        />
      )
    },
    eventsTab({ trans, kubernetes, object: job, owned: parts.owned }),
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
    yamlTab({
      trans,
      kubeflow,
      kubernetes,
      editors: services.editors,
      kind: trainJobs,
      object: job
    })
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
    <ObjectFrame
      trans={trans}
      icon={trainerIcon}
      state={<PhaseIcon phase={healthWith(job, cause).phase} trans={trans} />}
      name={of.name}
      words={<Words context={context} job={job} known={known} />}
      primary={{
        label: suggested.label,
        busy: phase === 'suspended' ? trans.__('Resuming…') : undefined,
        reason: (phase === 'suspended' && queue && queuedReason(queue, trans)) || refusals[right],
        run: () => commands.execute(suggested.command, about(right))
      }}
      menu={{
        commands,
        items: [
          { command: CommandIDs.suspendJob, args: about('patch') },
          { command: CommandIDs.resumeJob, args: about('patch') },
          { command: CommandIDs.cloneJob, args: about('create') },
          { command: CommandIDs.tuneJob, args: argsOf(job) },
          { command: CommandIDs.registerModel, args: argsOf(job) },
          { command: CommandIDs.deleteJob, args: about('delete') }
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

/** The job's state as a sentence, counting while it goes on. */
function Words(props: { context: TrainerContext; job: ITrainJob; known: IKnown }): JSX.Element {
  const { context, job, known } = props;
  const { phase } = healthOf(trainJobs, job);
  const now = useNow(1000, phase === 'running' || phase === 'pending');
  const { before, place, after } = stateWords(job, known, now, context.trans);
  return (
    <span title={known.cause && causeMessage(known.cause, context.trans)}>
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
