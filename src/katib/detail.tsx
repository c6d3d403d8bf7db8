import { useContext, useMemo, useState } from 'react';

import type { ITabView } from '../ui/detailTabs';
import { katibIcon } from '../ui/icons';
import { useRefusals } from '../ui/kubernetes/access';
import { type IKubernetes, useKubernetes } from '../ui/kubernetes/connection';
import { eventsTab, ObjectFrame, yamlTab } from '../ui/kubernetes/objectFrame';
import { useSection } from '../ui/tabHooks';
import { PhaseIcon } from '../ui/kubernetes/phase';
import { type IWatched, WatchedObject } from '../ui/kubernetes/watchedObject';
import type { ITab } from '../ui/tabs';
import { useNow, VisibleContext } from '../ui/text';
import { CurvesTab, type IChartTabProps, ObjectiveTab, ParallelTab } from './charts';
import { argsOf } from './commands';
import {
  CommandIDs,
  CreateCommandIDs,
  type IStudyRef,
  type KatibContext,
  type Right,
  RIGHTS
} from './context';
import { katibOf } from './katibClient';
import { isExperiment, kindOf, type StudyObject, studyHealth } from './kinds';
import { canStop, isOver, obstacleOf } from './model/budget';
import { budgetOf, factsOfStudy } from './model/facts';
import { OverviewTab } from './overviewTab';
import { lastingReason } from './reasons';
import { seriesReader } from './series';
import { stateWords } from './stateWords';
import { SuggestionTab } from './suggestionTab';
import { ALL_TRIALS, TrialsTab } from './trialsTab';
import { type IStudyParts, useStudy } from './useStudy';

/** What an experiment's tab is given. Its sections: `overview`, `parallel`, `objective`, `curves`, `trials`, `suggestion`, `events` or `yaml`. */
export interface IStudyDetailProps extends ITabView {
  context: KatibContext;
  of: IStudyRef;
}

/** The tab of a tuning experiment: it is watched, and what it was last stays when it is deleted. */
export function StudyDetail(props: IStudyDetailProps): JSX.Element {
  const { context, of } = props;
  const { trans } = context;
  const kubernetes = useKubernetes(context.kubeflow);
  return (
    <WatchedObject
      trans={trans}
      kubernetes={kubernetes}
      kind={kindOf(of.kind)}
      namespace={of.namespace}
      name={of.name}
      absent={trans.__(
        'The tuning experiment “%1” is not in %2 on the active connection. It may have been deleted, or belong to another connection.',
        of.name,
        of.namespace
      )}
      onGone={props.onGone}
    >
      {watched => <Detail {...props} kubernetes={kubernetes} watched={watched} />}
    </WatchedObject>
  );
}

function Detail(
  props: IStudyDetailProps & { kubernetes: IKubernetes; watched: IWatched<StudyObject> }
): JSX.Element {
  const { context, of, kubernetes } = props;
  const { object } = props.watched;
  const { trans, commands, kubeflow, services } = context;
  const kind = kindOf(of.kind);
  const [tab, show] = useSection(props, 'overview');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [view, setView] = useState(ALL_TRIALS);
  const parts = useStudy(kubernetes, object);
  const { study } = parts;
  const refusals = useRefusals(kubernetes.client, kind, of.namespace, RIGHTS, trans);
  const { phase } = studyHealth(object);
  const visible = useContext(VisibleContext);
  const series = useMemo(
    () => seriesReader(of, katibOf(kubeflow), kubernetes, trans),
    [of.kind, of.namespace, kubeflow, kubernetes, trans]
  );
  const openTrial = (name: string) =>
    void commands.execute(CommandIDs.openTrial, {
      kind: of.kind,
      namespace: of.namespace,
      name,
      experiment: of.name
    });

  const chart: IChartTabProps = {
    trans,
    study,
    visible,
    selected,
    onSelect: setSelected,
    onOpen: openTrial
  };
  const tabs: ITab[] = [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: () => (
        <OverviewTab context={context} object={object} parts={parts} onOpen={openTrial} />
      )
    },
    {
      id: 'parallel',
      label: trans.__('Parallel axes'),
      render: () => (
        <Charts>
          <ParallelTab {...chart} />
        </Charts>
      )
    },
    {
      id: 'objective',
      label: trans.__('Objective'),
      render: () => (
        <Charts>
          <ObjectiveTab {...chart} />
        </Charts>
      )
    },
    {
      id: 'curves',
      label: trans.__('Curves'),
      render: () => (
        <Charts>
          <CurvesTab {...chart} series={series} />
        </Charts>
      )
    },
    {
      id: 'trials',
      label: trans.__('Trials'),
      render: () => (
        <TrialsTab
          context={context}
          parts={parts}
          view={view}
          onView={setView}
          selected={selected}
          onSelect={setSelected}
          onOpen={openTrial}
        />
      )
    },
    ...(isExperiment(object)
      ? [
          {
            id: 'suggestion',
            label: trans.__('Suggestion'),
            render: () => <SuggestionTab context={context} experiment={object} parts={parts} />
          }
        ]
      : []),
    eventsTab({ trans, kubernetes, object, owned: parts.owned }),
    yamlTab({ trans, kubeflow, kubernetes, editors: services.editors, kind, object })
  ];
  const about = (right: Right) => argsOf(object, refusals[right]);
  return (
    <ObjectFrame
      trans={trans}
      icon={katibIcon}
      state={<PhaseIcon phase={phase} trans={trans} />}
      name={of.name}
      words={<Words {...{ context, object, study }} />}
      primary={primaryOf(context, object, refusals)}
      menu={{
        commands,
        items: [
          { command: CommandIDs.editBudget, args: about('patch') },
          { command: CommandIDs.stopExperiment, args: about('patch') },
          { command: CommandIDs.cloneExperiment, args: about('create') },
          { command: CommandIDs.deleteExperiment, args: about('delete') }
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

/** A tab of charts, with the margins of the others. */
function Charts(props: { children: React.ReactNode }): JSX.Element {
  return <div className="jp-Kubeflow-overview">{props.children}</div>;
}

/** What suggests itself: to stop what runs, to resume what can be, else to make another one like it. */
function primaryOf(
  { trans, commands }: KatibContext,
  object: StudyObject,
  refusals: Partial<Record<Right, string>>
) {
  const run = (command: string) => () => commands.execute(command, argsOf(object));
  const katib = isExperiment(object) ? object : undefined;
  if (katib && canStop(katib)) {
    return {
      label: trans.__('Stop…'),
      reason: refusals.patch,
      run: run(CommandIDs.stopExperiment)
    };
  }
  if (katib && isOver(katib) && !obstacleOf(katib)) {
    return {
      label: trans.__('Edit budget and resume…'),
      reason: refusals.patch,
      run: run(CommandIDs.editBudget)
    };
  }
  if (commands.hasCommand(CreateCommandIDs.createExperiment)) {
    return {
      label: trans.__('Clone…'),
      reason: refusals.create,
      run: run(CommandIDs.cloneExperiment)
    };
  }
  return katib
    ? {
        label: trans.__('Edit budget…'),
        reason: refusals.patch ?? lastingReason(obstacleOf(katib), trans),
        run: run(CommandIDs.editBudget)
      }
    : undefined;
}

/** The state as a sentence, counting while it goes on. */
function Words(props: {
  context: KatibContext;
  object: StudyObject;
  study: IStudyParts['study'];
}): JSX.Element {
  const { context, object, study } = props;
  const { phase, message } = studyHealth(object);
  const now = useNow(1000, phase === 'running' || phase === 'pending');
  const facts = factsOfStudy(study, budgetOf(object), now);
  return <span title={message}>{stateWords(object, facts, now, context.trans)}</span>;
}
