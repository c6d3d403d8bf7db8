import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IKubernetesObject } from '../client/kubernetes/object';
import { giveElementsSize } from '../testing/element-size';
import { FakeKubernetes } from '../testing/fakeKubernetes';
import { conditions, makeExperiment, makeOptimizationJob, makeTrialJob } from '../testing/katib';
import { makeKatibContext } from '../testing/panelContext';
import { condition } from '../testing/trainer';
import { CommandIDs, CreateCommandIDs } from './context';
import { KatibPanel } from './panel';

beforeAll(() => giveElementsSize(240, 400));

function show(
  objects: Record<string, IKubernetesObject[]>,
  { change, create = true }: { change?: (s: FakeKubernetes) => void; create?: boolean } = {}
) {
  const server = new FakeKubernetes(objects);
  change?.(server);
  const context = makeKatibContext(server);
  const executed: [string, unknown][] = [];
  const ids = [
    ...Object.values(CommandIDs),
    ...(create ? [CreateCommandIDs.createExperiment] : [])
  ];
  for (const id of ids) {
    context.commands.addCommand(id, {
      label: id,
      execute: args => void executed.push([id, { ...args }])
    });
  }
  render(<KatibPanel context={context} />);
  return { server, context, executed };
}

const row = (name: RegExp) => screen.findByRole('row', { name });
const best = (value: string) => ({
  currentOptimalTrial: {
    bestTrialName: 'digits-a',
    observation: { metrics: [{ name: 'accuracy', latest: value, min: '0', max: value }] }
  }
});

describe('the list of Experiments', () => {
  it('tells the best value and how far it is, live, and trials by state on hover', async () => {
    const status = { trials: 6, trialsSucceeded: 3, trialsFailed: 1, trialsRunning: 2 };
    const { server } = show({
      experiments: [makeExperiment('digits', { status: { ...status, ...best('0.912345') } })]
    });
    const digits = await row(/^digits, Running/);
    expect(within(digits).getByText('0.9123')).toHaveAttribute(
      'title',
      expect.stringMatching(
        /^Best accuracy, the higher the better: 0.912345\nTrials: 2 running, 3 succeeded, 1 failed\nabout .* left/
      )
    );
    expect(within(digits).getByRole('progressbar')).toHaveAccessibleName(
      '4 of 12 trials: 2 running, 3 succeeded, 1 failed'
    );
    const next = { ...status, trialsSucceeded: 4, trialsRunning: 1, ...best('0.95') };
    act(() => server.put('experiments', makeExperiment('digits', { status: next })));
    await waitFor(() => expect(digits).toHaveTextContent('0.95'));
    expect(digits).toHaveTextContent('5/12');
    expect(screen.getByText('1 Experiment')).toHaveTextContent('updated live');
  });

  it('says in the row why an experiment failed, or has no result', async () => {
    show({
      experiments: [
        makeExperiment('digits', {
          status: {
            trialsFailed: 3,
            conditions: conditions(['Created', 'Running!', 'Failed'], 'ExperimentFailed')
          }
        }),
        makeExperiment('odd', {
          status: {
            conditions: conditions(
              ['Created', 'Failed'],
              'ExperimentFailed',
              'Suggestion has failed'
            )
          }
        }),
        makeExperiment('silent', {
          status: {
            trialMetricsUnavailable: 12,
            conditions: conditions(
              ['Created', 'Running!', 'Succeeded'],
              'ExperimentMaxTrialsReached'
            )
          }
        })
      ]
    });
    expect(await row(/^digits, Failed/)).toHaveTextContent('3 trials failed');
    expect(await row(/^silent, Succeeded/)).toHaveTextContent('12 trials gave no metrics');
    expect(await row(/^odd, Failed/)).toHaveTextContent('Suggestion has failed');
  });

  it('offers what can be done: stop, resume with more trials, or why not', async () => {
    const over = (reason: string) => ({
      conditions: conditions(['Created', 'Running!', 'Succeeded'], reason)
    });
    const { executed } = show({
      experiments: [
        makeExperiment('running'),
        makeExperiment('done', { status: over('ExperimentMaxTrialsReached') }),
        makeExperiment('reached', { status: over('ExperimentGoalReached') })
      ]
    });
    await userEvent.click(
      within(await row(/^running/)).getByRole('button', { name: 'Stop…', hidden: true })
    );
    await userEvent.click(
      within(await row(/^done/)).getByRole('button', {
        name: 'Edit budget and resume…',
        hidden: true
      })
    );
    const args = (name: string, phase: string) => ({
      kind: 'Experiment',
      namespace: 'team-a',
      name,
      phase
    });
    expect(executed).toEqual([
      [CommandIDs.stopExperiment, args('running', 'running')],
      [CommandIDs.editBudget, args('done', 'succeeded')]
    ]);
    expect(
      within(await row(/^reached/)).getByRole('button', {
        name: /^Edit budget and resume…: It ended before its budget was used up/,
        hidden: true
      })
    ).toHaveAttribute('aria-disabled', 'true');
  });

  it('opens by Enter, deletes several, and remembers what is selected', async () => {
    const { context, executed } = show({
      experiments: [makeExperiment('first'), makeExperiment('second'), makeExperiment('third')]
    });
    await userEvent.click(await row(/^first/));
    await userEvent.keyboard('{Shift>}{ArrowDown}{/Shift}{Delete}{Enter}');
    expect(context.selection.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(executed).toEqual([
      [CommandIDs.deleteExperiment, { from: 'list' }],
      [
        CommandIDs.openExperiment,
        { kind: 'Experiment', namespace: 'team-a', name: 'second', phase: 'running' }
      ]
    ]);
  });

  it('says what fills an empty list', async () => {
    const { executed } = show({ experiments: [] });
    expect(await screen.findByText(/No tuning experiments in team-a yet/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Create tuning experiment…' }));
    expect(executed).toEqual([[CreateCommandIDs.createExperiment, {}]]);
  });

  it('offers nothing that is not there', async () => {
    show({ experiments: [makeExperiment('digits')] }, { create: false });
    const digits = await row(/^digits/);
    expect(within(digits).queryByRole('button', { name: 'Clone…', hidden: true })).toBeNull();
  });

  it('disables what the user may not do, with the reason', async () => {
    const { context } = show(
      { experiments: [makeExperiment('digits')] },
      { change: server => server.forbidden.add('patch experiments') }
    );
    const digits = await row(/^digits/);
    expect(
      await within(digits).findByRole('button', {
        name: /^Stop…: You may not patch Experiments in team-a/,
        hidden: true
      })
    ).toHaveAttribute('aria-disabled', 'true');
    expect(context.refusals.patch).toMatch(/You may not patch/);
  });

  it('tells what may not be listed', async () => {
    show({ experiments: [] }, { change: server => server.forbidden.add('list experiments') });
    expect(await screen.findByText(/You may not list Experiments in team-a/)).toBeInTheDocument();
  });

  it('says what to install where there is neither kind', async () => {
    show({});
    expect(await screen.findByRole('link', { name: /How to install Katib/ })).toHaveAttribute(
      'href',
      expect.stringContaining('katib')
    );
  });
});

describe('the list of OptimizationJobs', () => {
  const trials = [
    makeTrialJob('tune', 'a', { metrics: { loss: '0.3' }, conditions: [condition('Complete')] }),
    makeTrialJob('tune', 'b', { created: 2, conditions: [condition('Failed')] }),
    makeTrialJob('other', 'a')
  ];

  it('counts its TrainJobs, and stands alone where there are no Experiments', async () => {
    show({ optimizationjobs: [makeOptimizationJob('tune')], trainjobs: trials });
    const tune = await row(/^tune, Running/);
    await waitFor(() => expect(tune).toHaveTextContent('2/4'));
    expect(within(tune).getByText('0.3')).toHaveAttribute(
      'title',
      expect.stringMatching(/^Best loss, the lower/)
    );
    expect(within(tune).queryByRole('button', { name: /Stop/, hidden: true })).toBeNull();
    expect(screen.getAllByRole('tab').map(tab => tab.textContent)).toEqual(['Optimization jobs']);
  });

  it('has a section of its own beside the Experiments', async () => {
    show({
      experiments: [makeExperiment('digits')],
      optimizationjobs: [makeOptimizationJob('tune')],
      trainjobs: trials
    });
    await row(/^digits/);
    await userEvent.click(screen.getByRole('tab', { name: 'Optimization jobs' }));
    expect(await row(/^tune/)).toBeInTheDocument();
  });

  it('does not say that the form would fill it where that makes Experiments', async () => {
    show({ experiments: [makeExperiment('digits')], optimizationjobs: [] });
    await row(/^digits/);
    await userEvent.click(screen.getByRole('tab', { name: 'Optimization jobs' }));
    expect(await screen.findByText(/^No OptimizationJobs in team-a yet\./)).toHaveTextContent(
      'Tune… makes Experiments'
    );
    expect(screen.queryByRole('button', { name: 'Create tuning experiment…' })).toBeNull();
  });
});
