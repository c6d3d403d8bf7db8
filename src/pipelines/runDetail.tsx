import type { TranslationBundle } from '@jupyterlab/translation';
import { type ReactNode, useEffect, useState } from 'react';

import { isNotFound } from '../client/errors';
import type { IRun } from '../client/pipelines';
import { DetailFrame } from '../ui/detailFrame';
import { elapsed } from '../ui/format';
import { pipelinesIcon } from '../ui/icons';
import { useLive, useModel } from '../ui/live';
import { LiveView } from '../ui/liveView';
import { isFinal, StateIcon } from '../ui/state';
import { stateLabel } from '../ui/stateLabel';
import { useTabName } from '../ui/tabHooks';
import { useNow } from '../ui/text';
import { errorMessage, OfflineBar, ViewState } from '../ui/viewState';
import { executedNotebook } from './artifacts';
import { CommandIDs, type IChange, type PipelinesContext } from './context';
import { GraphTab } from './graphTab';
import { IoTab } from './ioTab';
import { LogsTab } from './logsTab';
import { useComponentProblem } from './problem';
import { failedTask } from './progress';
import { retryRefusal } from './runs';
import { type IRunDetail, runModel } from './runModel';
import { YamlView } from '../ui/yamlView';

/** A run's detail tab. */
export function RunDetail(props: {
  context: PipelinesContext;
  runId: string;
  /** The section to begin with: `graph`, `logs`, `io` or `yaml`; the graph when left out. */
  section?: string;
  /** Called when another section was chosen. */
  onSection?: (section: string) => void;
  /** Called with the run's name when it is known. */
  onName: (name: string) => void;
  /** Called when the run was deleted from here. */
  onGone: () => void;
}): JSX.Element {
  const { context, runId, onName, onGone } = props;
  const { trans } = context;
  const model = useModel(() => runModel(context, runId), [context, runId]);
  const state = useLive(model);
  const problem = useComponentProblem(context, trans.__('runs'));
  const name = state.data?.run.name;
  const retry = () => void model.refresh();

  useTabName(onName, name);
  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'runs-deleted' && change.ids.has(runId)) {
        onGone();
      } else if (
        change.kind === 'refresh' ||
        change.kind === 'connection' ||
        (change.kind === 'runs' && change.ids.has(runId))
      ) {
        if (change.kind === 'runs') {
          model.update(detail => ({ ...detail, run: { ...detail.run, ...change.change } }));
        }
        void model.refresh();
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
    };
  }, [context, model, runId]);

  if (!state.data) {
    return isNotFound(state.error) ? (
      <ViewState
        kind="error"
        trans={trans}
        message={trans.__(
          'This run is not on the active connection. It may have been deleted, or belong to another connection.'
        )}
        error={state.error}
        action={{ label: trans.__('Retry now'), run: retry }}
      />
    ) : (
      <LiveView state={state} trans={trans} retry={retry} {...problem}>
        {() => null}
      </LiveView>
    );
  }
  const notice =
    state.error != null ? (
      <OfflineBar trans={trans} since={state.since} error={state.error} retry={retry} />
    ) : state.data.taskError ? (
      <p className="jp-Kubeflow-notice" role="alert">
        {trans.__('The tasks could not be read. %1', errorMessage(state.data.taskError))}
      </p>
    ) : null;
  return (
    <Detail
      context={context}
      detail={state.data}
      notice={notice}
      stale={state.error != null}
      section={props.section}
      onSection={props.onSection}
    />
  );
}

function Detail(props: {
  context: PipelinesContext;
  detail: IRunDetail;
  notice: ReactNode;
  stale: boolean;
  section?: string;
  onSection?: (section: string) => void;
}): JSX.Element {
  const { context, detail } = props;
  const { trans, commands } = context;
  const { run, tasks } = detail;
  const [tab, setTab] = useState(props.section ?? 'graph');
  const [taskId, setTaskId] = useState<string | null>(null);
  const about = { runId: run.id, state: run.state };
  const { primary, others } = runActions(run, trans);
  return (
    <DetailFrame
      trans={trans}
      icon={pipelinesIcon}
      state={<StateIcon state={run.state} trans={trans} />}
      name={run.name}
      words={<Words context={context} detail={detail} />}
      primary={{ ...primary, run: () => commands.execute(primary.command, about) }}
      menu={{
        commands,
        items: [
          ...(executedNotebook(tasks) ? [{ command: CommandIDs.openNotebook, args: about }] : []),
          ...others.map(command => ({ command, args: about })),
          ...(run.recurringRunId
            ? [
                {
                  command: CommandIDs.openRecurringRun,
                  args: { recurringRunId: run.recurringRunId }
                }
              ]
            : [])
        ]
      }}
      notice={props.notice}
      stale={props.stale}
      current={tab}
      onTab={section => {
        setTab(section);
        props.onSection?.(section);
      }}
      tabs={[
        {
          id: 'graph',
          label: trans.__('Graph'),
          render: () => (
            <GraphTab context={context} detail={detail} taskId={taskId} onTask={setTaskId} />
          )
        },
        {
          id: 'logs',
          label: trans.__('Logs'),
          render: () => (
            <LogsTab context={context} detail={detail} taskId={taskId} onTask={setTaskId} />
          )
        },
        {
          id: 'io',
          label: trans.__('Inputs and outputs'),
          render: () => <IoTab context={context} detail={detail} />
        },
        {
          id: 'yaml',
          label: trans.__('YAML'),
          render: () => (
            <YamlView
              trans={trans}
              editors={context.editors}
              value={run.pipelineSpec ?? run.raw}
              name={run.name}
            />
          )
        }
      ]}
    />
  );
}

/** What can be done to a run: what its state suggests, then all else. */
function runActions(run: IRun, trans: TranslationBundle) {
  const actions = {
    [CommandIDs.terminateRun]: { label: trans.__('Terminate run…') },
    [CommandIDs.retryRun]: { label: trans.__('Retry run'), busy: trans.__('Retrying…') },
    [CommandIDs.runAgain]: { label: trans.__('Run again…') }
  };
  const command = !isFinal(run.state)
    ? CommandIDs.terminateRun
    : retryRefusal(run, trans) === undefined
      ? CommandIDs.retryRun
      : CommandIDs.runAgain;
  const others = [
    CommandIDs.retryRun,
    CommandIDs.runAgain,
    CommandIDs.scheduleRun,
    run.archived ? CommandIDs.restoreRun : CommandIDs.archiveRun,
    CommandIDs.deleteRun
  ];
  return {
    primary: { command, ...actions[command] },
    others: others.filter(other => other !== command)
  };
}

/** The run's state in words: "Failed in train after 41 s". */
function Words(props: { context: PipelinesContext; detail: IRunDetail }): JSX.Element {
  const { trans } = props.context;
  const { run, tasks } = props.detail;
  const live = !isFinal(run.state);
  const now = useNow(1000, live);
  const took = elapsed(run.createdAt, live ? undefined : (run.finishedAt ?? run.createdAt), now);
  if (run.rawState === 'CANCELING') {
    return <>{trans.__('Terminating…')}</>;
  }
  if (run.state === 'failed') {
    const where = failedTask(tasks)?.displayName;
    return (
      <span title={run.error}>
        {where ? trans.__('Failed in') : trans.__('Failed')}
        {where && (
          <>
            {' '}
            <em>{where}</em>
          </>
        )}{' '}
        {trans.__('after %1', took)}
      </span>
    );
  }
  return (
    <>
      {live
        ? trans.__('%1 for %2', stateLabel(run.state, trans), took)
        : trans.__('%1 after %2', stateLabel(run.state, trans), took)}
    </>
  );
}
