import { StateDB } from '@jupyterlab/statedb';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { IPipelinesClient, IRun } from '../client/pipelines';
import { giveElementsSize } from '../testing/element-size';
import { makeRun, makeTask } from '../testing/pipelines';
import { makeConnection, makeContext } from '../testing/pipelinesContext';
import { CommandIDs } from './context';
import { PipelinesPanel } from './panel';

beforeAll(() => giveElementsSize(240, 400));

const list = (runs: IRun[]): Partial<IPipelinesClient> => ({
  listRuns: async () => ({ items: runs, total: runs.length })
});
const fail = (status: number, reason: string, message: string) =>
  Promise.reject(new ApiError({ service: 'pipelines', status, reason, message }));

function show(operations: Partial<IPipelinesClient>, connection = makeConnection()) {
  const context = makeContext(operations, connection);
  const executed: [string, unknown][] = [];
  for (const id of Object.values(CommandIDs)) {
    context.commands.addCommand(id, {
      label: id,
      execute: args => void executed.push([id, { ...args }])
    });
  }
  const view = render(<PipelinesPanel context={context} />);
  return { context, executed, ...view };
}

describe('PipelinesPanel, runs', () => {
  it('lists runs with state, key figure and count', async () => {
    show(list([makeRun(2), makeRun(1)]));
    expect(await screen.findByRole('row', { name: 'digits-2, Succeeded' })).toHaveTextContent(
      '41 s'
    );
    expect(screen.getByText('2 runs')).toHaveTextContent('2 runs · updated live');
  });

  it('says in the row which step failed and how far a run is', async () => {
    const failed = makeRun(2, { state: 'failed' });
    const running = makeRun(1, { state: 'running', finishedAt: undefined });
    show({
      ...list([failed, running]),
      getRun: async id => (id === 'run-2' ? failed : running),
      getTasks: async run =>
        run.id === 'run-2'
          ? [makeTask('load', { state: 'failed' })]
          : [makeTask('load', { state: 'succeeded' }), makeTask('train', { state: 'running' })]
    });
    expect(await screen.findByText('step “load” failed')).toBeInTheDocument();
    expect(await screen.findByText('1/2')).toBeInTheDocument();
    expect(screen.getByRole('progressbar')).toHaveAccessibleName('1 of 2 tasks done');
  });

  it('says what fills an empty list', async () => {
    const { executed } = show(list([]));
    expect(await screen.findByText(/No runs yet. Right-click a notebook/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Run a pipeline…' }));
    expect(executed).toEqual([[CommandIDs.runPipeline, {}]]);
  });

  it('filters by name and clears the filter', async () => {
    show(list([makeRun(2, { name: 'fraud' }), makeRun(1)]));
    await screen.findByRole('row', { name: /fraud/ });
    await userEvent.type(screen.getByRole('searchbox', { name: 'Filter runs' }), 'DIG');
    expect(screen.queryByRole('row', { name: /fraud/ })).toBeNull();
    expect(screen.getByText('1 of 2 runs')).toBeInTheDocument();
    await userEvent.type(screen.getByRole('searchbox', { name: 'Filter runs' }), 'xx');
    expect(screen.getByText('No run matches.')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Clear filter' }));
    expect(screen.getByRole('row', { name: /fraud/ })).toBeInTheDocument();
  });

  it('tells what may not be read, and in which namespace', async () => {
    show({ listRuns: () => fail(403, 'Forbidden', 'no') });
    expect(await screen.findByRole('alert')).toHaveTextContent('You may not list runs in team-a.');
  });

  it('tells what to install where Pipelines is absent', async () => {
    const reason = 'No Kubeflow Pipelines was found in the cluster.';
    const connection = makeConnection({ components: { pipelines: { available: false, reason } } });
    show({ listRuns: () => fail(404, 'NotConfigured', 'x') }, connection);
    expect(await screen.findByText(reason)).toBeInTheDocument();
    expect(screen.getByRole('link')).toHaveAccessibleName('How to install Kubeflow Pipelines');
  });

  it('keeps the last runs while offline', async () => {
    let down = false;
    const { context } = show({
      listRuns: () =>
        down ? fail(0, 'Unreachable', 'down') : Promise.resolve({ items: [makeRun(1)], total: 1 })
    });
    await screen.findByRole('row');
    down = true;
    act(() => context.tell({ kind: 'refresh' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Offline since');
    expect(screen.getByRole('row', { name: /digits-1/ })).toBeInTheDocument();
    expect(screen.getByText(/offline since/)).toBeInTheDocument();
  });

  it('remembers the selection for commands, opens with Enter and asks with Delete', async () => {
    const { context, executed } = show(list([makeRun(2), makeRun(1)]));
    const row = await screen.findByRole('row', { name: /digits-1/ });
    fireEvent.click(row);
    await waitFor(() => expect(context.selection.runs.map(run => run.id)).toEqual(['run-1']));
    fireEvent.keyDown(row, { key: 'Enter' });
    fireEvent.keyDown(row, { key: 'Delete' });
    expect(executed).toEqual([
      [CommandIDs.openRun, { runId: 'run-1', name: 'digits-1' }],
      [CommandIDs.deleteRun, { from: 'list' }]
    ]);
  });

  it('starts anew when the connection changes', async () => {
    const connection = makeConnection();
    let runs = [makeRun(1)];
    show({ listRuns: async () => ({ items: runs, total: 1 }) }, connection);
    await screen.findByRole('row', { name: /digits-1/ });
    runs = [makeRun(9)];
    act(() => connection.set({ namespace: 'team-b' }));
    expect(await screen.findByRole('row', { name: /digits-9/ })).toBeInTheDocument();
    expect(screen.queryByRole('row', { name: /digits-1/ })).toBeNull();
  });
});

describe('PipelinesPanel, pipelines', () => {
  it('lists pipelines of all pages and opens one', async () => {
    const { executed } = show({
      ...list([]),
      listPipelines: async options => {
        const n = options?.pageToken ? 2 : 1;
        return {
          items: [
            {
              id: `p${n}`,
              name: `p${n}`,
              displayName: `fraud ${n}`,
              createdAt: '2026-11-20T10:00:00Z'
            }
          ],
          nextPageToken: n === 1 ? 'next' : undefined
        };
      }
    });
    await userEvent.click(screen.getByRole('tab', { name: 'Pipelines' }));
    const row = await screen.findByRole('row', { name: 'fraud 2' });
    expect(screen.getByText('2 pipelines')).toBeInTheDocument();
    fireEvent.doubleClick(row);
    expect(executed).toEqual([[CommandIDs.openPipeline, { pipelineId: 'p2', name: 'fraud 2' }]]);
  });
});

describe('PipelinesPanel, after a reload', () => {
  const operations = {
    ...list([makeRun(1)]),
    listPipelines: async () => ({ items: [] })
  };
  const draw = (state: StateDB) => {
    const context = makeContext(operations, makeConnection(), state);
    for (const id of Object.values(CommandIDs)) {
      context.commands.addCommand(id, { label: id, execute: () => undefined });
    }
    return { context, ...render(<PipelinesPanel context={context} />) };
  };

  it('shows the section again', async () => {
    const state = new StateDB();
    const { unmount } = draw(state);
    await userEvent.click(screen.getByRole('tab', { name: 'Pipelines' }));
    unmount();
    draw(state);
    await waitFor(() =>
      expect(screen.getByRole('tab', { name: 'Pipelines' })).toHaveAttribute(
        'aria-selected',
        'true'
      )
    );
  });

  it('lists the runs of the recurring run again, unless it was told something else meanwhile', async () => {
    const state = new StateDB();
    const { context, unmount } = draw(state);
    act(() => context.view.set({ section: 'runs', runsOf: { id: 'r1', name: 'nightly' } }));
    unmount();
    const later = draw(state);
    expect(await screen.findByText('Runs of')).toBeInTheDocument();
    later.unmount();
    const told = draw(state);
    act(() => told.context.view.set({ section: 'runs' }));
    expect(await screen.findByRole('row', { name: /digits-1/ })).toBeInTheDocument();
    expect(screen.queryByText('Runs of')).toBeNull();
  });
});
