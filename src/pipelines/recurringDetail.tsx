import { historyIcon } from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';

import { isNotFound } from '../client/errors';
import type { IRecurringRun } from '../client/pipelines';
import { DetailFrame } from '../ui/detailFrame';
import { formatExact, formatRelative, localeOf } from '../ui/format';
import { type IKeyValue, KeyValue } from '../ui/keyValue';
import { LiveModel, useLive, useModel } from '../ui/live';
import { LiveView } from '../ui/liveView';
import { useTabName } from '../ui/tabHooks';
import { Name, RelativeTime, useNow } from '../ui/text';
import { OfflineBar, TextButton, ViewState } from '../ui/viewState';
import { YamlView } from '../ui/yamlView';
import { parameterRows, specParameters } from './artifacts';
import { CommandIDs, type IChange, type PipelinesContext } from './context';
import { useComponentProblem } from './problem';
import { type IRecurringFacts, nextRuns, readFacts } from './recurring';
import { RecurringIcon, scheduleLabel, statusLabel } from './recurringRow';
import { StateIcon } from '../ui/state';
import { stateLabel } from '../ui/stateLabel';

const INTERVAL = 5000;
/** How many of the last runs and of the next times are told. */
const LAST = 10;
const NEXT = 3;

/** A recurring run and what is told beside it. */
interface IRecurringDetail {
  item: IRecurringRun;
  facts: IRecurringFacts;
}

/** A recurring run's detail tab: when it comes, how its last runs went, and with what it runs. */
export function RecurringDetail(props: {
  context: PipelinesContext;
  recurringRunId: string;
  /** Called with its name when that is known. */
  onName: (name: string) => void;
  /** Called when it was deleted from here. */
  onGone: () => void;
}): JSX.Element {
  const { context, recurringRunId, onName, onGone } = props;
  const { trans, client } = context;
  const model = useModel(
    () =>
      new LiveModel<IRecurringDetail>({
        read: async (_, signal) => {
          const item = await client.getRecurringRun(recurringRunId, signal);
          return { item, facts: await readFacts(client, item, LAST, signal) };
        },
        interval: () => INTERVAL
      }),
    [context, recurringRunId]
  );
  const state = useLive(model);
  const problem = useComponentProblem(context, trans.__('recurring runs'));
  const retry = () => void model.refresh();
  const name = state.data?.item.name;

  useTabName(onName, name);
  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'recurring-deleted') {
        if (change.ids.has(recurringRunId)) {
          onGone();
        }
      } else if (['refresh', 'connection', 'recurring', 'runs-deleted'].includes(change.kind)) {
        void model.refresh();
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
    };
  }, [context, model, recurringRunId]);

  if (!state.data && isNotFound(state.error)) {
    return (
      <ViewState
        kind="error"
        trans={trans}
        message={trans.__(
          'This recurring run is not on the active connection. It may have been deleted, or belong to another connection.'
        )}
        error={state.error}
        action={{ label: trans.__('Retry now'), run: retry }}
      />
    );
  }
  return state.data ? (
    <Detail
      context={context}
      {...state.data}
      stale={state.error != null}
      notice={
        state.error != null && (
          <OfflineBar trans={trans} since={state.since} error={state.error} retry={retry} />
        )
      }
    />
  ) : (
    <LiveView state={state} trans={trans} retry={retry} {...problem}>
      {() => null}
    </LiveView>
  );
}

function Detail(
  props: IRecurringDetail & {
    context: PipelinesContext;
    notice: React.ReactNode;
    stale: boolean;
  }
): JSX.Element {
  const { context, item, facts } = props;
  const { trans, commands } = context;
  const [tab, setTab] = useState('overview');
  const now = useNow(10_000);
  const about = { recurringRunId: item.id, name: item.name };
  const primary = item.enabled ? CommandIDs.disableRecurringRun : CommandIDs.enableRecurringRun;
  return (
    <DetailFrame
      trans={trans}
      icon={historyIcon}
      state={<RecurringIcon item={item} now={now} trans={trans} />}
      name={item.name}
      words={
        <>
          {statusLabel(item, now, trans)} · {scheduleLabel(item, trans)}
        </>
      }
      primary={{
        label: item.enabled ? trans.__('Disable') : trans.__('Enable'),
        run: () => commands.execute(primary, about)
      }}
      menu={{
        commands,
        items: [
          { command: CommandIDs.showRunsOf, args: about },
          { command: CommandIDs.deleteRecurringRun, args: about }
        ]
      }}
      notice={props.notice}
      stale={props.stale}
      current={tab}
      onTab={setTab}
      tabs={[
        {
          id: 'overview',
          label: trans.__('Overview'),
          render: () => <Overview context={context} item={item} facts={facts} now={now} />
        },
        {
          id: 'yaml',
          label: trans.__('YAML'),
          render: () => (
            <YamlView trans={trans} editors={context.editors} value={item.raw} name={item.name} />
          )
        }
      ]}
    />
  );
}

function Overview(
  props: IRecurringDetail & { context: PipelinesContext; now: number }
): JSX.Element {
  const { context, item, facts, now } = props;
  const { trans, commands } = context;
  const defaults = Object.fromEntries(
    specParameters(item.pipelineSpec).flatMap(parameter =>
      parameter.default === undefined ? [] : [[parameter.name, parameter.default]]
    )
  );
  const parameters = parameterRows({ ...defaults, ...item.parameters });
  return (
    <div className="jp-Kubeflow-io">
      {item.error && (
        <p className="jp-Kubeflow-notice" role="alert">
          {item.error}
        </p>
      )}
      <section>
        <h2>{trans.__('Schedule')}</h2>
        <KeyValue label={trans.__('Schedule')} rows={scheduleRows(context, props)} words />
      </section>
      <section>
        <h2>{trans.__('Last runs')}</h2>
        {facts.runs.length === 0 ? (
          <p>{trans.__('None yet.')}</p>
        ) : (
          <ul className="jp-Kubeflow-lastRuns">
            {facts.runs.map(run => (
              <li key={run.id}>
                <button
                  type="button"
                  className="jp-Kubeflow-link"
                  onClick={() =>
                    void commands.execute(CommandIDs.openRun, { runId: run.id, name: run.name })
                  }
                >
                  <StateIcon state={run.state} trans={trans} />
                  <Name text={run.name} />
                </button>
                <span>{stateLabel(run.state, trans)}</span>
                <RelativeTime iso={run.createdAt} now={now} locale={localeOf(trans)} />
              </li>
            ))}
          </ul>
        )}
        <TextButton
          onClick={() =>
            void commands.execute(CommandIDs.showRunsOf, {
              recurringRunId: item.id,
              name: item.name
            })
          }
        >
          {trans.__('Show all its runs')}
        </TextButton>
      </section>
      {parameters.length > 0 && (
        <section>
          <h2>{trans.__('Parameters')}</h2>
          <KeyValue label={trans.__('Parameters')} rows={parameters} />
        </section>
      )}
    </div>
  );
}

/** When it comes, and what else holds of its schedule. */
function scheduleRows(
  context: PipelinesContext,
  { item, facts, now }: IRecurringDetail & { now: number }
): IKeyValue[] {
  const { trans, commands } = context;
  const locale = localeOf(trans);
  const { schedule, pipelineId } = item;
  const next = nextRuns(item, facts, now, NEXT).map(time => new Date(time).toISOString());
  const rows: (IKeyValue | false | undefined)[] = [
    { key: trans.__('Runs start'), value: scheduleLabel(item, trans) },
    schedule?.kind === 'cron' && {
      key: trans.__('Cron expression'),
      value: schedule.cron,
      node: <code>{schedule.cron}</code>
    },
    {
      key: trans.__('Next'),
      value: next.map(time => formatExact(time, locale)).join('\n'),
      node:
        next.length > 0 ? (
          <>
            {next.map((time, index) => (
              <span key={time} className="jp-Kubeflow-line">
                {formatExact(time, locale)}
                {index === 0 && ` (${formatRelative(time, now, locale)})`}
              </span>
            ))}
          </>
        ) : item.enabled ? (
          trans.__('Never again: its end has come.')
        ) : (
          trans.__('None while it is disabled.')
        )
    },
    schedule?.start !== undefined && {
      key: trans.__('Start'),
      value: formatExact(schedule.start, locale)
    },
    schedule?.end !== undefined && {
      key: trans.__('End'),
      value: formatExact(schedule.end, locale)
    },
    { key: trans.__('Runs at the same time'), value: trans.__('%1 at most', item.maxConcurrency) },
    {
      key: trans.__('Times that were missed'),
      value: item.catchup
        ? trans.__('Each is made up for')
        : trans.__('Only the last one is made up for')
    },
    pipelineId !== undefined
      ? {
          key: trans.__('Pipeline'),
          value: facts.pipeline ?? pipelineId,
          node: facts.pipeline ? (
            <button
              type="button"
              className="jp-Kubeflow-link"
              onClick={() =>
                void commands.execute(CommandIDs.openPipeline, {
                  pipelineId,
                  name: facts.pipeline
                })
              }
            >
              {facts.pipeline}
            </button>
          ) : (
            trans.__('%1, which was deleted', pipelineId)
          )
        }
      : facts.pipeline !== undefined && { key: trans.__('Pipeline'), value: facts.pipeline },
    pipelineId !== undefined &&
      item.pipelineVersionId === undefined && {
        key: trans.__('Version'),
        value: trans.__('The newest at each run')
      },
    { key: trans.__('Created'), value: formatExact(item.createdAt, locale) }
  ];
  return rows.filter(row => Boolean(row)) as IKeyValue[];
}
