import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { IListOptions, IPipelinesClient, IRecurringRun } from '../client/pipelines';
import { giveElementsSize } from '../testing/element-size';
import { makeRecurringRun, makeRun } from '../testing/pipelines';
import { makeConnection, makeContext } from '../testing/pipelinesContext';
import { CommandTools, type ICommandHost } from './commandTools';
import { CommandIDs } from './context';
import { PipelinesPanel } from './panel';
import { addRecurringCommands } from './recurringCommands';
import { RecurringDetail } from './recurringDetail';

beforeAll(() => giveElementsSize(240, 400));

const daily = makeRecurringRun(2, {
  name: 'daily',
  schedule: { kind: 'cron', cron: '0 0 8 * * *' },
  pipelineId: 'p1'
});
const off = makeRecurringRun(1, { name: 'weekly', enabled: false });
const fail = (status: number, reason: string, message: string) =>
  Promise.reject(new ApiError({ service: 'pipelines', status, reason, message }));

const operations = (items: IRecurringRun[]): Partial<IPipelinesClient> => ({
  listRuns: async (options?: IListOptions) => ({
    items: JSON.stringify(options?.filter ?? '').includes('recurring-2')
      ? [makeRun(5, { name: 'daily-5', state: 'failed' })]
      : []
  }),
  listRecurringRuns: async () => ({ items, total: items.length }),
  getRecurringRun: async id => items.find(item => item.id === id) ?? fail(404, 'NotFound', 'no'),
  getPipeline: async id => ({ id, name: 'fraud', displayName: 'Fraud', createdAt: '' })
});

/** The context with the commands, and what they asked the host for. */
function make(given: Partial<IPipelinesClient>, current: ReturnType<ICommandHost['current']> = {}) {
  const connection = makeConnection();
  const context = makeContext(given, connection);
  const opened: unknown[] = [];
  const host: ICommandHost = {
    documents: null,
    showPanel: () => void opened.push('panel'),
    openRun: () => undefined,
    openPipeline: () => undefined,
    openRecurringRun: (...args) => void opened.push(args),
    current: () => current
  };
  addRecurringCommands(context, host, new CommandTools(context, host));
  for (const id of [CommandIDs.runPipeline, CommandIDs.openRun, CommandIDs.openPipeline]) {
    context.commands.addCommand(id, {
      label: id,
      execute: args => void opened.push([id, { ...args }])
    });
  }
  return { context, connection, opened };
}

async function show(...args: Parameters<typeof make>) {
  const made = make(...args);
  render(<PipelinesPanel context={made.context} />);
  await userEvent.click(screen.getByRole('tab', { name: 'Recurring' }));
  return made;
}

describe('PipelinesPanel, recurring runs', () => {
  it('tells schedule, state, last run and pipeline of each', async () => {
    await show(operations([daily, off]));
    const row = await screen.findByRole('row', {
      name: 'daily, Enabled, Every day at 08:00 UTC'
    });
    expect(row).toHaveTextContent('Every day at 08:00 UTC');
    await waitFor(() => expect(row).toHaveTextContent('Fraud'));
    expect(screen.getByLabelText('Failed')).toBeInTheDocument();
    expect(
      screen.getByTitle(/Every day at 08:00 UTC 0 0 8 \* \* \* Next run: .* Pipeline: Fraud/)
    ).toBeVisible();
    const other = screen.getByRole('row', { name: 'weekly, Disabled, Every hour' });
    expect(other).toHaveTextContent(/off$/);
    expect(screen.getByText('2 recurring runs')).toBeInTheDocument();
  });

  it('says in the row why no run could be started', async () => {
    await show(operations([{ ...daily, error: 'The experiment is archived.' }]));
    const row = await screen.findByRole('row', {
      name: 'daily, Enabled, Every day at 08:00 UTC, The experiment is archived.'
    });
    expect(row).toHaveTextContent('The experiment is archived.');
  });

  it('filters by name and state', async () => {
    await show(operations([daily, off]));
    await screen.findByRole('row', { name: /daily/ });
    await userEvent.selectOptions(screen.getByLabelText('Status'), 'disabled');
    expect(screen.queryByRole('row', { name: /daily/ })).toBeNull();
    expect(screen.getByText('1 of 2 recurring runs')).toBeInTheDocument();
    await userEvent.type(screen.getByRole('searchbox', { name: 'Filter recurring runs' }), 'da');
    expect(screen.getByText('No recurring run matches.')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Clear filter' }));
    expect(screen.getByRole('row', { name: /daily/ })).toBeInTheDocument();
  });

  it('says what fills an empty list', async () => {
    await show(operations([]));
    expect(await screen.findByText(/No recurring runs yet/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Schedule a pipeline…' })).toBeInTheDocument();
  });

  it('tells what may not be read, and keeps the last ones while offline', async () => {
    let answer = () =>
      fail(403, 'Forbidden', 'no') as ReturnType<IPipelinesClient['listRecurringRuns']>;
    const { context } = await show({ ...operations([]), listRecurringRuns: () => answer() });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'You may not list recurring runs in team-a.'
    );
    answer = () => Promise.resolve({ items: [daily] });
    act(() => context.tell({ kind: 'refresh' }));
    await screen.findByRole('row', { name: /daily/ });
    answer = () => fail(0, 'Unreachable', 'down') as ReturnType<typeof answer>;
    act(() => context.tell({ kind: 'refresh' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Offline since');
    expect(screen.getByRole('row', { name: /daily/ })).toBeInTheDocument();
  });

  it('opens with Enter, and switches what is selected', async () => {
    const disabled: string[] = [];
    const { context, opened } = await show({
      ...operations([daily, off]),
      disableRecurringRun: async id => void disabled.push(id)
    });
    const row = await screen.findByRole('row', { name: /daily/ });
    fireEvent.click(row);
    fireEvent.keyDown(row, { key: 'Enter' });
    expect(opened).toEqual([['recurring-2', 'daily']]);
    await waitFor(() => expect(context.selection.recurring).toHaveLength(1));
    const from = { from: 'list' };
    expect(context.commands.isVisible(CommandIDs.enableRecurringRun, from)).toBe(false);
    expect(context.commands.isVisible(CommandIDs.disableRecurringRun, from)).toBe(true);
    await context.commands.execute(CommandIDs.disableRecurringRun, from);
    expect(disabled).toEqual(['recurring-2']);
  });

  it('asks with Delete about what is selected, whatever tab is in front', async () => {
    await show(operations([daily, off]), { recurringRunId: off.id });
    const row = await screen.findByRole('row', { name: /daily/ });
    fireEvent.click(row);
    fireEvent.keyDown(row, { key: 'Delete' });
    expect(await screen.findByText('Delete recurring run “daily”?')).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
  });

  it('lists the runs of one alone, until all are asked for or the connection changes', async () => {
    const { context, connection, opened } = await show(operations([daily]));
    await screen.findByRole('row', { name: /daily/ });
    await act(async () => {
      await context.commands.execute(CommandIDs.showRunsOf, {
        recurringRunId: 'recurring-2',
        name: 'daily'
      });
    });
    expect(opened).toContain('panel');
    expect(await screen.findByRole('row', { name: 'daily-5, Failed' })).toBeInTheDocument();
    expect(screen.getByText('Runs of').parentElement).toHaveTextContent('daily');
    await userEvent.click(screen.getByRole('button', { name: 'Show all runs' }));
    expect(await screen.findByText(/No runs yet/)).toBeInTheDocument();
    act(() => context.view.set({ section: 'runs', runsOf: { id: 'recurring-2', name: 'daily' } }));
    await screen.findByRole('row', { name: 'daily-5, Failed' });
    act(() => connection.set({ namespace: 'team-b' }));
    expect(await screen.findByText(/No runs yet/)).toBeInTheDocument();
  });
});

describe('RecurringDetail', () => {
  function open(given: Partial<IPipelinesClient>) {
    const made = make(given);
    const calls = { name: jest.fn(), gone: jest.fn() };
    render(
      <RecurringDetail
        context={made.context}
        recurringRunId="recurring-2"
        onName={calls.name}
        onGone={calls.gone}
      />
    );
    return { ...made, calls };
  }

  it('tells when it comes, its last runs and with what it runs', async () => {
    const item = { ...daily, parameters: { lr: 0.5 }, catchup: false, maxConcurrency: 3 };
    const { calls, opened } = open(operations([item]));
    expect(await screen.findByRole('heading', { name: 'daily' })).toBeInTheDocument();
    expect(calls.name).toHaveBeenCalledWith('daily');
    expect(screen.getByText('Enabled · Every day at 08:00 UTC')).toBeInTheDocument();
    expect(screen.getByRole('row', { name: 'Cron expression 0 0 8 * * *' })).toBeInTheDocument();
    expect(screen.getByRole('row', { name: 'Runs at the same time 3 at most' })).toBeVisible();
    expect(screen.getByRole('row', { name: /Only the last one is made up for/ })).toBeVisible();
    expect(screen.getByRole('row', { name: 'Version The newest at each run' })).toBeVisible();
    expect(screen.getByRole('row', { name: 'lr 0.5' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /daily-5/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Fraud' }));
    expect(opened).toEqual([
      [CommandIDs.openRun, { runId: 'run-5', name: 'daily-5' }],
      [CommandIDs.openPipeline, { pipelineId: 'p1', name: 'Fraud' }]
    ]);
  });

  it('is disabled from its header, and says so', async () => {
    const items = [daily];
    open({
      ...operations(items),
      disableRecurringRun: async () => void (items[0] = { ...daily, enabled: false })
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Disable' }));
    expect(await screen.findByRole('button', { name: 'Enable' })).toBeInTheDocument();
    expect(screen.getByRole('row', { name: 'Next None while it is disabled.' })).toBeVisible();
  });

  it('says that it is not there, and closes when it was deleted', async () => {
    const { context, calls } = open(operations([]));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'This recurring run is not on the active connection.'
    );
    act(() => context.tell({ kind: 'recurring-deleted', ids: new Set(['recurring-2']) }));
    expect(calls.gone).toHaveBeenCalled();
  });
});
