import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { TrialLog } from '../client/katib';
import type { IKubernetesObject } from '../client/kubernetes/object';
import { giveElementsSize } from '../testing/element-size';
import { FakeKubernetes } from '../testing/fakeKubernetes';
import { makeOptimizationJob, makeTrial, makeTrialJob } from '../testing/katib';
import { makeKatibContext } from '../testing/panelContext';
import { addCommands } from './commands';
import type { ITrialRef } from './context';
import { katibOf } from './katibClient';
import { TrialDetail } from './trialDetail';

beforeAll(() => giveElementsSize(800, 400));

const OF: ITrialRef = {
  kind: 'Experiment',
  namespace: 'team-a',
  name: 'digits-a',
  experiment: 'digits'
};
const ended = (change: object = {}) =>
  makeTrial('digits', 'a', {
    created: 1,
    end: 11,
    lr: '0.02',
    accuracy: ['0.9', '0.5', '0.95123'],
    loss: '0.4',
    ...change
  });

function show(
  objects: Record<string, IKubernetesObject[]>,
  { section, of = OF, log }: { section?: string; of?: ITrialRef; log?: TrialLog } = {}
) {
  const server = new FakeKubernetes({ events: [], pods: [], ...objects });
  const context = makeKatibContext(server);
  const none: TrialLog = { source: 'none', reason: 'Katib’s UI is not there.' };
  const trialLog = jest.spyOn(katibOf(context.kubeflow), 'trialLog').mockResolvedValue(log ?? none);
  const host = {
    showPanel: jest.fn(),
    openExperiment: jest.fn(),
    closeExperiment: jest.fn(),
    openTrial: jest.fn(),
    front: () => undefined,
    frontTrial: () => ({ ...of })
  };
  addCommands(context, host);
  const openJob = jest.fn();
  context.commands.addCommand('kubeflow-trainer:open-job', { execute: openJob });
  const props = { onSection: jest.fn(), onGone: jest.fn() };
  render(<TrialDetail context={context} of={of} section={section} {...props} />);
  return { server, context, host, trialLog, openJob, ...props };
}

const pod = (labels: Record<string, string>) => ({
  metadata: { name: 'digits-a-xyz', namespace: 'team-a', uid: 'pod', labels },
  spec: { containers: [{ name: 'training' }] },
  status: {
    phase: 'Running',
    containerStatuses: [{ name: 'training', ready: true, restartCount: 0, state: { running: {} } }]
  }
});

it('tells what it tried and reached', async () => {
  show({ trials: [ended()] });
  expect(await screen.findByText('Succeeded after 10 s: accuracy 0.9512')).toBeInTheDocument();
  expect(screen.getByText('0.9512', { selector: 'strong' })).toHaveAttribute('title', '0.95123');
  const parameters = screen.getByRole('table', { name: 'Parameters' });
  expect(parameters).toHaveTextContent('lr0.02');
  expect(screen.getByRole('table', { name: 'Other metrics' })).toHaveTextContent('loss0.4');
  expect(screen.getByRole('table', { name: 'Run' })).toHaveTextContent('Runs asJob');
});

it('says why it failed and shows its log', async () => {
  const { onSection } = show({
    trials: [
      ended({
        accuracy: undefined,
        state: ['Created', 'Running!', 'Failed'],
        message: 'Exit code 1'
      })
    ]
  });
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('Exit code 1');
  await userEvent.click(within(alert).getByRole('button', { name: 'Show its log' }));
  expect(onSection).toHaveBeenCalledWith('logs');
});

it('says what to print where the objective was not found', async () => {
  show({
    trials: [ended({ accuracy: undefined, state: ['Created', 'Running!', 'MetricsUnavailable'] })]
  });
  expect(await screen.findByRole('alert')).toHaveTextContent('Print it as “accuracy=value”');
});

describe('the log', () => {
  it('is that of its pods, live', async () => {
    const { server, trialLog } = show(
      {
        trials: [ended({ state: ['Created', 'Running'], end: undefined, accuracy: undefined })],
        pods: [pod({ 'batch.kubernetes.io/job-name': 'digits-a' })]
      },
      { section: 'logs' }
    );
    server.logs.set('digits-a-xyz/training', async function* () {
      yield '2026-01-01T10:00:00Z accuracy=0.5\n';
    });
    expect(await screen.findByText('accuracy=0.5')).toBeInTheDocument();
    expect(server.requests.some(each => each.includes('/pods/digits-a-xyz/log'))).toBe(true);
    expect(trialLog).not.toHaveBeenCalled();
  });

  it('is what was kept where the pods are gone', async () => {
    const { trialLog } = show(
      { trials: [ended()] },
      { section: 'logs', log: { source: 'katib-ui', text: 'epoch 1\naccuracy=0.9\n' } }
    );
    expect(await screen.findByText('accuracy=0.9')).toBeInTheDocument();
    expect(screen.getByText('Ended. The pods are gone; this was kept.')).toBeInTheDocument();
    expect(trialLog).toHaveBeenCalledTimes(1);
  });

  it('is gone where nobody kept it, with what would have', async () => {
    show({ trials: [ended({ spec: { retainRun: false } })] }, { section: 'logs' });
    expect(await screen.findByText(/unless its experiment has “retain: true”/)).toBeInTheDocument();
  });

  it('comes when the trial begins', async () => {
    const { server } = show(
      { trials: [ended({ state: ['Created'], end: undefined, accuracy: undefined })] },
      { section: 'logs' }
    );
    expect(await screen.findByText(/digits-a has no pods yet/)).toBeInTheDocument();
    server.logs.set('digits-a-xyz/training', async function* () {
      yield '2026-01-01T10:00:00Z hello\n';
    });
    act(() => server.put('pods', pod({ 'batch.kubernetes.io/job-name': 'digits-a' })));
    expect(await screen.findByText('hello')).toBeInTheDocument();
  });
});

it('is the TrainJob of an OptimizationJob, with its parameters, and opens it', async () => {
  const { openJob } = show(
    {
      optimizationjobs: [makeOptimizationJob('tune')],
      trainjobs: [
        makeTrialJob('tune', 'a', {
          env: { KUBEFLOW_TRAINER_OPT_LR: '0.02', OTHER: 'x' },
          metrics: { loss: '0.25' }
        })
      ]
    },
    { of: { kind: 'OptimizationJob', namespace: 'team-a', name: 'tune-a' } }
  );
  const parameters = await screen.findByRole('table', { name: 'Parameters' });
  await waitFor(() => expect(parameters).toHaveTextContent(/^lr0.02$/));
  expect(screen.getByText('0.25')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Open training job' }));
  expect(openJob.mock.calls[0][0]).toEqual({ namespace: 'team-a', name: 'tune-a' });
});

it('says when there is no such trial', async () => {
  show({ trials: [] });
  expect(await screen.findByText(/The trial “digits-a” is not in team-a/)).toBeInTheDocument();
});
