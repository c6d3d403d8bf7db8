import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IKubernetesObject } from '../client/kubernetes/object';
import { saveAs } from '../ui/saveAs';
import { giveElementsSize } from '../testing/element-size';
import { FakeKubernetes } from '../testing/fakeKubernetes';
import {
  conditions,
  makeExperiment,
  makeOptimizationJob,
  makeSuggestion,
  makeTrial,
  makeTrialJob
} from '../testing/katib';
import { makeKatibContext } from '../testing/panelContext';
import { condition } from '../testing/trainer';
import type { IChartTabProps } from './charts';
import { addCommands } from './commands';
import { CommandIDs, CreateCommandIDs, type IStudyRef } from './context';
import { StudyDetail } from './detail';

jest.mock('../ui/saveAs', () => ({ saveAs: jest.fn() }));
jest.mock('./charts', () => {
  const Chart = (props: IChartTabProps) => (
    <button type="button" onClick={() => props.onSelect(new Set(['digits-a', 'digits-c']))}>
      {props.study.trials.length} trials, {props.selected.size} chosen here
    </button>
  );
  return { ParallelTab: Chart, ObjectiveTab: Chart, CurvesTab: Chart };
});
beforeAll(() => giveElementsSize(800, 400));

const OF: IStudyRef = { kind: 'Experiment', namespace: 'team-a', name: 'digits' };
/** Made anew for each server, which changes what it is given. */
const trialsOf = () => [
  makeTrial('digits', 'a', {
    created: 1,
    end: 11,
    lr: '0.01',
    accuracy: ['0.9', '0.5', '0.9'],
    loss: '0.4'
  }),
  makeTrial('digits', 'b', {
    created: 2,
    end: 22,
    lr: '0.002',
    accuracy: ['0.95', '0.5', '0.96'],
    loss: '0.3'
  }),
  makeTrial('digits', 'c', {
    created: 3,
    state: ['Created', 'Running!', 'Failed'],
    message: 'Exit code 1',
    lr: '0.1'
  }),
  makeTrial('digits', 'd', { created: 4, state: ['Created', 'Running'], lr: '0.05' })
];

function show(
  objects: Record<string, IKubernetesObject[]>,
  {
    section,
    forbidden = [],
    of = OF
  }: { section?: string; forbidden?: string[]; of?: IStudyRef } = {}
) {
  const server = new FakeKubernetes({ events: [], ...objects });
  forbidden.forEach(each => server.forbidden.add(each));
  const context = makeKatibContext(server);
  const host = {
    showPanel: jest.fn(),
    openExperiment: jest.fn(),
    closeExperiment: jest.fn(),
    openTrial: jest.fn(),
    front: () => ({ ...of }),
    frontTrial: () => undefined
  };
  addCommands(context, host);
  const created = jest.fn();
  context.commands.addCommand(CreateCommandIDs.createExperiment, { execute: created });
  const props = { onSection: jest.fn(), onGone: jest.fn() };
  render(<StudyDetail context={context} of={of} section={section} {...props} />);
  return { server, context, host, created, ...props };
}

const rows = () =>
  within(screen.getByRole('grid', { name: 'Trials' }))
    .getAllByRole('row')
    .slice(1)
    .map(row => row.getAttribute('data-key'));

describe('the overview', () => {
  it('answers what is best, and goes on from it', async () => {
    const { context, host } = show({
      experiments: [makeExperiment('digits', { status: { trials: 4, trialsRunning: 1 } })],
      trials: trialsOf()
    });
    expect(await screen.findByText('0.96')).toHaveAttribute('title', '0.96');
    expect(
      screen.getByText('accuracy, the higher the better', { selector: 'span' })
    ).toBeInTheDocument();
    const parameters = screen.getByRole('table', { name: 'Parameters' });
    expect(within(parameters).getByText('0.002')).toBeInTheDocument();
    expect(
      within(screen.getByRole('table', { name: 'Other metrics' })).getByText('0.3')
    ).toBeInTheDocument();
    const ran = jest.spyOn(context.commands, 'execute').mockResolvedValue(undefined);
    await userEvent.click(screen.getByRole('button', { name: 'Train with these…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Copy parameters to cell' }));
    const args = {
      kind: 'Experiment',
      namespace: 'team-a',
      name: 'digits-b',
      experiment: 'digits'
    };
    expect(ran.mock.calls).toEqual([
      [CommandIDs.trainWith, args],
      [CommandIDs.copyParameters, args]
    ]);
    ran.mockRestore();
    await userEvent.click(screen.getByRole('button', { name: 'No. 2, digits-b' }));
    expect(host.openTrial).toHaveBeenCalledWith(args, undefined);
  });

  it('counts trials by state and says how far it is, live', async () => {
    const { server } = show({ experiments: [makeExperiment('digits')], trials: trialsOf() });
    const counts = await screen.findByRole('list', { name: 'Trials by state' });
    await waitFor(() => expect(counts).toHaveTextContent('1 running2 succeeded1 failed'));
    expect(screen.getByText(/^Running for .*: 3 of 12 trials, about .* left$/)).toBeInTheDocument();
    act(() => server.put('trials', makeTrial('digits', 'd', { created: 4, end: 30 })));
    await waitFor(() => expect(counts).toHaveTextContent('3 succeeded1 failed'));
  });

  it('says why it failed, what to do, and opens the trial that did', async () => {
    const { host } = show({
      experiments: [
        makeExperiment('digits', {
          status: {
            conditions: conditions(
              ['Created', 'Running!', 'Failed'],
              'ExperimentFailed',
              'Experiment has failed because max failed count has reached'
            )
          }
        })
      ],
      trials: trialsOf().slice(2, 3)
    });
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Experiment has failed because max failed count has reached');
    await waitFor(() => expect(alert).toHaveTextContent('Open a failed trial for its log'));
    await userEvent.click(within(alert).getByRole('button', { name: 'Open the trial digits-c' }));
    expect(host.openTrial.mock.calls[0][0].name).toBe('digits-c');
  });

  it('says what to do about one that ended without any metric', async () => {
    const reason = 'ExperimentMaxTrialsReached';
    show({
      experiments: [
        makeExperiment('digits', {
          status: { conditions: conditions(['Created', 'Running!', 'Succeeded'], reason) }
        })
      ],
      trials: [
        makeTrial('digits', 'a', {
          created: 1,
          end: 20,
          state: ['Created', 'Running!', 'MetricsUnavailable']
        })
      ]
    });
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(/^1 trial gave no metrics/);
    expect(alert).toHaveTextContent('Print it as “name=value”');
    expect(within(alert).getByRole('button', { name: 'Open the trial digits-a' })).toBeVisible();
    expect(screen.getByText('No trial has reported “accuracy”.')).toBeVisible();
  });

  it('describes what is tried', async () => {
    show({ experiments: [makeExperiment('digits')], trials: [] });
    const space = await screen.findByRole('group', { name: 'Search space' });
    expect(space).toHaveTextContent('lrdouble0.0001 to 0.1, by its logarithm');
    expect(space).toHaveTextContent('layersint1 to 8, step 1');
    expect(screen.getByText('No trial has reported “accuracy” so far.')).toBeInTheDocument();
  });
});

describe('the table of trials', () => {
  const table = async (change: Parameters<typeof show>[1] = {}) => {
    const shown = show(
      { experiments: [makeExperiment('digits')], trials: trialsOf() },
      { section: 'trials', ...change }
    );
    await screen.findByRole('grid', { name: 'Trials' });
    return shown;
  };

  it('is sorted by any column, with what has no value last', async () => {
    await table();
    expect(rows()).toEqual(['digits-d', 'digits-c', 'digits-b', 'digits-a']);
    expect(screen.getByRole('row', { name: 'digits-b, Succeeded, the best' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'accuracy' }));
    expect(rows()).toEqual(['digits-a', 'digits-b', 'digits-c', 'digits-d']);
    await userEvent.click(screen.getByRole('button', { name: 'accuracy' }));
    expect(rows()).toEqual(['digits-b', 'digits-a', 'digits-c', 'digits-d']);
    expect(screen.getByRole('columnheader', { name: /accuracy/ })).toHaveAttribute(
      'aria-sort',
      'descending'
    );
    await userEvent.click(screen.getByRole('button', { name: 'lr' }));
    expect(rows()).toEqual(['digits-b', 'digits-a', 'digits-d', 'digits-c']);
  });

  it('is filtered by text, by a parameter, by state and by what is chosen', async () => {
    await table();
    const filter = screen.getByRole('searchbox', { name: /^Filter trials/ });
    await userEvent.type(filter, 'lr=0.00');
    await waitFor(() => expect(rows()).toEqual(['digits-b']));
    await userEvent.clear(filter);
    await userEvent.type(filter, 'exit code');
    await waitFor(() => expect(rows()).toEqual(['digits-c']));
    expect(screen.getByText('1 of 4 trials')).toBeInTheDocument();
    await userEvent.clear(filter);
    const state = screen.getByRole('combobox', { name: 'State' });
    await userEvent.selectOptions(state, 'succeeded');
    expect(rows()).toEqual(['digits-b', 'digits-a']);
    await userEvent.click(screen.getByRole('row', { name: /^digits-a/ }));
    await userEvent.selectOptions(state, 'chosen');
    expect(rows()).toEqual(['digits-a']);
    await userEvent.click(screen.getByRole('button', { name: 'Choose none' }));
    await userEvent.click(screen.getByRole('button', { name: 'Clear filter' }));
    expect(rows()).toHaveLength(4);
  });

  it('chooses by mouse and keyboard, and opens a trial', async () => {
    const { host } = await table();
    await userEvent.click(screen.getByRole('row', { name: /^digits-d/ }));
    await userEvent.keyboard('{Shift>}{ArrowDown}{/Shift}');
    expect(screen.getByText('4 trials, 2 chosen')).toBeInTheDocument();
    expect(screen.getByRole('row', { name: /^digits-c/ })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(host.openTrial.mock.calls[0][0].name).toBe('digits-c');
    await userEvent.keyboard('{Escape}');
    expect(screen.getByText('4 trials')).toBeInTheDocument();
  });

  it('is saved as CSV as it is shown, with all digits', async () => {
    await table();
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'succeeded');
    await userEvent.click(screen.getByRole('button', { name: 'Save as CSV' }));
    const [blob, name] = jest.mocked(saveAs).mock.calls[0]!;
    expect(name).toBe('digits-trials.csv');
    const text = await new Promise<string>(resolve => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.readAsText(blob);
    });
    expect(text.split('\r\n')).toEqual([
      'number,trial,state,accuracy,loss,lr,layers,began,ended,reason',
      '2,digits-b,Succeeded,0.96,0.3,0.002,2,2026-01-01T10:00:02.000Z,2026-01-01T10:00:22.000Z,',
      '1,digits-a,Succeeded,0.9,0.4,0.01,2,2026-01-01T10:00:01.000Z,2026-01-01T10:00:11.000Z,',
      ''
    ]);
  });

  it('keeps few of many rows in the page', async () => {
    const many = Array.from({ length: 1500 }, (_, index) =>
      makeTrial('digits', `t${index}`, { created: index })
    );
    show({ experiments: [makeExperiment('digits')], trials: many }, { section: 'trials' });
    const grid = await screen.findByRole('grid', { name: 'Trials' });
    expect(grid).toHaveAttribute('aria-rowcount', '1501');
    expect(rows().length).toBeLessThan(60);
  });

  it('says what may not be read', async () => {
    show(
      { experiments: [makeExperiment('digits')], trials: trialsOf() },
      { section: 'trials', forbidden: ['list trials'] }
    );
    expect(await screen.findByText(/You may not list Trials in team-a/)).toBeInTheDocument();
  });
});

it('shares what is chosen among charts and table, and keeps its filter', async () => {
  show({ experiments: [makeExperiment('digits')], trials: trialsOf() }, { section: 'parallel' });
  await userEvent.click(await screen.findByRole('button', { name: '4 trials, 0 chosen here' }));
  const go = (name: string) => userEvent.click(screen.getByRole('tab', { name }));
  await go('Trials');
  expect(screen.getByText('4 trials, 2 chosen')).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'chosen');
  expect(rows()).toEqual(['digits-c', 'digits-a']);
  for (const each of ['Objective', 'Curves']) {
    await go(each);
    expect(screen.getByText('4 trials, 2 chosen here')).toBeInTheDocument();
  }
  await go('Trials');
  expect(rows()).toEqual(['digits-c', 'digits-a']);
});

it('tells how the suggestions are', async () => {
  show(
    {
      experiments: [makeExperiment('digits')],
      trials: [],
      suggestions: [makeSuggestion('digits')]
    },
    { section: 'suggestion' }
  );
  const table = await screen.findByRole('table', { name: 'Suggestions' });
  expect(table).toHaveTextContent('Algorithmtpe');
  expect(table).toHaveTextContent('Asked for7');
  expect(table).toHaveTextContent('Given6');
});

it('offers what suggests itself: stop, resume, clone', async () => {
  const { server, created } = show({ experiments: [makeExperiment('digits')], trials: trialsOf() });
  expect(await screen.findByRole('button', { name: 'Stop…' })).toBeEnabled();
  const over = (reason: string) =>
    makeExperiment('digits', {
      status: { conditions: conditions(['Created', 'Running!', 'Succeeded'], reason) }
    });
  act(() => server.put('experiments', over('ExperimentMaxTrialsReached')));
  expect(await screen.findByRole('button', { name: 'Edit budget and resume…' })).toBeEnabled();
  act(() => server.put('experiments', over('ExperimentGoalReached')));
  await userEvent.click(await screen.findByRole('button', { name: 'Clone…' }));
  await waitFor(() => expect(created).toHaveBeenCalled());
  expect(created.mock.calls[0][0].experiment.metadata.name).toBe('digits');
});

it('keeps what it was when it is deleted', async () => {
  const { server, onGone } = show({ experiments: [makeExperiment('digits')], trials: trialsOf() });
  await screen.findByText('0.96');
  act(() => server.remove('experiments', 'digits'));
  expect(
    await screen.findByText('digits was deleted. This is how it was last.')
  ).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Close tab' }));
  expect(onGone).toHaveBeenCalled();
});

it('shows an OptimizationJob with its TrainJobs, and what cannot be done to it', async () => {
  const of = { kind: 'OptimizationJob', namespace: 'team-a', name: 'tune' } as const;
  const complete = [condition('Complete')];
  const { context } = show(
    {
      optimizationjobs: [makeOptimizationJob('tune')],
      trainjobs: [
        makeTrialJob('tune', 'a', { metrics: { loss: '0.25' }, conditions: complete }),
        makeTrialJob('other', 'a', { metrics: { loss: '0.1' }, conditions: complete })
      ]
    },
    { of }
  );
  expect(await screen.findByText('0.25')).toBeInTheDocument();
  expect(screen.queryByRole('tab', { name: 'Suggestion' })).toBeNull();
  const { commands } = context;
  expect(commands.isEnabled(CommandIDs.editBudget, { ...of })).toBe(false);
  expect(commands.label(CommandIDs.stopExperiment, { ...of })).toBe(
    'Stop tuning experiment… (An OptimizationJob cannot be changed after it was made)'
  );
});
