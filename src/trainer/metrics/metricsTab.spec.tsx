import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import type { ITrainJob } from '../../client/kubernetes/kinds';
import type { ITrainerReport } from '../../client/kubernetes/trainerReports';
import type { IServiceRequest } from '../../client/transport';
import { giveElementsSize } from '../../testing/element-size';
import { showElements } from '../../testing/on-screen';
import { FakeKubernetes, status } from '../../testing/fakeKubernetes';
import { makeTrainerContext } from '../../testing/panelContext';
import { RUNNING } from '../../testing/trainer';
import { kubernetesOf } from '../../ui/kubernetes/connection';
import { MetricsTab } from '.';
import { useNoted } from './jobReports';

jest.mock('../../ui/charts/draw', () => ({
  Drawing: class {
    update = jest.fn();
    dispose = jest.fn();
  }
}));

beforeAll(() => {
  giveElementsSize(600, 220);
  showElements();
});

const POD = {
  metadata: { name: 'learns-node-0-0', namespace: 'team-a', uid: 'pod' },
  spec: { containers: [{ name: 'node', resources: { requests: { cpu: '2', memory: '1Gi' } } }] },
  status: { phase: 'Running' }
};

const USED = {
  metadata: { name: POD.metadata.name },
  containers: [{ name: 'node', usage: { cpu: '1500m', memory: '2048Ki' } }]
};

/** A server that keeps the reports of the job, in pages of two, and measures pods; both may be missing. */
class Server extends FakeKubernetes {
  readonly reports: ITrainerReport[] = [];
  readonly since: unknown[] = [];

  constructor(private readonly has: { history?: boolean; measures?: boolean }) {
    super({ trainjobs: [], pods: [POD], ...(has.history && { 'trainjobs/metrics': [] }) });
  }

  override async json<T>(service: string, request: IServiceRequest): Promise<T> {
    const { path, query = {} } = request;
    if (path.startsWith('/apis/metrics.k8s.io/')) {
      if (!this.has.measures) {
        throw status(404, 'NotFound', 'the server could not find the requested resource');
      }
      const resources = [{ name: 'pods' }];
      return (path.endsWith('/pods') ? { metadata: {}, items: [USED] } : { resources }) as T;
    }
    if (!path.endsWith('/trainjobs/learns/metrics')) {
      return super.json(service, request);
    }
    if (this.forbidden.has('get trainjobs/metrics')) {
      throw status(403, 'Forbidden', 'trainjobs "learns" is forbidden', { kind: 'trainjobs' });
    }
    this.since.push(query['since']);
    const from = Number(query['since'] ?? 0);
    const items = this.reports.slice(from, from + 2);
    const to = String(from + items.length);
    const more = from + items.length < this.reports.length;
    return { metadata: { resourceVersion: to, ...(more && { continue: to }) }, items } as T;
  }
}

const report = (step: number): ITrainerReport => ({
  time: `2026-01-31T12:00:0${step}Z`,
  progressPercentage: 10 * step,
  metrics: { step: String(step), loss: String(1 / step), note: 'warm' }
});

/** The job after its last report, in a state. */
function jobAfter(step: number | undefined, condition?: string): ITrainJob {
  const told = step === undefined ? undefined : report(step);
  return {
    metadata: { name: 'learns', namespace: 'team-a', uid: 'learns' },
    spec: { runtimeRef: { name: 'torch' } },
    status: {
      ...(!condition && RUNNING),
      ...(condition && {
        conditions: [
          { type: condition, status: 'True', reason: '', message: '', lastTransitionTime: '' }
        ]
      }),
      ...(told && {
        trainerStatus: {
          lastUpdatedTime: told.time,
          progressPercentage: told.progressPercentage,
          metrics: Object.entries(told.metrics).map(([name, value]) => ({ name, value }))
        }
      })
    }
  };
}

function setUp(has: { history?: boolean; measures?: boolean } = {}) {
  const server = new Server(has);
  const context = makeTrainerContext(server);
  const tab = (job: ITrainJob, visible = true, gone = false) => (
    <MetricsTab context={context} job={job} visible={visible} gone={gone} />
  );
  return { server, tab, client: kubernetesOf(context.kubeflow).client };
}

/** The values of a chart's table. */
async function table(title: string): Promise<string[]> {
  const chart = screen.getByRole('figure', { name: title });
  const asTable = within(chart).getByRole('switch', { name: 'View as table' });
  if (!(asTable as HTMLInputElement).checked) {
    await userEvent.click(asTable);
  }
  return within(chart)
    .getAllByRole('cell')
    .map(cell => cell.textContent ?? '');
}

it('shows all that was reported where the server keeps it, and what is new', async () => {
  const { server, tab } = setUp({ history: true });
  server.reports.push(report(1), report(2), report(3));
  const { rerender } = render(tab(jobAfter(3)));
  expect(await screen.findByText('3 reports')).toBeVisible();
  expect(await table('loss')).toEqual(['1', '0.5', String(1 / 3)]);
  expect(await table('Progress')).toEqual(['10 %', '20 %', '30 %']);
  expect(screen.getByRole('progressbar', { name: 'Progress' })).toHaveAttribute('value', '30');
  server.reports.push(report(4));
  rerender(tab(jobAfter(4)));
  expect(await screen.findByText('4 reports')).toBeVisible();
  expect(await table('loss')).toEqual(['1', '0.5', String(1 / 3), '0.25']);
  expect(server.since).toEqual([undefined, '2', '3']);
  const latest = screen.getByRole('table', { name: 'Latest values' });
  expect(within(latest).getByRole('row', { name: 'note warm' })).toBeVisible();
});

it('draws over steps, too', async () => {
  const { server, tab } = setUp({ history: true });
  server.reports.push(report(1), { ...report(2), metrics: { loss: '9' } });
  render(tab(jobAfter(2)));
  await screen.findByText('2 reports');
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Over' }), 'step');
  expect(await table('loss')).toEqual(['1']);
  expect(screen.getByText('1 report without “step” is not drawn.')).toBeVisible();
});

it('shows what it has seen where only the last report is kept, and says so', async () => {
  const { tab } = setUp();
  const { rerender } = render(tab(jobAfter(1)));
  expect(
    await screen.findByText(/^1 report seen since .*keeps the last report only/)
  ).toBeVisible();
  rerender(tab(jobAfter(2), false)); // hidden, but noted
  rerender(tab(jobAfter(2)));
  expect(await screen.findByText(/^2 reports seen since/)).toBeVisible();
  expect(await table('loss')).toEqual(['1', '0.5']);
});

it('has what another view has seen before it was opened', async () => {
  const { client, tab } = setUp();
  function Panel(props: { jobs: readonly ITrainJob[] }): null {
    useNoted(client, props.jobs);
    return null;
  }
  const panel = render(<Panel jobs={[jobAfter(undefined)]} />);
  panel.rerender(<Panel jobs={[jobAfter(1)]} />);
  panel.rerender(<Panel jobs={[jobAfter(2)]} />);
  render(tab(jobAfter(3)));
  expect(await screen.findByText(/^3 reports seen since/)).toBeVisible();
  expect(await table('loss')).toEqual(['1', '0.5', String(1 / 3)]);
});

it('reads nothing while it is hidden', async () => {
  const { server, tab } = setUp({ history: true });
  const { rerender } = render(tab(jobAfter(1), false));
  await Promise.resolve();
  expect(server.requests.filter(each => each.includes('trainer.kubeflow.org'))).toEqual([]);
  rerender(tab(jobAfter(1)));
  await waitFor(() => expect(server.since).toEqual([undefined]));
});

it('says in words that the history may not be read, and shows what it has seen', async () => {
  const { server, tab } = setUp({ history: true });
  server.forbidden.add('get trainjobs/metrics');
  render(tab(jobAfter(1)));
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'You may not get the metrics of TrainJobs in team-a.'
  );
  expect(await table('loss')).toEqual(['1']);
});

it('says how a training reports when it has reported nothing', async () => {
  const { tab } = setUp({ history: true });
  const { rerender } = render(tab(jobAfter(undefined)));
  expect(await screen.findByText('No progress reported yet')).toBeVisible();
  expect(screen.getByText(/update_trainjob_status\(/)).toBeVisible();
  expect(screen.getByText('KUBEFLOW_TRAINER_SERVER_URL')).toBeVisible();
  rerender(tab(jobAfter(undefined, 'Complete')));
  expect(screen.getByText('No progress was reported')).toBeVisible();
});

it('tells that only on demand where the training cannot report now', async () => {
  const { tab } = setUp({ history: true });
  render(tab(jobAfter(undefined, 'Suspended')));
  expect(await screen.findByText('No progress reported yet')).toBeVisible();
  expect(screen.getByText(/update_trainjob_status\(/)).not.toBeVisible();
  await userEvent.click(screen.getByText('How to report it'));
  expect(screen.getByText(/update_trainjob_status\(/)).toBeVisible();
});

it('asks for no reports of a job that was deleted, and does not complain that there are none', async () => {
  const { server, tab } = setUp({ history: true });
  const { rerender } = render(tab(jobAfter(1)));
  await waitFor(() => expect(server.since).toEqual([undefined]));
  server.forbidden.add('get trainjobs/metrics');
  rerender(tab(jobAfter(2)));
  expect(await screen.findByRole('alert')).toBeVisible();
  rerender(tab(jobAfter(2), true, true));
  expect(screen.queryByRole('alert')).toBeNull();
});

it('shows nothing of pods that the user may not list', async () => {
  const { server, tab } = setUp();
  server.forbidden.add('list pods');
  render(tab(jobAfter(1)));
  await waitFor(() => expect(screen.queryByText('Resources in use')).toBeNull());
});

it('shows what pods use beside what they ask for', async () => {
  const { tab } = setUp({ measures: true });
  render(tab(jobAfter(1)));
  const section = await screen.findByRole('group', { name: 'Resources in use' });
  await waitFor(() =>
    expect(
      within(section)
        .getAllByRole('cell')
        .map(cell => cell.textContent)
    ).toEqual([expect.stringContaining('learns-node-0-0'), '1.5', '2', '2.1 MB', '1.1 GB'])
  );
});

it('says that the use of resources is not measured', async () => {
  const { tab } = setUp();
  render(tab(jobAfter(1)));
  expect(await screen.findByText(/the cluster has no metrics server/)).toBeVisible();
});
