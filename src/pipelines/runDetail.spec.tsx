import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { IPipelinesClient, IRun } from '../client/pipelines';
import type { ITask } from '../graph/tasks';
import { giveElementsSize } from '../testing/element-size';
import { makeRun, makeTask } from '../testing/pipelines';
import { makeContext } from '../testing/pipelinesContext';
import { addCommands } from './commands';
import { RunDetail } from './runDetail';

beforeAll(() => giveElementsSize(800, 600));

const failed = makeRun(1, {
  state: 'failed',
  rawState: 'FAILED',
  error: 'train ended with exit code 1',
  parameters: { lr: 0.125 },
  pipelineSpec: {
    root: {
      dag: {
        tasks: {
          load: { taskInfo: { name: 'load' }, componentRef: { name: 'c' } },
          train: { taskInfo: { name: 'train' }, componentRef: { name: 'c' } }
        }
      }
    },
    components: { c: { executorLabel: 'e' } }
  }
});
const tasks = [
  makeTask('load', { state: 'succeeded', outputs: { parameters: { rows: 7 }, artifacts: [] } }),
  makeTask('train', { state: 'failed', message: 'exit code 1' })
];
const fail = (status: number, message: string) =>
  Promise.reject(new ApiError({ service: 'pipelines', status, reason: 'x', message }));

/** A run's tab over a client that has this run; `run` and `tasks` may change while it is shown. */
function show(operations: Partial<IPipelinesClient> = {}, run: IRun = failed) {
  const server: { run: IRun; tasks: ITask[] } = { run, tasks };
  const context = makeContext({
    getRun: async () => server.run,
    getTasks: async () => server.tasks,
    ...operations
  });
  const calls = { name: jest.fn(), gone: jest.fn(), section: jest.fn() };
  addCommands(context, {
    documents: null,
    showPanel: () => undefined,
    openRun: () => undefined,
    openPipeline: () => undefined,
    openRecurringRun: () => undefined,
    current: () => ({ runId: run.id })
  });
  render(
    <RunDetail
      context={context}
      runId={run.id}
      onName={calls.name}
      onGone={calls.gone}
      onSection={calls.section}
    />
  );
  return { context, server, calls };
}

const menuItem = (name: string | RegExp) => screen.findByRole('menuitem', { name });

describe('RunDetail', () => {
  it('says how the run ended and where, and tells its name', async () => {
    const { calls } = show();
    expect(await screen.findByRole('heading', { name: 'digits-1' })).toBeInTheDocument();
    expect(screen.getByText('train', { selector: 'em' }).parentElement).toHaveTextContent(
      'Failed in train after 41 s'
    );
    expect(calls.name).toHaveBeenCalledWith('digits-1');
  });

  it('shows the graph, the log of the task that failed, what went in and came out, and the spec', async () => {
    const taskLog: IPipelinesClient['taskLog'] = async function* (_run, task) {
      yield `log of ${task.name}\n`;
    };
    const { calls } = show({ taskLog });
    expect(
      await screen.findByRole('treeitem', { name: 'train, task, Failed, exit code 1' })
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('tab', { name: 'Logs' }));
    await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('log of train'));
    expect(calls.section).toHaveBeenLastCalledWith('logs');
    await userEvent.click(screen.getByRole('tab', { name: 'Inputs and outputs' }));
    const [inputs, outputs] = screen.getAllByRole('table');
    expect(within(inputs!).getByRole('row', { name: 'lr 0.125' })).toBeInTheDocument();
    expect(within(outputs!).getByRole('row', { name: 'load.rows 7' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('tab', { name: 'YAML' }));
    expect(screen.getByLabelText('YAML of digits-1')).toBeInTheDocument();
  });

  it('retries a failed run, says so meanwhile, and follows the run as it goes on', async () => {
    let accept = () => undefined as void;
    const accepted = new Promise<void>(resolve => (accept = resolve));
    const retryRun = jest.fn(() => accepted);
    const { server } = show({ retryRun });
    await userEvent.click(await screen.findByRole('button', { name: 'Retry run' }));
    expect(await screen.findByRole('button', { name: 'Retrying…' })).toBeDisabled();
    server.run = makeRun(1, { state: 'running', rawState: 'RUNNING', finishedAt: undefined });
    server.tasks = [tasks[0]!, makeTask('train', { state: 'running' })];
    accept();
    expect(await screen.findByRole('button', { name: 'Terminate run…' })).toBeEnabled();
    expect(await screen.findByText(/^Running for/)).toBeInTheDocument();
    expect(retryRun).toHaveBeenCalledWith('run-1');
    server.run = makeRun(1);
    server.tasks = [tasks[0]!, makeTask('train', { state: 'succeeded' })];
    expect(
      await screen.findByText('Succeeded after 41 s', undefined, { timeout: 5000 })
    ).toBeInTheDocument();
  });

  it('stays as it is when the server does not retry the run', async () => {
    show({ retryRun: () => fail(400, 'The workflow is gone.') });
    await userEvent.click(await screen.findByRole('button', { name: 'Retry run' }));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Retry run' })).toBeEnabled());
    expect(screen.getByText(/Failed in/)).toBeInTheDocument();
  });

  it('says in the menu why a run cannot be retried, and offers the archive', async () => {
    const archiveRun = jest.fn(async () => undefined);
    const { server } = show({ archiveRun }, makeRun(1));
    await userEvent.click(await screen.findByRole('button', { name: 'More actions' }));
    expect(await menuItem('Retry run (it has succeeded)')).toHaveAttribute('aria-disabled', 'true');
    server.run = makeRun(1, { archived: true });
    expect(await menuItem('Archive run')).not.toHaveAttribute('aria-disabled', 'true');
    const menu = screen.getByRole('menu');
    // Skips what is disabled, then goes on from Schedule run….
    fireEvent.keyDown(menu, { keyCode: 40 });
    fireEvent.keyDown(menu, { keyCode: 40 });
    fireEvent.keyDown(menu, { keyCode: 13 });
    await waitFor(() => expect(archiveRun).toHaveBeenCalledWith('run-1'));
    await userEvent.click(screen.getByRole('button', { name: 'More actions' }));
    expect(await menuItem('Restore run')).toBeInTheDocument();
  });

  it('says that a run is not there', async () => {
    show({ getRun: () => fail(404, 'no') });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'This run is not on the active connection.'
    );
  });

  it('keeps what it has while offline, and says when only the tasks cannot be read', async () => {
    let answer = (run: IRun): Promise<IRun> => Promise.resolve(run);
    const { context } = show({
      getRun: () => answer(failed),
      getTasks: () => fail(500, 'The table is locked.')
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The tasks could not be read. The table is locked.'
    );
    answer = () => fail(503, 'down');
    act(() => context.tell({ kind: 'refresh' }));
    expect(await screen.findByText(/^Offline since/)).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'digits-1' })).toBeInTheDocument();
  });

  it('closes when the run was deleted', async () => {
    const { context, calls } = show();
    await screen.findByRole('heading', { name: 'digits-1' });
    act(() => context.tell({ kind: 'runs-deleted', ids: new Set(['run-1']) }));
    expect(calls.gone).toHaveBeenCalled();
  });
});
