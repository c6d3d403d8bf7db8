/** The list-watch cache as a page has it: over one stream socket of a real Jupyter server, which breaks over and over. */
import { ServerConnection } from '@jupyterlab/services';

import { startJupyter } from '../../testing/jupyterServer';
import type { ITestJupyter } from '../../testing/jupyterServer';
import {
  clientOf,
  localHome,
  localServer,
  ownNamespace,
  transportTo
} from '../../testing/kubernetes';
import { cuttingProxy, expectNothingLost, seeded } from '../../testing/listWatch';
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
  const proxy = await cuttingProxy(jupyter.url, () => 20_000 + random(400_000), random);
  const settings = ServerConnection.makeSettings({
    baseUrl: jupyter.url.replace(new URL(jupyter.url).origin, proxy.url),
    token: jupyter.token,
    appendToken: true
  });
  const server = new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
  const cut = new JupyterTransport(server);
  const whole = transportTo(localServer());
  await expectNothingLost({ client, namespace: namespace(), proxy, cuts: CUTS, cut, whole });
  server.streams.dispose();
  await proxy.close();
});
