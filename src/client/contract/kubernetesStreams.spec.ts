/** The list-watch cache as a page has it: over one stream socket of a real Jupyter server, which breaks over and over. */
import { ServerConnection } from '@jupyterlab/services';

import { startJupyter } from '../../testing/jupyterServer';
import type { ITestJupyter } from '../../testing/jupyterServer';
import {
  clientOf,
  configMaps,
  localHome,
  localServer,
  ownNamespace,
  transportTo
} from '../../testing/kubernetes';
import {
  CHAOS,
  churn,
  cuttingProxy,
  read,
  recorded,
  seeded,
  settled,
  when
} from '../../testing/listWatch';
import { KubernetesClient, ListWatchCache } from '../kubernetes';
import { JupyterServer, JupyterTransport } from '..';

const CUTS = 10;

jest.setTimeout(120_000);

const client = clientOf(localServer());
const namespace = ownNamespace(client);

let jupyter: ITestJupyter;

beforeAll(async () => {
  jupyter = await startJupyter(localHome());
});

afterAll(() => jupyter?.stop());

it('gets every event once and in order, however often the stream socket breaks', async () => {
  const random = seeded(5);
  const selection = { namespace: namespace(), labelSelector: CHAOS };
  const proxy = await cuttingProxy(jupyter.url, () => 20_000 + random(400_000), random);
  const settings = ServerConnection.makeSettings({
    baseUrl: jupyter.url.replace(new URL(jupyter.url).origin, proxy.url),
    token: jupyter.token,
    appendToken: true
  });
  const server = new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
  const cut = recorded(new JupyterTransport(server));
  const whole = recorded(transportTo(localServer()));
  const look = ({ transport }: typeof cut) =>
    read(
      new ListWatchCache(new KubernetesClient(transport), { shortest: 1, longest: 20 }).list(
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
  watching.stop();
  reference.stop();
  server.streams.dispose();
  await proxy.close();
});
