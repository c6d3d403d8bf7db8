import { render, screen, waitFor } from '@testing-library/react';

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
