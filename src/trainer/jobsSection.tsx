import { copyIcon, deleteIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { useCallback, useEffect } from 'react';

import { healthOf, type Phase } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds';
import { useRefusals } from '../ui/kubernetes/access';
import { useKubernetes, useNamespace } from '../ui/kubernetes/connection';
import { ObjectList } from '../ui/kubernetes/objectList';
import { useList } from '../ui/kubernetes/useList';
import { useListRequests } from '../ui/kubernetes/useListRequests';
import type { IRowAction } from '../ui/resourceList';
import { argsOf } from './commands';
import { CommandIDs, type Right, RIGHTS, type TrainerContext } from './context';
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

/** The section *Jobs* of the panel. */
export function JobsSection(props: { context: TrainerContext }): JSX.Element {
  const { context } = props;
  const { trans, commands, kubeflow } = context;
  const kubernetes = useKubernetes(kubeflow);
  const namespace = useNamespace(kubeflow);
  const list = kubernetes.lists.list(trainJobs, { namespace });
  const { data, error } = useList(list);
  const jobs = data ?? NONE;
  const facts = useFacts(kubernetes, namespace, jobs, trans);
  useNoted(kubernetes.client, jobs);
  // Rows do not wait for these questions.
  const asked = data || error != null ? namespace : null;
  const refusals = useRefusals(kubernetes.client, trainJobs, asked, RIGHTS, trans);
  const section = useListRequests(context.asked, kubernetes, list);
  const onSelect = useCallback((chosen: ITrainJob[]) => context.select(chosen), [context]);

  useEffect(() => {
    // What the context menu offers.
    context.refusals = refusals;
    commands.notifyCommandChanged();
  }, [refusals.create, refusals.patch, refusals.delete]);
  useEffect(() => () => context.select([]), [context, list]);

  const actions = (job: ITrainJob): IRowAction[] => {
    const action = (id: string, icon: IRowAction['icon'], label: string, right: Right) => ({
      id,
      icon,
      label,
      reason: refusals[right],
      run: () => void commands.execute(id, argsOf(job))
    });
    const { queue } = facts.of(job);
    const { phase } = healthOf(trainJobs, job);
    return [
      ...(phase === 'suspended'
        ? [
            {
              ...action(CommandIDs.resumeJob, runIcon, trans.__('Resume'), 'patch'),
              ...(queue && { reason: queuedReason(queue, trans) })
            }
          ]
        : phase === 'running' || phase === 'pending'
          ? [action(CommandIDs.suspendJob, stopIcon, trans.__('Suspend…'), 'patch')]
          : []),
      action(CommandIDs.cloneJob, copyIcon, trans.__('Clone…'), 'create'),
      action(CommandIDs.deleteJob, deleteIcon, trans.__('Delete…'), 'delete')
    ];
  };
  return (
    <ObjectList
      key={namespace}
      trans={trans}
      kind={facts.kind}
      rowKind="train-job"
      list={list}
      namespace={namespace}
      phases={PHASES}
      figure={(job, health) => (
        <JobFigure trans={trans} job={job} health={health} facts={facts.of(job)} />
      )}
      facts={job => runtimeWords(job, trans)}
      actions={actions}
      onVisible={facts.show}
      onOpen={job => void commands.execute(CommandIDs.openJob, argsOf(job))}
      onDelete={() => {
        if (commands.isEnabled(CommandIDs.deleteJob, { from: 'list' })) {
          void commands.execute(CommandIDs.deleteJob, { from: 'list' });
        }
      }}
      onSelect={onSelect}
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
      handle={section}
    />
  );
}
