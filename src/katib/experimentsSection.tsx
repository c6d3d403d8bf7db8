import { copyIcon, deleteIcon, editIcon, stopIcon } from '@jupyterlab/ui-components';
import { useCallback, useMemo } from 'react';

import { healthOf, type IKind, type Phase } from '../client/kubernetes/kind';
import {
  type IExperiment,
  type IOptimizationJob,
  type ITrainJob,
  optimizationJobs,
  trainJobs,
  tuningExperiments
} from '../client/kubernetes/kinds';
import { useKubernetes, useNamespace } from '../ui/kubernetes/connection';
import { ObjectList } from '../ui/kubernetes/objectList';
import { useList } from '../ui/kubernetes/useList';
import { usePanelList } from '../ui/kubernetes/usePanelList';
import type { IRowAction } from '../ui/resourceList';
import { useNow } from '../ui/text';
import { argsOf } from './commands';
import { CommandIDs, CreateCommandIDs, type KatibContext, RIGHTS } from './context';
import { ExperimentFigure } from './experimentRow';
import { isExperiment, selectedOf, type StudyObject } from './kinds';
import { canStop, isOver, obstacleOf } from './model/budget';
import { objectiveOf } from './model/experiment';
import { budgetOf, factsOfExperiment, factsOfStudy, type IFacts } from './model/facts';
import { studyOfOptimizationJob } from './model/optimizationJob';
import type { IStudy } from './model/study';
import { lastingReason } from './reasons';

/** The states that tuning experiments can be in. */
const PHASES: readonly Phase[] = ['running', 'pending', 'succeeded', 'failed', 'terminating'];
const NONE: readonly never[] = [];

/** What a row tells beside its object. */
interface IRowFacts {
  objective: IStudy['objective'];
  facts: IFacts;
}

/** The section of Katib's Experiments: all that a row tells is in the Experiment itself, so no Trial is read. */
export function ExperimentsSection(props: { context: KatibContext }): JSX.Element {
  const now = useNow(5000);
  const factsOf = useCallback(
    (experiment: IExperiment): IRowFacts => ({
      objective: objectiveOf(experiment.spec.objective),
      facts: factsOfExperiment(experiment, now)
    }),
    [now]
  );
  return (
    <StudySection context={props.context} kind={tuningExperiments} areMade factsOf={factsOf} />
  );
}

/** The section of Trainer's OptimizationJobs, which tell nothing of their trials: those are TrainJobs. */
export function OptimizationJobsSection(props: {
  context: KatibContext;
  /** Whether the form makes them, as it does where there are no Experiments. */
  areMade: boolean;
}): JSX.Element {
  const { kubeflow } = props.context;
  const { lists } = useKubernetes(kubeflow);
  const namespace = useNamespace(kubeflow);
  const now = useNow(5000);
  const jobs = useList(lists.list(optimizationJobs, { namespace })).data;
  const wanted = (jobs?.length ?? 0) > 0;
  const trials = useList(wanted ? lists.list(trainJobs, { namespace }) : undefined).data;
  const byOwner = useMemo(() => groupByOwner(trials ?? NONE), [trials]);
  const factsOf = useCallback(
    (job: IOptimizationJob): IRowFacts => {
      const study = studyOfOptimizationJob(job, byOwner.get(job.metadata?.uid ?? '') ?? NONE);
      return { objective: study.objective, facts: factsOfStudy(study, budgetOf(job), now) };
    },
    [byOwner, now]
  );
  return (
    <StudySection
      context={props.context}
      kind={optimizationJobs}
      areMade={props.areMade}
      factsOf={factsOf}
    />
  );
}

function StudySection<T extends StudyObject>(props: {
  context: KatibContext;
  kind: IKind<T>;
  /** Whether a new tuning experiment is of this kind. */
  areMade: boolean;
  factsOf: (object: T) => IRowFacts;
}): JSX.Element {
  const { context, kind, areMade, factsOf } = props;
  const { trans, commands } = context;
  const {
    namespace,
    actionOn,
    props: listProps
  } = usePanelList(context, {
    kind,
    rights: RIGHTS,
    selectedOf,
    argsOf,
    open: CommandIDs.openExperiment,
    remove: CommandIDs.deleteExperiment
  });

  const actions = (object: T): IRowAction[] => {
    const action = actionOn(object);
    const katib = isExperiment(object as StudyObject) ? (object as IExperiment) : undefined;
    const clone = commands.hasCommand(CreateCommandIDs.createExperiment)
      ? [action(CommandIDs.cloneExperiment, copyIcon, trans.__('Clone…'), 'create')]
      : [];
    const steer = !katib
      ? []
      : canStop(katib)
        ? [action(CommandIDs.stopExperiment, stopIcon, trans.__('Stop…'), 'patch')]
        : isOver(katib)
          ? [
              action(
                CommandIDs.editBudget,
                editIcon,
                trans.__('Edit budget and resume…'),
                'patch',
                lastingReason(obstacleOf(katib), trans)
              )
            ]
          : [];
    return [
      ...steer,
      ...clone,
      action(CommandIDs.deleteExperiment, deleteIcon, trans.__('Delete…'), 'delete')
    ];
  };
  return (
    <ObjectList
      key={namespace}
      {...listProps}
      rowKind="tuning-experiment"
      phases={PHASES}
      figure={object => (
        <ExperimentFigure
          trans={trans}
          object={object}
          health={healthOf(kind, object)}
          {...factsOf(object)}
        />
      )}
      actions={actions}
      empty={{
        message: areMade
          ? trans.__(
              'No tuning experiments in %1 yet. Right-click a notebook or a Python file and choose Tune…',
              namespace
            )
          : trans.__(
              'No OptimizationJobs in %1 yet. Tune… makes Experiments where there are both.',
              namespace
            ),
        ...(areMade &&
          commands.hasCommand(CreateCommandIDs.createExperiment) && {
            action: {
              label: trans.__('Create tuning experiment…'),
              run: () => void commands.execute(CreateCommandIDs.createExperiment)
            }
          })
      }}
    />
  );
}

/** The TrainJobs of each owner, by its uid. */
function groupByOwner(jobs: readonly ITrainJob[]): ReadonlyMap<string, ITrainJob[]> {
  const groups = new Map<string, ITrainJob[]>();
  for (const job of jobs) {
    for (const { uid } of job.metadata?.ownerReferences ?? []) {
      const found = groups.get(uid);
      if (found) {
        found.push(job);
      } else {
        groups.set(uid, [job]);
      }
    }
  }
  return groups;
}
