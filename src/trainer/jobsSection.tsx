import { copyIcon, deleteIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { useSyncExternalStore } from 'react';

import { healthOf, type Phase } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds';
import { katibIcon } from '../ui/icons';
import { ObjectList } from '../ui/kubernetes/objectList';
import { usePanelList } from '../ui/kubernetes/usePanelList';
import type { IRowAction } from '../ui/resourceList';
import { argsOf, canTune } from './commands';
import { CommandIDs, RIGHTS, type TrainerContext } from './context';
import { JobFigure, queuedReason, runtimeWords } from './jobRow';
import { useNoted } from './metrics/jobReports';
import { useFacts } from './useFacts';

/** The states that a TrainJob can be in. */
const PHASES: readonly Phase[] = [
  'running',
  'pending',
  'degraded',
  'suspended',
  'succeeded',
  'failed',
  'terminating'
];
const NONE: readonly ITrainJob[] = [];
const JOBS = {
  kind: trainJobs,
  rights: RIGHTS,
  selectedOf: (job: ITrainJob) => job,
  argsOf,
  open: CommandIDs.openJob,
  remove: CommandIDs.deleteJob
};

/** The section *Jobs* of the panel. */
export function JobsSection(props: { context: TrainerContext }): JSX.Element {
  const { context } = props;
  const { trans, commands } = context;
  const { kubernetes, namespace, data, actionOn, props: listProps } = usePanelList(context, JOBS);
  const jobs = data ?? NONE;
  const facts = useFacts(kubernetes, namespace, jobs, trans);
  useNoted(kubernetes.client, jobs);
  const tunable = useSyncExternalStore(context.tuning.subscribe, () => canTune(context));

  const actions = (job: ITrainJob): IRowAction[] => {
    const action = actionOn(job);
    const { queue } = facts.of(job);
    const { phase } = healthOf(trainJobs, job);
    const steer: IRowAction[] =
      phase === 'suspended'
        ? [
            {
              ...action(CommandIDs.resumeJob, runIcon, trans.__('Resume'), 'patch'),
              ...(queue && { reason: queuedReason(queue, trans) })
            }
          ]
        : phase === 'running' || phase === 'pending'
          ? [action(CommandIDs.suspendJob, stopIcon, trans.__('Suspend…'), 'patch')]
          : [];
    // A row has room for three buttons: what goes on is tuned from the menus.
    const hasRoom = steer.length === 0;
    return [
      ...steer,
      action(CommandIDs.cloneJob, copyIcon, trans.__('Clone…'), 'create'),
      ...(tunable && hasRoom ? [action(CommandIDs.tuneJob, katibIcon, trans.__('Tune…'))] : []),
      action(CommandIDs.deleteJob, deleteIcon, trans.__('Delete…'), 'delete')
    ];
  };
  return (
    <ObjectList
      key={namespace}
      {...listProps}
      kind={facts.kind}
      rowKind="train-job"
      phases={PHASES}
      figure={(job, health) => (
        <JobFigure trans={trans} job={job} health={health} facts={facts.of(job)} />
      )}
      facts={job => runtimeWords(job, trans)}
      actions={actions}
      onVisible={facts.show}
      empty={{
        message: trans.__(
          'No training jobs in %1 yet. Right-click a Python file or a notebook and choose Train…',
          namespace
        ),
        action: {
          label: trans.__('Create training job…'),
          run: () => void commands.execute(CommandIDs.createJob)
        }
      }}
    />
  );
}
