import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { unreachable } from '../client/errors';
import type { IPipelinesClient } from '../client/pipelines';
import { giveElementsSize } from '../testing/element-size';
import { makeRun, makeTask } from '../testing/pipelines';
import { makeContext } from '../testing/pipelinesContext';
import { TaskLog } from './taskLog';

beforeAll(() => giveElementsSize(400, 400));

it('says that it is offline, keeps its lines, and goes on when the log is heard again', async () => {
  let back = () => undefined as void;
  const returned = new Promise<void>(resolve => (back = resolve));
  const taskLog: IPipelinesClient['taskLog'] = async function* (run, task, options) {
    yield 'one\n';
    options?.onTrouble?.(unreachable('jupyter'));
    await returned;
    options?.onTrouble?.(undefined);
    yield 'two\n';
    await new Promise(() => undefined);
  };
  const context = makeContext({ taskLog });
  const task = makeTask('train', { state: 'running' });
  render(<TaskLog context={context} run={makeRun(1, { state: 'running' })} task={task} />);
  expect(await screen.findByText(/Offline, trying again by itself/)).toHaveTextContent(
    'The Jupyter server cannot be reached.'
  );
  expect(screen.getByRole('log')).toHaveTextContent('one');
  back();
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('two'));
  expect(screen.queryByText(/Offline/)).toBeNull();
  expect(screen.getByText('Following…')).toBeInTheDocument();
});

it('reads the log of a task again that is retried', async () => {
  const reads: string[] = [];
  const taskLog: IPipelinesClient['taskLog'] = async function* (_run, task) {
    reads.push(task.state);
    yield `attempt ${reads.length}\n`;
  };
  const context = makeContext({ taskLog });
  const failed = { run: makeRun(1, { state: 'failed' }), task: makeTask('a', { state: 'failed' }) };
  const { rerender } = render(<TaskLog context={context} {...failed} />);
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('attempt 1'));
  const going = {
    run: makeRun(1, { state: 'running' }),
    task: makeTask('a', { state: 'running' })
  };
  rerender(<TaskLog context={context} {...going} />);
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('attempt 2'));
  expect(reads).toEqual(['failed', 'running']);
});

it('says how much of a long log is not shown, and fetches all of it as a file', async () => {
  const taskLogFile = jest.fn(async () => new Blob(['all']));
  const save = jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation();
  URL.createObjectURL = () => 'blob:log';
  const taskLog: IPipelinesClient['taskLog'] = async function* (_run, _task, options) {
    expect(options?.tail).toBeGreaterThan(0);
    options?.onSkipped?.(990_000_000);
    yield 'the end\n';
  };
  const context = makeContext({ taskLog, taskLogFile });
  const task = makeTask('train', { state: 'succeeded' });
  render(<TaskLog context={context} run={makeRun(1)} task={task} />);
  expect(await screen.findByText('The first 990 MB of the log are not shown.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Download all of it' }));
  await waitFor(() => expect(save).toHaveBeenCalled());
  expect((save.mock.contexts[0] as HTMLAnchorElement).download).toBe('digits-1-train.log');
});
