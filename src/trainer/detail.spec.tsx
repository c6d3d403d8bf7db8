import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IKubernetesObject } from '../client/kubernetes/object';
import { giveElementsSize } from '../testing/element-size';
import { FakeKubernetes } from '../testing/fakeKubernetes';
import { condition, makeJob, makeNodes, makePod, RUNNING, terminated } from '../testing/trainer';
import { makeTrainerContext } from '../testing/panelContext';
import { deleteJobs, suspendJobs } from './actions';
import { addCommands } from './commands';
import { CommandIDs } from './context';
import { JobDetail } from './detail';
import { MetricsTab } from './metrics';

jest.mock('./metrics', () => ({ MetricsTab: jest.fn(() => <p>metrics</p>) }));
jest.mock('./create', () => ({ openCreate: jest.fn() }));
beforeAll(() => giveElementsSize(600, 400));

const OF = { namespace: 'team-a', name: 'digits' };

function show(
  objects: Record<string, IKubernetesObject[]>,
  { section, forbidden = [] }: { section?: string; forbidden?: string[] } = {}
) {
  const server = new FakeKubernetes({ events: [], pods: [], jobs: [], jobsets: [], ...objects });
  forbidden.forEach(each => server.forbidden.add(each));
  const context = makeTrainerContext(server);
  const host = { showPanel: jest.fn(), openJob: jest.fn(), closeJob: jest.fn(), front: () => OF };
  addCommands(context, host);
  const props = { onSection: jest.fn(), onGone: jest.fn() };
  render(<JobDetail context={context} of={OF} section={section} {...props} />);
  return { server, context, host, ...props };
}

const press = async (name: string) =>
  userEvent.click(await screen.findByText(name, { selector: '.jp-Dialog-buttonLabel' }));

it('has its sections and says how the job is', async () => {
  const { onSection } = show({
    trainjobs: [makeJob('digits', { status: RUNNING })],
    pods: [makePod('digits', 0, 'Running')]
  });
  expect(await screen.findByText(/^Running for .* on 1 of 2 nodes$/)).toBeInTheDocument();
  expect(screen.getAllByRole('tab').map(tab => tab.textContent)).toEqual([
    'Progress',
    'Graph',
    'Logs',
    'Events',
    'Resources',
    'Checkpoints',
    'YAML'
  ]);
  expect(screen.getByText('metrics')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('tab', { name: 'Checkpoints' }));
  expect(onSection).toHaveBeenCalledWith('checkpoints');
  expect(screen.getByText(/into its pods is lost with them/)).toBeInTheDocument();
});

it('says which node failed, why and what to do, and shows its log', async () => {
  show({
    trainjobs: [makeJob('digits', { conditions: [condition('Failed', 'True', 'FailedJobs')] })],
    pods: [
      makePod('digits', 0, 'Succeeded', terminated(0)),
      makePod('digits', 1, 'Failed', terminated(137, { reason: 'OOMKilled' }))
    ]
  });
  expect(await screen.findByText(/: out of memory/)).toHaveTextContent(
    'Failed in node 1 after 50 s, having waited for 10 s: out of memory'
  );
  expect(screen.getByText(/Clone the job with more memory/)).toBeInTheDocument();
  expect(screen.getAllByText(/out of memory/)).toHaveLength(1);
  await userEvent.click(screen.getByRole('button', { name: 'Show its log' }));
  expect(screen.getByRole('tab', { name: 'Logs' })).toHaveAttribute('aria-selected', 'true');
  expect(await screen.findByRole('combobox', { name: 'Pod' })).toHaveValue('digits-node-0-1-abcde');
});

it('tells the attempt that follows a failure, opens the end of its long log, and says once what to do', async () => {
  const { job, failed } = makeNodes('digits', { status: { failed: 1 } });
  const height = jest.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockReturnValue(700);
  const message = 'epoch 1\nValueError: no data for May';
  show({
    trainjobs: [makeJob('digits')],
    jobs: [job],
    pods: [failed(1, 0, terminated(1, { message })), makePod('digits', 0, 'Running')]
  });
  expect(await screen.findByText(/^Trying again in/)).toHaveTextContent(
    'Trying again in node 0: attempt 2 of 7, last: exit code 1: ValueError: no data for May'
  );
  expect(screen.getByText(/tried again by itself.* until it has failed 7 times/)).toBeVisible();
  expect(screen.getByText(/^epoch 1/).scrollTop).toBe(700);
  expect(screen.getByRole('button', { name: 'Show its log' })).toBeInTheDocument();
  height.mockRestore();
});

it('says what to do about a deadline, and not again below the conditions', async () => {
  const told = 'TrainJob exceeded its active deadline';
  const failed = condition('Failed', 'True', 'DeadlineExceeded', told);
  show({ trainjobs: [makeJob('digits', { conditions: [failed] })] });
  expect(await screen.findByRole('alert')).toHaveTextContent(
    /^Clone the job with a longer deadline/
  );
  expect(screen.getByText(/^Failed after 1 min: took longer than its deadline/)).toBeVisible();
  expect(screen.queryByText(/Raise the deadline/)).toBeNull();
});

it.each([
  ['progress', /^How its nodes are is not known here\. You may not list Pods in team-a\./],
  ['logs', /^You may not list Pods in team-a\./]
])('says what right is missing where the pods may not be listed: %s', async (section, words) => {
  show(
    { trainjobs: [makeJob('digits', { status: RUNNING })] },
    { section, forbidden: ['list pods'] }
  );
  expect(await screen.findByText(words)).toBeVisible();
  expect(screen.getByText(/^Running for .* on 2 nodes$/)).toBeVisible();
});

it('says so of the node that is selected in the graph, too', async () => {
  show(
    { trainjobs: [makeJob('digits', { status: RUNNING })] },
    { section: 'graph', forbidden: ['list pods'] }
  );
  await userEvent.click((await screen.findAllByRole('treeitem', { name: /^node/ }))[0]!);
  const pane = await screen.findByRole('complementary');
  expect(pane).toHaveTextContent('You may not list Pods in team-a.');
});

it('tells the quota that refuses the pods, from the events', async () => {
  const event = {
    metadata: { name: 'e', uid: 'e' },
    type: 'Warning',
    reason: 'FailedCreate',
    message: 'forbidden: exceeded quota: team, requested: cpu=2, used: cpu=3, limited: cpu=4',
    involvedObject: { kind: 'Job', name: 'digits-node-0', uid: 'job' }
  };
  const labels = { 'jobset.sigs.k8s.io/jobset-name': 'digits' };
  show({
    trainjobs: [makeJob('digits')],
    jobs: [{ metadata: { name: 'digits-node-0', namespace: 'team-a', uid: 'job', labels } }],
    events: [event as IKubernetesObject]
  });
  expect(
    await screen.findByText(/Waits for .*quota team is used up: it asks for cpu=2/)
  ).toBeInTheDocument();
});

it('shows a job that may be read but not watched as it was read, and says so', async () => {
  show({ trainjobs: [makeJob('digits', { status: RUNNING })] }, { forbidden: ['watch trainjobs'] });
  expect(await screen.findByText(/^Not live: you may not watch TrainJobs in team-a/)).toBeVisible();
  expect(screen.getByText(/^Running for/)).toBeInTheDocument();
});

it('says once, and as not well, why the cluster refuses to make a job, and what to do', async () => {
  const message = 'JobSet name is too long, job names will exceed 63 characters';
  const event = {
    metadata: { name: 'e', uid: 'e' },
    type: 'Warning',
    reason: 'TrainJobResourcesCreationFailed',
    message,
    involvedObject: { kind: 'TrainJob', name: 'digits', uid: 'uid-digits' }
  };
  show({ trainjobs: [makeJob('digits')], events: [event as IKubernetesObject] });
  expect(await screen.findByRole('alert')).toHaveTextContent(
    `Clone it under a shorter name.${message}`
  );
  expect(screen.getByText('Cannot start: its name is too long')).toBeInTheDocument();
  expect(screen.getByRole('img', { name: 'Not ready' })).toBeInTheDocument();
});

it.each([
  ['Complete', /^The pods of digits are gone, and their logs with them/],
  ['Suspended', /^digits is suspended and has no pods\. If it has run before, its logs went/]
])('says that the logs are gone with the pods: %s', async (type, words) => {
  show({ trainjobs: [makeJob('digits', { conditions: [condition(type)] })] }, { section: 'logs' });
  expect(await screen.findByText(words)).toBeInTheDocument();
});

it('opens the log of the node that is selected in the graph', async () => {
  const jobset = {
    metadata: {
      name: 'digits',
      namespace: 'team-a',
      uid: 'set',
      ownerReferences: [{ apiVersion: 'x', kind: 'TrainJob', name: 'digits', uid: 'uid-digits' }]
    },
    spec: { replicatedJobs: [{ name: 'node', template: { spec: { completions: 2 } } }] }
  };
  const { server } = show(
    {
      trainjobs: [makeJob('digits', { status: RUNNING })],
      jobsets: [jobset],
      pods: [makePod('digits', 0, 'Running', { running: {} }), makePod('digits', 1, 'Pending')]
    },
    { section: 'graph' }
  );
  const node = await screen.findByRole('treeitem', { name: /^node 0/ });
  await userEvent.click(node);
  expect(await screen.findByRole('complementary', { name: 'node 0' })).toBeInTheDocument();
  await waitFor(() =>
    expect(server.requests).toContain(
      'STREAM /api/v1/namespaces/team-a/pods/digits-node-0-0-abcde/log'
    )
  );
});

it('reads no reports of a job that was deleted', async () => {
  const { server } = show({ trainjobs: [makeJob('digits', { status: RUNNING })] });
  await waitFor(() =>
    expect(MetricsTab).toHaveBeenLastCalledWith(expect.objectContaining({ gone: false }), {})
  );
  act(() => server.remove('trainjobs', 'digits'));
  await screen.findByText('digits was deleted. This is how it was last.');
  expect(MetricsTab).toHaveBeenLastCalledWith(expect.objectContaining({ gone: true }), {});
});

it('keeps showing what a job was when it is deleted, and says that there is none', async () => {
  const { server, onGone } = show({ trainjobs: [makeJob('digits', { status: RUNNING })] });
  await screen.findByText(/^Running/);
  act(() => server.remove('trainjobs', 'digits'));
  expect(await screen.findByText('digits was deleted. This is how it was last.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Close tab' }));
  expect(onGone).toHaveBeenCalled();
});

it('says that a job is not there', async () => {
  show({ trainjobs: [] });
  expect(await screen.findByText(/“digits” is not in team-a/)).toBeInTheDocument();
});

it('disables what the user may not do, with the reason', async () => {
  const { context, server } = show(
    { trainjobs: [makeJob('digits', { status: RUNNING })] },
    { forbidden: ['patch trainjobs'] }
  );
  const button = await screen.findByRole('button', { name: 'Suspend…' });
  await waitFor(() => expect(button).toHaveAttribute('aria-disabled', 'true'));
  expect(button).toHaveAccessibleDescription(/You may not patch TrainJobs in team-a/);
  const args = { ...OF, refusal: 'You may not patch TrainJobs in team-a. Ask.' };
  expect(context.commands.isEnabled(CommandIDs.suspendJob, args)).toBe(false);
  expect(context.commands.label(CommandIDs.suspendJob, args)).toBe(
    'Suspend training job… (You may not patch TrainJobs in team-a)'
  );
  expect(server.requests.filter(each => each.startsWith('PATCH'))).toEqual([]);
});

describe('actions', () => {
  it('suspends after saying what is lost', async () => {
    const { context, server } = show({ trainjobs: [makeJob('digits', { status: RUNNING })] });
    const done = suspendJobs(context, [OF]);
    expect(
      await screen.findByText(/after resuming, the training begins anew, unless/)
    ).toHaveTextContent(/Logs go with the pods\.$/);
    await press('Suspend training job');
    await done;
    expect(server.requests.filter(each => each.startsWith('PATCH'))).toEqual([
      'PATCH /apis/trainer.kubeflow.org/v1alpha1/namespaces/team-a/trainjobs/digits'
    ]);
  });

  it('deletes after naming what goes with it, and nothing when it was cancelled', async () => {
    const { context, server } = show({ trainjobs: [makeJob('digits')] });
    const cancelled = deleteJobs(context, [OF]);
    await press('Cancel');
    expect(await cancelled).toEqual([]);
    const done = deleteJobs(context, [OF]);
    expect(await screen.findByText(/Logs go with the pods/)).toBeInTheDocument();
    await press('Delete TrainJob');
    expect(await done).toEqual([OF]);
    expect(server.requests.filter(each => each.startsWith('DELETE'))).toHaveLength(1);
  });
});
