import {
  closeIcon,
  deleteIcon,
  historyIcon,
  refreshIcon,
  runIcon,
  stopIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { IRun } from '../client/pipelines';
import { FilterBar } from '../ui/filterBar';
import { Footer } from '../ui/footer';
import { IconButton } from '../ui/iconButton';
import { useLive, useModel } from '../ui/live';
import { LiveView } from '../ui/liveView';
import { type IRowAction, ResourceList } from '../ui/resourceList';
import type { IRows } from '../ui/useRows';
import { isFinal } from '../ui/state';
import { stateLabel } from '../ui/stateLabel';
import { Name, useNow } from '../ui/text';
import { ViewState } from '../ui/viewState';
import { CommandIDs, type IChange, type IPanelView, type PipelinesContext } from './context';
import { RunsModel } from './model';
import { startedBy } from './recurring';
import { RunRow } from './runRow';
import { filterRuns, type IRunFilter, type IRunList, NO_FILTER, retryRefusal } from './runs';
import { useComponentProblem } from './problem';

const runKey = (run: IRun) => run.id;

/** The section *Runs* of the panel. */
export function RunsSection(props: {
  context: PipelinesContext;
  /** The recurring run whose runs alone are listed. */
  of?: IPanelView['runsOf'];
}): JSX.Element {
  const { context, of } = props;
  const { trans, commands } = context;
  const model = useModel(
    () =>
      new RunsModel(
        context.client,
        runs => context.watcher.saw(runs),
        of && { predicates: [startedBy(of.id)] }
      ),
    [context, of?.id]
  );
  const state = useLive(model.live);
  const [filter, setFilter] = useState(NO_FILTER);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<IRows>(null);
  const problem = useComponentProblem(context, trans.__('runs'));

  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'filter') {
        input.current?.focus();
      } else if (change.kind === 'runs-deleted') {
        model.remove(change.ids);
      } else if (change.kind === 'refresh') {
        void model.refresh();
      } else if (change.kind === 'runs') {
        model.change(change.ids, change.change);
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
      context.select({ runs: [] });
    };
  }, [context, model]);

  const runs = state.data?.runs;
  const shown = useMemo(() => filterRuns(runs ?? [], filter), [runs, filter]);
  const retry = () => void model.live.refresh();
  return (
    <div className="jp-Kubeflow-section">
      <FilterBar
        trans={trans}
        label={trans.__('Filter runs')}
        text={filter.text}
        onText={text => setFilter({ ...filter, text })}
        onLeave={() => list.current?.focus()}
        input={input}
        choice={{
          label: trans.__('Status'),
          value: filter.status,
          options: [
            { value: 'all', label: trans.__('All') },
            { value: 'unfinished', label: trans.__('Unfinished') },
            ...(['running', 'pending', 'succeeded', 'failed', 'cancelled'] as const).map(value => ({
              value,
              label: stateLabel(value, trans)
            })),
            { value: 'archived', label: trans.__('Archived') }
          ],
          onChange: value => setFilter({ ...filter, status: value as IRunFilter['status'] })
        }}
      />
      {of && (
        <p className="jp-Kubeflow-notice jp-Kubeflow-of">
          <historyIcon.react tag="span" className="jp-Kubeflow-icon" width="16px" height="16px" />
          <span>{trans.__('Runs of')}</span>
          <Name text={of.name} />
          <IconButton
            icon={closeIcon}
            label={trans.__('Show all runs')}
            onClick={() => context.view.set({ section: 'runs' })}
          />
        </p>
      )}
      <LiveView state={state} trans={trans} retry={retry} {...problem}>
        {() =>
          shown.length > 0 ? (
            <Runs context={context} model={model} runs={shown} input={input} handle={list} />
          ) : runs!.length > 0 && filter.text === '' && filter.status === 'all' ? (
            <ViewState
              kind="empty"
              trans={trans}
              message={trans.__('All runs are in the archive.')}
              action={{
                label: trans.__('Show archived runs'),
                run: () => setFilter({ ...NO_FILTER, status: 'archived' })
              }}
            />
          ) : runs!.length > 0 ? (
            <ViewState
              kind="no-match"
              trans={trans}
              message={
                state.data?.next
                  ? trans.__('No run matches so far; older runs are still being read.')
                  : trans.__('No run matches.')
              }
              action={{ label: trans.__('Clear filter'), run: () => setFilter(NO_FILTER) }}
            />
          ) : of ? (
            <ViewState
              kind="empty"
              trans={trans}
              message={trans.__('%1 has started no run yet.', of.name)}
              action={{
                label: trans.__('Show all runs'),
                run: () => context.view.set({ section: 'runs' })
              }}
            />
          ) : (
            <ViewState
              kind="empty"
              trans={trans}
              message={trans.__('No runs yet. Right-click a notebook and choose Run as pipeline…')}
              action={{
                label: trans.__('Run a pipeline…'),
                run: () => void commands.execute(CommandIDs.runPipeline)
              }}
            />
          )
        }
      </LiveView>
      {state.data && (
        <Footer trans={trans} state={state} count={countRuns(context, state.data, shown.length)} />
      )}
    </div>
  );
}

/** How many runs there are, how many of them the filter lets through, and whether some are still being read. */
function countRuns({ trans }: PipelinesContext, list: IRunList, shown: number): string {
  const known = list.runs.length;
  const total = Math.max(known, list.total ?? 0);
  if (list.next !== null) {
    return total > known
      ? trans.__('%1 of %2 runs read', known.toLocaleString(), total.toLocaleString())
      : trans.__('%1 runs read so far', known.toLocaleString());
  }
  return shown < known
    ? trans.__('%1 of %2 runs', shown.toLocaleString(), known.toLocaleString())
    : trans._n('%1 run', '%1 runs', known, known.toLocaleString());
}

function Runs(props: {
  context: PipelinesContext;
  model: RunsModel;
  runs: readonly IRun[];
  input: React.RefObject<HTMLInputElement>;
  handle: React.Ref<IRows>;
}): JSX.Element {
  const { context, model, runs } = props;
  const { trans, commands } = context;
  const now = useNow(10_000);
  const { since } = useLive(model.live);
  const [visible, setVisible] = useState<IRun[]>([]);
  useEffect(() => model.progress.show(visible), [model, visible, since]);
  const onSelect = useCallback((items: IRun[]) => context.select({ runs: items }), [context]);

  const actions = (run: IRun): IRowAction[] => {
    const about = { runId: run.id };
    const action = (id: string, icon: IRowAction['icon'], label: string) => ({
      id,
      icon,
      label,
      run: () => void commands.execute(id, about)
    });
    const suggested = run.archived
      ? [action(CommandIDs.restoreRun, undoIcon, trans.__('Restore run'))]
      : !isFinal(run.state)
        ? [action(CommandIDs.terminateRun, stopIcon, trans.__('Terminate run…'))]
        : [
            ...(retryRefusal(run, trans)
              ? []
              : [action(CommandIDs.retryRun, refreshIcon, trans.__('Retry run'))]),
            action(CommandIDs.runAgain, runIcon, trans.__('Run again…'))
          ];
    return [...suggested, action(CommandIDs.deleteRun, deleteIcon, trans.__('Delete run…'))];
  };

  return (
    <ResourceList
      label={trans.__('Runs')}
      kind="run"
      items={runs}
      itemKey={runKey}
      itemLabel={run => `${run.name}, ${stateLabel(run.state, trans)}`}
      renderRow={run => (
        <RunRow run={run} progress={model.progress.get(run.id)} now={now} trans={trans} />
      )}
      actions={actions}
      onOpen={run => void commands.execute(CommandIDs.openRun, { runId: run.id, name: run.name })}
      onDelete={() => void commands.execute(CommandIDs.deleteRun, { from: 'list' })}
      onSelect={onSelect}
      onVisible={setVisible}
      onFilter={() => props.input.current?.focus()}
      handle={props.handle}
    />
  );
}
