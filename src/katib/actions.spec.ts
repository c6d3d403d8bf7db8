import { Clipboard, Notification } from '@jupyterlab/apputils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IKubernetesObject } from '../client/kubernetes/object';
import { FakeKubernetes, status } from '../testing/fakeKubernetes';
import {
  conditions,
  makeExperiment,
  makeOptimizationJob,
  makeTrial,
  makeTrialJob
} from '../testing/katib';
import { makeKatibContext } from '../testing/panelContext';
import { copyParameters, editBudget, registerTrial, stopExperiment, trainWith } from './actions';

const OF = { kind: 'Experiment', namespace: 'team-a', name: 'digits' } as const;
const TUNE = { kind: 'OptimizationJob', namespace: 'team-a', name: 'tune' } as const;

function setUp(objects: Record<string, IKubernetesObject[]>) {
  const server = new FakeKubernetes({ trials: [], ...objects });
  const patches: unknown[] = [];
  server.onWrite = (_, body) => void patches.push(body);
  const context = makeKatibContext(server);
  return { server, patches, context };
}

const press = async (name: string) =>
  userEvent.click(await screen.findByText(name, { selector: '.jp-Dialog-buttonLabel' }));
/** The dialog; jsdom does not count it as shown. */
const dialogShown = async () => {
  await waitFor(() => expect(document.querySelector('.jp-Dialog')).not.toBeNull());
  return document.querySelector<HTMLElement>('.jp-Dialog')!;
};
const info = jest.spyOn(Notification, 'info').mockReturnValue('');
const failure = jest.spyOn(Notification, 'error').mockReturnValue('');

beforeEach(() => {
  info.mockClear();
  failure.mockClear();
});

describe('stopping an experiment', () => {
  const running = (trials: number, trialsRunning: number, spec: object = {}) =>
    makeExperiment('digits', {
      spec,
      status: { trials, trialsRunning, trialsSucceeded: trials - trialsRunning }
    });

  it('says what happens, and lowers the budget to the least that Katib takes', async () => {
    const { context, patches } = setUp({ experiments: [running(7, 2)] });
    const stopped = stopExperiment(context, OF);
    const dialog = await dialogShown();
    expect(dialog).toHaveTextContent('Stop tuning experiment “digits”?');
    expect(dialog).toHaveTextContent('has to stay above the 7 that have begun');
    expect(dialog).toHaveTextContent(
      'The 2 trials that are under way go on to their end, at most 1 more begins,'
    );
    expect(dialog).toHaveTextContent('A larger budget resumes it.');
    await press('Stop experiment');
    await stopped;
    expect(patches).toEqual([
      { spec: { maxTrialCount: 8, parallelTrialCount: 3, maxFailedTrialCount: 3 } }
    ]);
  });

  it('says that it cannot be resumed, and does nothing unless it is agreed to', async () => {
    const { context, patches } = setUp({
      experiments: [running(3, 0, { resumePolicy: 'Never' })]
    });
    const stopped = stopExperiment(context, OF);
    expect(await dialogShown()).toHaveTextContent('it cannot be resumed, only cloned');
    await press('Cancel');
    await stopped;
    expect(patches).toEqual([]);
  });

  it('tries again where more trials have begun meanwhile', async () => {
    const { server, context, patches } = setUp({ experiments: [running(7, 2)] });
    const stopped = stopExperiment(context, OF);
    await dialogShown();
    server.put('experiments', running(8, 2));
    server.onWrite = (_, body) => {
      patches.push(body);
      if (patches.length === 1) {
        throw status(422, 'Invalid', 'must be greater than status.trials count');
      }
    };
    await press('Stop experiment');
    await stopped;
    expect(patches).toMatchObject([{ spec: { maxTrialCount: 8 } }, { spec: { maxTrialCount: 9 } }]);
    expect(failure).not.toHaveBeenCalled();
  });

  it('says what the server refuses', async () => {
    const { server, context } = setUp({ experiments: [running(7, 2)] });
    server.onWrite = () => {
      throw status(400, 'BadRequest', 'admission webhook denied the request');
    };
    const stopped = stopExperiment(context, OF);
    await press('Stop experiment');
    await stopped;
    expect(failure.mock.calls[0]![0]).toBe(
      'digits was not stopped. admission webhook denied the request'
    );
  });

  it('says why there is nothing to stop', async () => {
    const over = { conditions: conditions(['Created', 'Running!', 'Succeeded']) };
    const { context } = setUp({
      experiments: [makeExperiment('digits', { status: over }), running(11, 3)]
    });
    await stopExperiment(context, OF);
    expect(info.mock.calls[0]![0]).toBe('There is nothing to stop: digits has ended.');
    const { context: late } = setUp({ experiments: [running(11, 3)] });
    await stopExperiment(late, OF);
    expect(info.mock.calls[1]![0]).toMatch(/all trials of digits have begun but the last/);
    await stopExperiment(late, TUNE);
    expect(info.mock.calls[2]![0]).toMatch(/^An OptimizationJob cannot be changed/);
  });
});

describe('changing the budget', () => {
  const done = makeExperiment('digits', {
    status: {
      trials: 12,
      conditions: conditions(['Created', 'Running!', 'Succeeded'], 'ExperimentMaxTrialsReached')
    }
  });

  it('resumes an experiment with more trials, and shows what is wrong at the field', async () => {
    const { context, patches } = setUp({ experiments: [done] });
    const edited = editBudget(context, OF);
    const dialog = await dialogShown();
    await press('Resume experiment');
    const max = within(dialog).getByRole('textbox', { name: 'Trials in all', hidden: true });
    await waitFor(() => expect(max).toHaveAccessibleDescription(/more than the 12 trials/));
    await userEvent.clear(max);
    await userEvent.type(max, '20');
    await press('Resume experiment');
    await edited;
    expect(patches).toEqual([
      { spec: { maxTrialCount: 20, parallelTrialCount: 3, maxFailedTrialCount: 3 } }
    ]);
  });

  it('warns that fewer at the same time deletes trials, and keeps what was typed when it is refused', async () => {
    const { server, context } = setUp({
      experiments: [makeExperiment('digits', { status: { trials: 5, trialsRunning: 3 } })]
    });
    server.onWrite = () => {
      throw status(403, 'Forbidden', 'no', { kind: 'experiments' });
    };
    const edited = editBudget(context, OF);
    const dialog = await dialogShown();
    const parallel = within(dialog).getByRole('textbox', {
      name: 'At the same time',
      hidden: true
    });
    await userEvent.clear(parallel);
    await userEvent.type(parallel, '1');
    expect(parallel).toHaveAccessibleDescription(/Katib deletes the trials that were made last/);
    await press('Change budget');
    expect(await within(dialog).findByRole('alert', { hidden: true })).toHaveTextContent(
      'You may not patch Experiments in team-a.'
    );
    expect(parallel).toHaveValue('1');
    await press('Cancel');
    await edited;
  });

  it('says why an experiment cannot be resumed', async () => {
    const reached = conditions(['Created', 'Running!', 'Succeeded'], 'ExperimentGoalReached');
    const { context } = setUp({
      experiments: [makeExperiment('digits', { status: { conditions: reached } })]
    });
    await editBudget(context, OF);
    expect(info.mock.calls[0]![0]).toMatch(/ended before its budget was used up/);
  });
});

describe('the parameters of a trial', () => {
  const of = { ...OF, name: 'digits-a' };

  it('begin a training job', async () => {
    const runSpec = { kind: 'TrainJob', spec: { runtimeRef: { name: 'torch-distributed' } } };
    const { context } = setUp({
      experiments: [makeExperiment('digits')],
      trials: [makeTrial('digits', 'a', { spec: { runSpec } })]
    });
    const created = jest.fn();
    context.commands.addCommand('kubeflow-trainer:create-job', { execute: created });
    await trainWith(context, of);
    expect(created.mock.calls[0][0].job).toMatchObject({
      kind: 'TrainJob',
      metadata: { name: 'digits-a' },
      spec: runSpec.spec
    });
  });

  it('begin none where the trial is something else, which is said', async () => {
    const { context } = setUp({
      experiments: [],
      trials: [makeTrial('digits', 'a', { spec: { runSpec: { kind: 'PyTorchJob' } } })]
    });
    await expect(trainWith(context, of)).rejects.toThrow(/switched off/);
    context.commands.addCommand('kubeflow-trainer:create-job', { execute: jest.fn() });
    await expect(trainWith(context, of)).rejects.toThrow(/runs a PyTorchJob/);
  });

  it('go with its metrics to the form of Model Registry', async () => {
    const { context } = setUp({
      experiments: [makeExperiment('digits')],
      trials: [makeTrial('digits', 'a', { lr: '0.02', accuracy: ['0.9', '0.8', '0.95'] })]
    });
    const registered = jest.fn();
    context.commands.addCommand('kubeflow-registry:register-model', { execute: registered });
    await registerTrial(context, of);
    expect(registered.mock.calls[0][0]).toMatchObject({
      source: { kind: 'trial', name: 'digits-a', namespace: 'team-a' },
      properties: { lr: '0.02', layers: '2', accuracy: expect.stringMatching(/^0\.\d+$/) }
    });
  });

  it('go to the clipboard where no notebook is open', async () => {
    const copied = jest.spyOn(Clipboard, 'copyToSystem').mockReturnValue();
    const { context } = setUp({
      experiments: [makeExperiment('digits')],
      trials: [makeTrial('digits', 'a', { lr: '0.02', accuracy: ['0.9', '0.9', '0.9'] })]
    });
    await copyParameters(context, of);
    expect(copied).toHaveBeenCalledWith(
      '# Parameters of the trial digits-a of digits: accuracy 0.9\nlr = 0.02\nlayers = 2'
    );
    expect(info.mock.calls[0]![0]).toMatch(/copied to the clipboard/);
  });

  it('are those of a TrainJob’s variables in an OptimizationJob', async () => {
    const copied = jest.spyOn(Clipboard, 'copyToSystem').mockReturnValue();
    const { context } = setUp({
      optimizationjobs: [makeOptimizationJob('tune')],
      trainjobs: [
        makeTrialJob('tune', 'a', {
          env: { KUBEFLOW_TRAINER_OPT_LR: '0.02', KUBEFLOW_TRAINER_OPT_OPTIMIZER: 'sgd' }
        })
      ]
    });
    await copyParameters(context, { ...TUNE, name: 'tune-a' });
    expect(copied).toHaveBeenCalledWith(
      '# Parameters of the trial tune-a\nlr = 0.02\noptimizer = "sgd"'
    );
  });
});
