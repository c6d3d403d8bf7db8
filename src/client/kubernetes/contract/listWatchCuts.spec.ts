/** A list-watch whose connection breaks over and over, on Local Kubeflow and, under `npm run test:cluster`, on a real API server. */
import {
  CHAOS,
  churn,
  cuttingProxy,
  read,
  recorded,
  seeded,
  settled,
  when
} from '../../../testing/listWatch';
import {
  clientOf,
  configMaps,
  ownNamespace,
  server,
  transportTo
} from '../../../testing/kubernetes';
import { KubernetesClient, ListWatchCache } from '..';

const CUTS = 100;

const client = clientOf();
const namespace = ownNamespace(client);

it('gets every event once and in order, however often its connection breaks', async () => {
  const random = seeded(20261121);
  const selection = { namespace: namespace(), labelSelector: CHAOS };
  const proxy = await cuttingProxy(server().url, () => random(150_000), random);
  const cut = recorded(transportTo({ ...server(), url: proxy.url }));
  const whole = recorded(transportTo(server()));
  const look = (over: typeof cut) =>
    read(
      new ListWatchCache(new KubernetesClient(over.transport), { shortest: 1, longest: 20 }).list(
        configMaps,
        selection
      )
    );
  const watching = look(cut);
  const reference = look(whole);
  for (const { list } of [watching, reference]) {
    await when(list, () => list.snapshot.status === 'live');
  }
  await churn(client, selection.namespace, seeded(1), () => proxy.cuts < CUTS);

  for (const { list } of [reference, watching]) {
    const { held, fresh } = await settled(list, client, configMaps, selection);
    expect(held).toEqual(fresh);
  }
  expect(whole.events.length).toBeGreaterThan(CUTS);
  expect(cut.events).toEqual(whole.events);
  expect(watching.faults).toEqual([]);
  expect(watching.statuses).not.toContain('stopped');
  watching.stop();
  reference.stop();
  await proxy.close();
});
