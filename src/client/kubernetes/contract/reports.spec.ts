/** What trainings have reported, and what pods use: found by discovery, since a server need not have either. */
import { randomUUID } from 'node:crypto';

import { until } from '../../../testing/contract';
import { clientOf, cluster, ownNamespace, transportTo, server } from '../../../testing/kubernetes';
import { keepsReports, lastReport, podMetrics, pods, reportsOf, trainJobs } from '..';
import type { Pod } from '..';

const client = clientOf();
const namespace = ownNamespace(client);
const local = cluster ? describe.skip : describe;

it('knows by discovery whether reports are kept', async () => {
  expect(await keepsReports(client)).toBe(!cluster);
});

it('knows by discovery which subresources there are', async () => {
  expect(await client.discovery.hasSubresource(trainJobs, 'status')).toBe(true);
  expect(await client.discovery.hasSubresource(pods, 'log')).toBe(true);
  expect(await client.discovery.hasSubresource(trainJobs, 'widgets')).toBe(false);
});

local('reports', () => {
  const name = `learns-${randomUUID().slice(0, 8)}`;

  /** Reports as a training does. */
  async function report(step: number): Promise<void> {
    const metrics = [{ name: 'loss', value: String(1 / step) }];
    const lastUpdatedTime = `2026-01-31T12:00:0${step}Z`;
    await transportTo(server()).json('kubernetes', {
      method: 'POST',
      path: `/apis/trainer.kubeflow.org/v1alpha1/namespaces/${namespace()}/trainjobs/${name}/status`,
      json: { trainerStatus: { lastUpdatedTime, progressPercentage: 10 * step, metrics } }
    });
  }

  beforeAll(() =>
    client.resource(trainJobs).create({
      metadata: { name, namespace: namespace() },
      spec: { runtimeRef: { name: 'python-distributed' }, suspend: true }
    })
  );

  it('come in their order, and later ones after those that are known', async () => {
    const job = { name, namespace: namespace() };
    await report(1);
    await report(2);
    const known = await reportsOf(client, job);
    expect(known.items).toEqual([
      { time: '2026-01-31T12:00:01Z', progressPercentage: 10, metrics: { loss: '1' } },
      { time: '2026-01-31T12:00:02Z', progressPercentage: 20, metrics: { loss: '0.5' } }
    ]);
    expect(known.more).toBe(false);
    await report(4);
    const { items } = await reportsOf(client, job, known.since);
    expect(items).toEqual([
      { time: '2026-01-31T12:00:04Z', progressPercentage: 40, metrics: { loss: '0.25' } }
    ]);
    expect(lastReport(await client.resource(trainJobs).get(job))).toEqual(items[0]);
  });

  it('of no job are none', async () => {
    const none = reportsOf(client, { name: 'nobody', namespace: namespace() });
    await expect(none).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
  });
});

local('the use of a pod', () => {
  it('is measured', async () => {
    const pod: Pod = {
      metadata: { name: 'idle', namespace: namespace(), labels: { app: 'idle' } },
      spec: { containers: [{ name: 'main', image: 'python', command: ['sleep', '600'] }] }
    };
    await client.resource(pods).create(pod);
    const selection = { namespace: namespace(), labelSelector: 'app=idle' };
    const [found] = await until(
      () => client.resource(podMetrics).list(selection),
      items => items.length > 0
    );
    expect(found?.metadata?.name).toBe('idle');
    expect(found?.containers).toEqual([
      {
        name: 'main',
        usage: { cpu: expect.stringMatching(/n$/), memory: expect.stringMatching(/Ki$/) }
      }
    ]);
  });
});
