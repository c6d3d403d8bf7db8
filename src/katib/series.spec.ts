import { nullTranslator } from '@jupyterlab/translation';

import type { TrialSeries } from '../client/katib';
import { KubernetesClient } from '../client/kubernetes/client';
import type { ITransport } from '../client/transport';
import { FakeKubernetes } from '../testing/fakeKubernetes';
import { seriesReader } from './series';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const trial = { name: 'digits-a' };

describe('the series of Katib’s trials', () => {
  const read = (answer: TrialSeries) => {
    const series = jest.fn(async () => answer);
    const kubernetes = { client: new KubernetesClient(new FakeKubernetes()) };
    const of = { kind: 'Experiment', namespace: 'team-a' } as const;
    return seriesReader(of, { series }, kubernetes, trans)(trial);
  };

  it('are sorted out by metric', async () => {
    const observations = [
      { metric: 'loss', time: 1, value: 0.5 },
      { metric: 'accuracy', time: 1, value: 0.8 },
      { metric: 'loss', time: 2, value: NaN }
    ];
    expect(await read({ source: 'db-manager', observations })).toEqual({
      source: 'history',
      metrics: {
        loss: [
          { time: 1, value: 0.5 },
          { time: 2, value: NaN }
        ],
        accuracy: [{ time: 1, value: 0.8 }]
      }
    });
  });

  it('say why there is no history', async () => {
    expect(await read({ source: 'none', reason: 'Katib’s UI is not there.' })).toEqual({
      source: 'latest',
      reason: 'Katib’s UI is not there.',
      metrics: {}
    });
  });
});

describe('the series of an OptimizationJob’s trials', () => {
  const read = (transport: Pick<ITransport, 'json'>) => {
    const client = new KubernetesClient(transport as ITransport);
    const of = { kind: 'OptimizationJob', namespace: 'team-a' } as const;
    return seriesReader(of, { series: jest.fn() }, { client }, trans)(trial);
  };
  const server = (resources: string[], pages: object[] = []) => ({
    json: jest.fn(async (_: string, { path }: { path: string }) =>
      path.endsWith('/metrics') ? pages.shift() : { resources: resources.map(name => ({ name })) }
    ) as never
  });

  it('are the reports that the server keeps, all pages of them', async () => {
    const page = (at: number, more: boolean) => ({
      metadata: { resourceVersion: String(at), ...(more && { continue: String(at) }) },
      items: [{ time: `2026-01-01T10:00:0${at}Z`, metrics: { loss: `0.${at}`, note: '' } }]
    });
    const { source, metrics } = await read(
      server(['trainjobs', 'trainjobs/metrics'], [page(1, true), page(2, false)])
    );
    expect(source).toBe('history');
    expect(metrics['loss']).toEqual([
      { time: Date.parse('2026-01-01T10:00:01Z'), value: 0.1 },
      { time: Date.parse('2026-01-01T10:00:02Z'), value: 0.2 }
    ]);
    expect(metrics['note']![0]!.value).toBeNaN();
  });

  it('are the latest values only where the server keeps no more', async () => {
    expect(await read(server(['trainjobs']))).toEqual({
      source: 'latest',
      reason: 'Trainer keeps the last report of a training only.',
      metrics: {}
    });
  });
});
