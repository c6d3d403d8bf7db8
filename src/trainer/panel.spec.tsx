import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { IKubernetesObject } from '../client/kubernetes/object';
import { giveElementsSize } from '../testing/element-size';
import { FakeKubernetes } from '../testing/fakeKubernetes';
import {
  condition,
  makeJob,
  makeNodes,
  makePod,
  makeWorkload,
  RUNNING,
  terminated
} from '../testing/trainer';
import { makeTrainerContext } from '../testing/panelContext';
import { makeConnection } from '../testing/pipelinesContext';
import { addCommands } from './commands';
import { CommandIDs } from './context';
import { TrainerPanel } from './panel';

beforeAll(() => giveElementsSize(240, 400));

function show(objects: Record<string, IKubernetesObject[]>, change?: (s: FakeKubernetes) => void) {
  const server = new FakeKubernetes({ events: [], pods: [], ...objects });
  change?.(server);
  const context = makeTrainerContext(server);
  const executed: [string, unknown][] = [];
  for (const id of [...Object.values(CommandIDs), 'kubeflow-objects:open']) {
    context.commands.addCommand(id, {
      label: id,
      execute: args => void executed.push([id, { ...args }])
    });
  }
  render(<TrainerPanel context={context} />);
  return { server, context, executed };
}

const row = (name: RegExp) => screen.findByRole('row', { name });

describe('tuning', () => {
  const components = { kubernetes: { available: true } };
  const ended = makeJob('digits', { conditions: [condition('Complete')] });
  const setUp = (served: Record<string, IKubernetesObject[]>) => {
    const server = new FakeKubernetes({ events: [], pods: [], trainjobs: [ended], ...served });
    const context = makeTrainerContext(server, makeConnection({ components }));
    const { commands } = context;
    addCommands(context, {
      showPanel: jest.fn(),
      openJob: jest.fn(),
      closeJob: jest.fn(),
      front: () => undefined
    });
    const tuned = jest.fn();
    commands.addCommand('kubeflow-katib:create-experiment', { execute: tuned });
    render(<TrainerPanel context={context} />);
    return { commands, tuned };
  };

  it('hands a job over to the form of tuning experiments', async () => {
    const { commands, tuned } = setUp({ experiments: [] });
    const digits = await row(/^digits, Succeeded/);
    await userEvent.click(await within(digits).findByRole('button', { name: 'Tune…' }));
    await waitFor(() => expect(tuned).toHaveBeenCalled());
    expect(tuned.mock.calls[0][0].trainJob).toMatchObject({
      metadata: { name: 'digits' },
      spec: ended.spec
    });
    expect(commands.isVisible(CommandIDs.tuneJob, { from: 'list' })).toBe(true);
  });

  it('is not offered where there are no tuning experiments', async () => {
    const { commands } = setUp({});
    const digits = await row(/^digits, Succeeded/);
    expect(within(digits).getByRole('button', { name: 'Clone…' })).toBeInTheDocument();
    expect(within(digits).queryByRole('button', { name: 'Tune…' })).toBeNull();
    expect(commands.isVisible(CommandIDs.tuneJob, { from: 'list' })).toBe(false);
  });
});

describe('registering', () => {
  it('hands the model of a job over with its metrics and its volume, where there is a registry', async () => {
    const job = makeJob('digits', {
      conditions: [condition('Complete')],
      status: { trainerStatus: { metrics: [{ name: 'accuracy', value: '0.97' }] } }
    });
    Object.assign(job.spec, {
      runtimePatches: [
        {
          manager: 'x',
          trainingRuntimeSpec: {
            template: {
              spec: {
                replicatedJobs: [
                  {
                    name: 'node',
                    template: {
                      spec: {
                        template: {
                          spec: {
                            volumes: [
                              { name: 'v', persistentVolumeClaim: { claimName: 'models' } }
                            ],
                            containers: [
                              { name: 'node', volumeMounts: [{ name: 'v', mountPath: '/m' }] }
                            ]
                          }
                        }
                      }
                    }
                  }
                ]
              }
            }
          }
        }
      ]
    });
    const server = new FakeKubernetes({ events: [], pods: [], trainjobs: [job] });
    const connection = makeConnection({ components: { registry: { available: true } } });
    const context = makeTrainerContext(server, connection);
    const { commands } = context;
    addCommands(context, {
      showPanel: jest.fn(),
      openJob: jest.fn(),
      closeJob: jest.fn(),
      front: () => undefined
    });
    const args = { name: 'digits', namespace: 'team-a' };
    expect(commands.isVisible(CommandIDs.registerModel, args)).toBe(false);
    const registered = jest.fn();
    commands.addCommand('kubeflow-registry:register-model', { execute: registered });
    expect(commands.isVisible(CommandIDs.registerModel, args)).toBe(true);
    await commands.execute(CommandIDs.registerModel, args);
    expect(registered).toHaveBeenCalledWith(
      expect.objectContaining({
        uri: 'pvc://models/',
        source: {
          kind: 'train-job',
          name: 'digits',
          namespace: 'team-a',
          id: job.metadata?.uid
        },
        properties: { accuracy: '0.97' }
      })
    );
    connection.set({ components: { registry: { available: false } } });
    expect(commands.isVisible(CommandIDs.registerModel, args)).toBe(false);
  });
});

describe('the list of jobs', () => {
  it('tells how far a job is and how many of its nodes are ready, live', async () => {
    const trainerStatus = { progressPercentage: 63 };
    const { server } = show({
      trainjobs: [makeJob('digits', { status: { ...RUNNING, trainerStatus } })],
      pods: [makePod('digits', 0, 'Running'), makePod('digits', 1, 'Pending')]
    });
    const digits = await row(/^digits, Running/);
    await waitFor(() => expect(digits).toHaveTextContent('1/2 nodes'));
    expect(within(digits).getByRole('progressbar')).toHaveAccessibleName('63 % done');
    expect(within(digits).getByText('torch-distributed')).toHaveClass('jp-Kubeflow-job-runtime');
    expect(within(digits).getByTitle(/nodes ready.*Runtime: torch-distributed$/)).toBeVisible();
    expect(within(digits).getByTitle('digits Runtime: torch-distributed')).toBeVisible();
    act(() => server.put('pods', makePod('digits', 1, 'Running')));
    await waitFor(() => expect(digits).toHaveTextContent('2/2 nodes'));
    expect(screen.getByText('1 TrainJob')).toHaveTextContent('updated live');
  });

  it('keeps how far a suspended job was, where a pointer finds it', async () => {
    const spec = { suspend: true };
    const conditions = [condition('Suspended')];
    show({
      trainjobs: [
        makeJob('half', {
          spec,
          conditions,
          status: { trainerStatus: { progressPercentage: 38 } }
        }),
        makeJob('never', { spec, conditions })
      ]
    });
    const half = within(await row(/^half, Suspended/));
    expect(half.getByText('38 %')).toHaveAttribute(
      'title',
      '38 % done\nRuntime: torch-distributed'
    );
    const never = await row(/^never, Suspended/);
    expect(never.querySelector('span[title]:empty')).toBeNull();
  });

  it('says in the row what failed, from the pods and the end of a log', async () => {
    const failed = makePod('digits', 1, 'Failed', terminated(1));
    show(
      {
        trainjobs: [makeJob('digits', { conditions: [condition('Failed')] })],
        pods: [failed]
      },
      server =>
        server.logs.set(`${failed.metadata!.name}/node`, async function* () {
          yield "ModuleNotFoundError: No module named 'lightgbm'\n";
        })
    );
    const digits = await row(/^digits, Failed/);
    await waitFor(() => expect(digits).toHaveTextContent('node 1: module lightgbm is missing'));
  });

  it('says that a node has failed and is tried again, and what its log tells', async () => {
    const { job, failed } = makeNodes('digits');
    const pod = failed(1, 0, terminated(1));
    const { server } = show({ trainjobs: [makeJob('digits')], jobs: [job] }, each =>
      each.logs.set(`${pod.metadata!.name}/node`, async function* () {
        yield 'ValueError: no data for May\n';
      })
    );
    const digits = await row(/^digits, Pending/);
    const read = () => server.requests.filter(each => each.endsWith('/pods')).length;
    await waitFor(() => expect(read()).toBeGreaterThan(1));
    expect(server.requests.filter(each => each.endsWith('/jobs'))).toEqual([]);
    act(() => server.put('pods', pod));
    await waitFor(() => expect(digits).toHaveAccessibleName(/Not ready: trying again/));
    expect(
      within(digits).getByText('node 0: attempt 2 of 7, last: ValueError: no data for May')
    ).toHaveAttribute('title', expect.stringMatching(/until it has failed 7 times/));
    const before = read();
    act(() => server.put('trainjobs', makeJob('other')));
    await row(/^other/);
    expect(read()).toBeLessThanOrEqual(before + 1);
  });

  it.each([
    [
      '',
      [makePod('digits', 0, 'Succeeded', terminated(0))],
      '50 s',
      /^Ran for 50 s, having waited for 10 s/
    ],
    [', both in one without its pods', [], '1 min', /^Ended 1 min after it was made/]
  ])('tells how long a job ran and had waited%s', async (_, pods, text, title) => {
    const { server } = show({
      trainjobs: [makeJob('digits', { conditions: [condition('Complete')] })],
      pods
    });
    const digits = await row(/^digits, Succeeded/);
    await waitFor(() => expect(server.requests).toContain('GET /api/v1/namespaces/team-a/pods'));
    expect(await within(digits).findByTitle(title)).toHaveTextContent(text);
  });

  it('says of a job whose pods may not be listed that how they are is not known', async () => {
    show({ trainjobs: [makeJob('digits', { status: RUNNING })] }, server =>
      server.forbidden.add('list pods')
    );
    const digits = await row(/^digits, Running/);
    const figure = await within(digits).findByTitle(/ You may not list Pods in team-a\./);
    expect(figure).not.toHaveTextContent('nodes');
    expect(figure).not.toHaveAttribute('title', expect.stringMatching(/nodes ready/));
  });

  it('says at once that a deadline has ended a job, and what to do', async () => {
    const failed = condition(
      'Failed',
      'True',
      'DeadlineExceeded',
      'TrainJob exceeded its deadline'
    );
    show({ trainjobs: [makeJob('late', { conditions: [failed] })] });
    const late = within(await row(/^late, Failed/)).getByText('took longer than its deadline');
    expect(late).toHaveAttribute('title', expect.stringMatching(/Clone the job with a longer/));
  });

  it('says what a job waits for, and where it stands in its queue', async () => {
    const message = '0/1 nodes are available: 1 Insufficient cpu.';
    const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    show({
      trainjobs: [
        makeJob('big'),
        makeJob('queued', { spec: { suspend: true }, conditions: [condition('Suspended')] })
      ],
      pods: [makePod('big', 0, 'Pending', {}, { status: { conditions: [unscheduled] } })],
      workloads: [makeWorkload('queued'), makeWorkload('other', { spec: { priority: 5 } })]
    });
    await waitFor(async () => expect(await row(/^big/)).toHaveTextContent('1 Insufficient cpu'));
    const queued = await row(/^queued/);
    await waitFor(() => expect(queued).toHaveTextContent('2 of 2 in queue'));
    expect(within(queued).getByTitle(/by priority, then age/)).toBeInTheDocument();
    expect(within(queued).getByRole('button', { name: /resumed when its turn/ })).toHaveAttribute(
      'aria-disabled',
      'true'
    );
  });

  it('shows a job as not well that the cluster refuses to make, with the reason', async () => {
    const event = (uid: string) => ({
      metadata: { name: uid, uid },
      type: 'Warning',
      reason: 'TrainJobResourcesCreationFailed',
      message: 'JobSet name is too long',
      involvedObject: { kind: 'TrainJob', name: uid.replace('old-', ''), uid: `uid-${uid}` }
    });
    show({
      trainjobs: [makeJob('long'), makeJob('again')],
      events: [event('long'), event('old-again')] as IKubernetesObject[]
    });
    const long = await row(/^long, Not ready: cannot start/);
    expect(within(long).getByText('its name is too long')).toHaveAttribute(
      'title',
      expect.stringMatching(/\nJobSet name is too long\nClone it under a shorter name\./)
    );
    expect(await row(/^again, Pending/)).not.toHaveTextContent('too long');
  });

  it('filters by state, selects several and asks for their deletion', async () => {
    const { context, executed } = show({
      trainjobs: [
        makeJob('first', { conditions: [condition('Complete')] }),
        makeJob('second', { conditions: [condition('Complete')] }),
        makeJob('third')
      ]
    });
    await row(/^third/);
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'succeeded');
    expect(screen.getAllByRole('row')).toHaveLength(2);
    await userEvent.click(await row(/^first/));
    await userEvent.keyboard('{Shift>}{ArrowDown}{/Shift}{Delete}');
    expect(context.selection.map(job => job.metadata?.name)).toEqual(['first', 'second']);
    expect(executed).toContainEqual([CommandIDs.deleteJob, { from: 'list' }]);
    await userEvent.keyboard('{Enter}');
    expect(executed.at(-1)).toEqual([
      CommandIDs.openJob,
      { namespace: 'team-a', name: 'second', phase: 'succeeded' }
    ]);
  });

  it('says what fills an empty list', async () => {
    const { executed } = show({ trainjobs: [] });
    expect(await screen.findByText(/No training jobs in team-a yet/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Create training job…' }));
    expect(executed).toEqual([[CommandIDs.createJob, {}]]);
  });

  it('disables what the user may not do, with the reason', async () => {
    const { context, executed } = show({ trainjobs: [makeJob('digits')] }, server =>
      server.forbidden.add('delete trainjobs')
    );
    await row(/^digits/);
    const button = await screen.findByRole('button', {
      name: /^Delete…: You may not delete TrainJobs in team-a/
    });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(button);
    expect(executed).toEqual([]);
    expect(context.refusals.delete).toMatch(/You may not delete/);
    expect(context.refusals.create).toBeUndefined();
  });

  it('tells what may not be listed', async () => {
    show({ trainjobs: [] }, server => server.forbidden.add('list trainjobs'));
    expect(await screen.findByText(/You may not list TrainJobs in team-a/)).toBeInTheDocument();
  });

  it('says what to install where there is no Trainer', async () => {
    show({});
    expect(
      await screen.findByRole('link', { name: /How to install Kubeflow Trainer/ })
    ).toHaveAttribute('href', expect.stringContaining('trainer'));
  });

  it('keeps what it knows while the server is away', async () => {
    const { server } = show({ trainjobs: [makeJob('digits')] });
    await row(/^digits/);
    act(() => server.disconnect());
    expect(await screen.findByRole('button', { name: 'Retry now' })).toBeInTheDocument();
    expect(await row(/^digits/)).toBeInTheDocument();
  });
});

describe('the list of runtimes', () => {
  it('tells framework, nodes and deprecation, and opens the object', async () => {
    const runtime = (name: string, labels: Record<string, string>) => ({
      metadata: { name, uid: name, labels },
      spec: { mlPolicy: { numNodes: 2 } }
    });
    const framework = 'trainer.kubeflow.org/framework';
    const { executed } = show({
      trainjobs: [],
      clustertrainingruntimes: [
        runtime('torch-distributed', { [framework]: 'torch' }),
        runtime('old', { [framework]: 'mpi', 'trainer.kubeflow.org/support': 'deprecated' })
      ]
    });
    await userEvent.click(screen.getByRole('tab', { name: 'Runtimes' }));
    expect(await row(/^torch-distributed/)).toHaveTextContent('torch2 nodes');
    expect(await row(/^old/)).toHaveTextContent('deprecated');
    await userEvent.dblClick(await row(/^old/));
    expect(executed).toEqual([
      [
        'kubeflow-objects:open',
        { group: 'trainer.kubeflow.org', plural: 'clustertrainingruntimes', name: 'old' }
      ]
    ]);
  });
});
