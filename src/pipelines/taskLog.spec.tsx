import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { unreachable } from '../client/errors';
import type { IPipelinesClient } from '../client/pipelines';
import type { ITask } from '../graph/tasks';
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

it.each([
  ['goes on', 'running'],
  ['has ended once more by the time it is looked at', 'succeeded']
] as const)('reads the log of a task again that was retried and %s', async (_, state) => {
  const reads: string[] = [];
  const taskLog: IPipelinesClient['taskLog'] = async function* (_run, task) {
    reads.push(task.state);
    yield `attempt ${reads.length}\n`;
  };
  const context = makeContext({ taskLog });
  const draw = (change: Partial<ITask>) => (
    <TaskLog context={context} run={makeRun(1)} task={makeTask('a', change)} />
  );
  const { rerender } = render(draw({ state: 'running' }));
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('attempt 1'));
  const first = { state: 'failed', endTime: '2026-11-20T10:00:00Z' } as const;
  rerender(draw(first));
  rerender(draw(first));
  const endTime = state === 'running' ? undefined : '2026-11-20T10:01:00Z';
  rerender(draw({ state, endTime }));
  await waitFor(() => expect(screen.getByRole('log')).toHaveTextContent('attempt 2'));
  rerender(draw({ state: 'succeeded', endTime: '2026-11-20T10:01:00Z' }));
  await waitFor(() => expect(screen.queryByText('Following…')).toBeNull());
  expect(reads).toEqual(['running', state]);
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
