/** Series and logs of trials: through a real Jupyter server with this extension, from a real Local Kubeflow. */
import { ServerConnection } from '@jupyterlab/services';

import { until } from '../../testing/contract';
import { searchOverX } from '../../testing/katib';
import { startJupyter } from '../../testing/jupyterServer';
import type { ITestJupyter } from '../../testing/jupyterServer';
import type { ILocalKubeflow } from '../../testing/localKubeflow';
import { clientOf, ownNamespace } from '../../testing/kubernetes';
import { Connection, JupyterServer, JupyterTransport, KatibClient } from '..';
import { pods, trials, trueCondition, tuningExperiments } from '../kubernetes';

const { home } = JSON.parse(process.env['KUBEFLOW_TEST_LOCAL'] ?? '{}') as ILocalKubeflow;

jest.setTimeout(90_000);

const kubernetes = clientOf();
const namespace = ownNamespace(kubernetes);
let jupyter: ITestJupyter;
let server: JupyterServer<ServerConnection.ISettings>;
let connection: Connection;
let transport: JupyterTransport;

/** Two values in one second, which only db-manager tells apart. */
const SCRIPT = `
for part, loss in ((1, 0.5), (2, 0.25)):
    print(f"2026-01-31T12:00:00.{part}Z loss={loss}")
# \${trialParameters.x}
`;

beforeAll(async () => {
  jupyter = await startJupyter(home);
  const settings = ServerConnection.makeSettings({
    baseUrl: jupyter.url,
    token: jupyter.token,
    appendToken: true
  });
  server = new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
  connection = new Connection(server);
  transport = new JupyterTransport(server);
  await connection.refresh();
  await kubernetes.resource(tuningExperiments).create({
    metadata: { name: 'curves', namespace: namespace() },
    spec: {
      objective: { type: 'minimize', objectiveMetricName: 'loss' },
      algorithm: { algorithmName: 'random' },
      maxTrialCount: 1,
      parallelTrialCount: 1,
      ...searchOverX(2, ['python', '-u', '-c', SCRIPT])
    }
  });
});

afterAll(async () => {
  server?.streams.dispose();
  await jupyter?.stop();
});

/** The name of the only trial, once it has ended and its pod is gone. */
async function trial(): Promise<string> {
  const [found] = await until(
    () => kubernetes.resource(trials).list({ namespace: namespace() }),
    ([first]) => trueCondition(first ?? {}, 'Succeeded') !== undefined
  );
  await until(
    () => kubernetes.resource(pods).list({ namespace: namespace() }),
    listed => listed.length === 0
  );
  return found?.metadata?.name ?? '';
}

it('has every value from db-manager, found by the connection', async () => {
  expect(connection.state?.components).toMatchObject({
    'katib-db-manager': { available: true, via: 'local' },
    'katib-ui': { available: true, via: 'local' }
  });
  const katib = new KatibClient({ transport, server, connection });
  expect(await katib.series(namespace(), await trial())).toEqual({
    source: 'db-manager',
    observations: [
      { metric: 'loss', time: Date.UTC(2026, 0, 31, 12, 0, 0, 100), value: 0.5 },
      { metric: 'loss', time: Date.UTC(2026, 0, 31, 12, 0, 0, 200), value: 0.25 }
    ]
  });
});

it('has the best of each second from Katib’s UI', async () => {
  const katib = new KatibClient({ transport, connection });
  expect(await katib.series(namespace(), await trial())).toEqual({
    source: 'katib-ui',
    observations: [{ metric: 'loss', time: Date.UTC(2026, 0, 31, 12), value: 0.25 }]
  });
});

it('has the log of a trial whose pod is gone', async () => {
  const katib = new KatibClient({ transport, server, connection });
  expect(await katib.trialLog(namespace(), await trial())).toEqual({
    source: 'katib-ui',
    text: '2026-01-31T12:00:00.1Z loss=0.5\n2026-01-31T12:00:00.2Z loss=0.25\n'
  });
});

it('says that there is no such trial', async () => {
  const katib = new KatibClient({ transport, server, connection });
  const reason = expect.stringContaining('no trial none in the namespace');
  expect(await katib.series(namespace(), 'none')).toEqual({ source: 'none', reason });
  expect(await katib.trialLog(namespace(), 'none')).toEqual({
    source: 'none',
    reason: expect.stringContaining('"none" not found')
  });
});
