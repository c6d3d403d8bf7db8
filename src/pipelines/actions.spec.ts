import { Notification } from '@jupyterlab/apputils';
import { screen } from '@testing-library/dom';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { IPipelinesClient } from '../client/pipelines';
import { makeRun } from '../testing/pipelines';
import { makeContext } from '../testing/pipelinesContext';
import { archiveRuns, deleteRuns, retryRuns, terminateRuns } from './actions';
import type { IChange } from './context';
import { RETRIED } from './runs';

const refuse = (status: number, message: string) =>
  Promise.reject(new ApiError({ service: 'pipelines', status, reason: 'x', message }));
const running = (number: number) => makeRun(number, { state: 'running', finishedAt: undefined });
const messages = () => Notification.manager.notifications.map(item => item.message);

/** A context over these operations, the ids of the runs that were deleted there and what the views were told. */
function make(operations: Partial<IPipelinesClient>) {
  const deleted: string[] = [];
  const told: IChange[] = [];
  const context = makeContext({ deleteRun: async id => void deleted.push(id), ...operations });
  context.changed.connect((_, change) => void told.push(change));
  return { context, deleted, told };
}

async function press(name: string) {
  await userEvent.click(await screen.findByText(name, { selector: '.jp-Dialog-buttonLabel' }));
}

afterEach(() => Notification.dismiss());

describe('deleteRuns', () => {
  it('deletes a run that has ended since it was read', async () => {
    const { context, deleted } = make({
      terminateRun: () => refuse(400, 'The run has ended.'),
      getRun: async () => makeRun(1)
    });
    const done = deleteRuns(context, [running(1)]);
    await press('Delete run');
    await done;
    expect(deleted).toEqual(['run-1']);
    expect(messages()).toEqual([]);
  });

  it('names each run that could not be deleted and goes on with the others', async () => {
    const { context, deleted, told } = make({
      terminateRun: id => (id === 'run-2' ? refuse(403, 'Not allowed.') : Promise.resolve()),
      getRun: async () => running(2)
    });
    const done = deleteRuns(context, [running(3), running(2), makeRun(1)]);
    await press('Delete runs');
    await done;
    expect(deleted).toEqual(['run-3', 'run-1']);
    expect(messages()).toEqual(['digits-2: Not allowed.']);
    expect(told).toEqual([{ kind: 'runs-deleted', ids: new Set(['run-3', 'run-1']) }]);
  });

  it('takes a run that is gone already for deleted', async () => {
    const { context, told } = make({ deleteRun: () => refuse(404, 'No such run.') });
    const done = deleteRuns(context, [makeRun(1)]);
    await press('Delete run');
    await done;
    expect(messages()).toEqual([]);
    expect(told).toEqual([{ kind: 'runs-deleted', ids: new Set(['run-1']) }]);
  });
});

it('terminateRuns says nothing of a run that has ended by itself', async () => {
  const { context, told } = make({
    terminateRun: () => refuse(400, 'The run has ended.'),
    getRun: async () => makeRun(1)
  });
  const done = terminateRuns(context, [running(1)]);
  await press('Terminate run');
  await done;
  expect(messages()).toEqual([]);
  expect(told).toEqual([{ kind: 'runs', ids: new Set(['run-1']), change: {} }]);
});

describe('retryRuns', () => {
  const failed = (number: number) => makeRun(number, { state: 'failed', rawState: 'FAILED' });

  it('retries the runs that failed or were cancelled, and tells the views that they go on', async () => {
    const retried: string[] = [];
    const { context, told } = make({ retryRun: async id => void retried.push(id) });
    const cancelled = makeRun(3, { state: 'cancelled', rawState: 'CANCELED' });
    await retryRuns(context, [cancelled, makeRun(2), failed(1)]);
    expect(retried).toEqual(['run-3', 'run-1']);
    expect(told).toEqual([{ kind: 'runs', ids: new Set(['run-3', 'run-1']), change: RETRIED }]);
    expect(messages()).toEqual([]);
  });

  it('says why the server refuses, and changes nothing', async () => {
    const { context, told } = make({ retryRun: () => refuse(400, 'The spec is gone.') });
    await retryRuns(context, [failed(1)]);
    expect(messages()).toEqual(['digits-1: The spec is gone.']);
    expect(told).toEqual([]);
  });

  it('says why a run cannot be retried', async () => {
    const { context } = make({});
    await retryRuns(context, [makeRun(1)]);
    expect(messages()).toEqual(['Run digits-1 cannot be retried: it has succeeded.']);
  });
});

it('archiveRuns puts runs into the archive and takes them out', async () => {
  const asked: string[] = [];
  const { context, told } = make({
    archiveRun: async id => void asked.push(`archive ${id}`),
    unarchiveRun: async id => void asked.push(`restore ${id}`)
  });
  await archiveRuns(context, [makeRun(1)], true);
  await archiveRuns(context, [makeRun(2, { archived: true })], false);
  expect(asked).toEqual(['archive run-1', 'restore run-2']);
  expect(told.map(change => change.kind === 'runs' && change.change)).toEqual([
    { archived: true },
    { archived: false }
  ]);
});
