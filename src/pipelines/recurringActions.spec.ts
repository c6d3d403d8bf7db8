import { Notification } from '@jupyterlab/apputils';
import { screen, waitFor, within } from '@testing-library/dom';
import userEvent from '@testing-library/user-event';

import { ApiError } from '../client/errors';
import type { ICreateRecurringRun, IPipelinesClient } from '../client/pipelines';
import { makeRecurringRun, makeRun } from '../testing/pipelines';
import { makeContext } from '../testing/pipelinesContext';
import { CommandIDs, type IChange } from './context';
import {
  deleteRecurringRuns,
  schedulePipeline,
  scheduleRun,
  switchRecurringRuns
} from './recurringActions';

const refuse = (status: number, message: string) =>
  Promise.reject(new ApiError({ service: 'pipelines', status, reason: 'x', message }));
const messages = () => Notification.manager.notifications.map(item => item.message);
const spec = {
  root: {
    inputDefinitions: { parameters: { lr: { parameterType: 'NUMBER_DOUBLE', defaultValue: 0.5 } } }
  }
};

/** A context over these operations, what was created there, opened and told. */
function make(operations: Partial<IPipelinesClient> = {}) {
  const created: ICreateRecurringRun[] = [];
  const told: IChange[] = [];
  const opened: unknown[] = [];
  const context = makeContext({
    listExperiments: async () => ({ items: [] }),
    createRecurringRun: async run => {
      created.push(run);
      return makeRecurringRun(7, { name: run.name });
    },
    ...operations
  });
  context.commands.addCommand(CommandIDs.openRecurringRun, {
    execute: args => void opened.push({ ...args })
  });
  context.changed.connect((_, change) => void told.push(change));
  return { context, created, told, opened };
}

const button = (name: string) => screen.findByText(name, { selector: '.jp-Dialog-buttonLabel' });

beforeAll(() => {
  // As JupyterLab's style does; a closed `<dialog>` would be hidden.
  const style = document.createElement('style');
  style.textContent = '.jp-Dialog { display: flex; }';
  document.head.append(style);
});

afterEach(() => Notification.dismiss());

describe('schedulePipeline', () => {
  const version = {
    id: 'v2',
    pipelineId: 'p1',
    name: 'v2',
    displayName: 'v2',
    createdAt: '',
    pipelineSpec: spec
  };

  it('asks when and with what, schedules the newest version and opens the recurring run', async () => {
    const { context, created, told, opened } = make({
      listVersions: async () => ({ items: [version] }),
      getVersion: async () => version
    });
    const done = schedulePipeline(context, { id: 'p1', displayName: 'fraud' });
    const dialog = await screen.findByRole('dialog', { name: 'Schedule pipeline fraud' });
    expect(await within(dialog).findByLabelText('Name')).toHaveValue('fraud');
    await userEvent.selectOptions(within(dialog).getByLabelText('Unit'), 'hours');
    await userEvent.click(await button('Schedule'));
    await done;
    expect(created).toEqual([
      {
        name: 'fraud',
        parameters: { lr: 0.5 },
        caching: true,
        schedule: { kind: 'interval', seconds: 3600 },
        maxConcurrency: 1,
        catchup: true,
        version: { pipelineId: 'p1', versionId: 'v2' }
      }
    ]);
    expect(told).toEqual([{ kind: 'recurring' }]);
    expect(opened).toEqual([{ recurringRunId: 'recurring-7', name: 'fraud' }]);
  });

  it('keeps the dialog open with what the server says against it', async () => {
    const { context, opened } = make({
      listVersions: async () => ({ items: [version] }),
      getVersion: async () => version,
      createRecurringRun: () => refuse(400, 'The experiment is archived.')
    });
    const done = schedulePipeline(context, { id: 'p1', displayName: 'fraud' });
    await userEvent.click(await button('Schedule'));
    expect(await screen.findByText('The experiment is archived.')).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await done;
    expect(opened).toEqual([]);
  });
});

it('scheduleRun takes the run’s spec, parameters and experiment', async () => {
  const run = makeRun(1, {
    name: 'digits-2026-11-20-1000',
    parameters: { lr: 0.25 },
    pipelineSpec: spec,
    experimentId: 'e1'
  });
  const { context, created } = make({ getRun: async () => run });
  const done = scheduleRun(context, 'run-1');
  await screen.findByRole('dialog', { name: 'Schedule run digits-2026-11-20-1000' });
  await userEvent.click(await button('Schedule'));
  await done;
  expect(created).toMatchObject([
    { name: 'digits', parameters: { lr: 0.25 }, pipelineSpec: spec, experimentId: 'e1' }
  ]);
});

it('switchRecurringRuns enables and disables, and names what the server refuses', async () => {
  const asked: string[] = [];
  const { context, told } = make({
    enableRecurringRun: async id => void asked.push(`enable ${id}`),
    disableRecurringRun: () => refuse(403, 'Not allowed.')
  });
  await switchRecurringRuns(context, [makeRecurringRun(1)], true);
  await switchRecurringRuns(context, [makeRecurringRun(2)], false);
  expect(asked).toEqual(['enable recurring-1']);
  expect(messages()).toEqual(['nightly-2: Not allowed.']);
  expect(told).toEqual([{ kind: 'recurring' }, { kind: 'recurring' }]);
});

describe('deleteRecurringRuns', () => {
  it('asks first, and takes one that is gone already for deleted', async () => {
    const { context, told } = make({ deleteRecurringRun: () => refuse(404, 'gone') });
    const done = deleteRecurringRuns(context, [makeRecurringRun(1)]);
    expect(await screen.findByText('Delete recurring run “nightly-1”?')).toBeInTheDocument();
    await userEvent.click(await button('Delete recurring run'));
    await done;
    expect(messages()).toEqual([]);
    expect(told).toEqual([{ kind: 'recurring-deleted', ids: new Set(['recurring-1']) }]);
  });

  it('deletes nothing when the person does not go on', async () => {
    const deleteRecurringRun = jest.fn();
    const { context, told } = make({ deleteRecurringRun });
    const done = deleteRecurringRuns(context, [makeRecurringRun(1)]);
    await userEvent.click(await button('Cancel'));
    await done;
    expect(deleteRecurringRun).not.toHaveBeenCalled();
    expect(told).toEqual([]);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });
});
