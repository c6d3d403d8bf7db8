/** The client through a real Jupyter server with this extension, in front of a real Local Kubeflow. */
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';

import { ServerConnection } from '@jupyterlab/services';

import gated from '../../testing/fixtures/gated.json';
import greeting from '../../testing/fixtures/greeting.json';
import { startJupyter } from '../../testing/jupyterServer';
import type { ITestJupyter } from '../../testing/jupyterServer';
import type { ILocalKubeflow } from '../../testing/localKubeflow';
import { ApiError, Connection, JupyterServer, JupyterTransport, PipelinesClient } from '..';

const { home } = JSON.parse(process.env['KUBEFLOW_TEST_LOCAL'] ?? '{}') as ILocalKubeflow;

jest.setTimeout(60_000);

let jupyter: ITestJupyter;
let server: JupyterServer<ServerConnection.ISettings>;
let transport: JupyterTransport;
let connection: Connection;
let client: PipelinesClient;

function connect(token: string) {
  const settings = ServerConnection.makeSettings({
    baseUrl: jupyter.url,
    token,
    appendToken: true
  });
  return new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
}

beforeAll(async () => {
  jupyter = await startJupyter(home);
  server = connect(jupyter.token);
  transport = new JupyterTransport(server);
  connection = new Connection(server);
  client = new PipelinesClient(transport, { connection });
});

afterAll(async () => {
  server?.streams.dispose();
  await jupyter?.stop();
});

it('reads the connection: the local profile, with pipelines', async () => {
  await connection.refresh();
  expect(connection.error).toBeNull();
  expect(connection.state).toMatchObject({ active: 'local', status: { ok: true } });
  expect(connection.isAvailable('pipelines')).toBe(true);
  expect(connection.isAvailable('registry')).toBe(true);
  expect(connection.isAvailable('feast')).toBe(false);
});

it('refuses a profile that is not there, and stays', async () => {
  const error: unknown = await connection.select({ active: 'no-such' }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect((error as ApiError).message).toContain('no-such');
  expect(connection.state?.active).toBe('local');
});

it('follows the logs of running tasks over one socket, each to its end', async () => {
  const follow = async (name: string) => {
    const gate = path.join(home, `gate-${name}`);
    const run = await client.createRun({
      name,
      pipelineSpec: gated,
      parameters: { gate },
      caching: false
    });
    for (;;) {
      const tasks = await client.getTasks(run);
      const task = tasks.find(one => one.name === 'wait-for');
      if (task?.state === 'running') {
        let log = '';
        for await (const text of client.taskLog(run, task, { follow: true })) {
          log += text;
          if (log.includes('started')) {
            await writeFile(gate, '');
          }
        }
        return log;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  };
  for (const log of await Promise.all([follow('one'), follow('two')])) {
    expect(log.match(/started hello gate ✓/g)).toHaveLength(1);
    expect(log.match(/finished/g)).toHaveLength(1);
  }
});

it('uploads a pipeline and reads an artifact and a range of a log through the proxy', async () => {
  const file = new Blob([JSON.stringify(greeting)]);
  const pipeline = await client.uploadPipeline(file, 'through-jupyter');
  let run = await client.createRun({
    name: 'artifact',
    version: { pipelineId: pipeline.id },
    parameters: { who: 'Jupyter' }
  });
  while (!run.finishedAt) {
    await new Promise(resolve => setTimeout(resolve, 100));
    run = await client.getRun(run.id);
  }
  const task = (await client.getTasks(run)).find(one => one.name === 'greet');
  const uri = task?.outputs.artifacts[0]?.uri ?? '';
  expect(await (await client.artifactContent(uri)).text()).toBe('hello Jupyter');
  const log = await (await client.taskLogFile(run, task!)).text();
  expect(log).toContain('hello Jupyter');
  const ends: string[] = [];
  const skipped: number[] = [];
  const end = { follow: true, tail: 5, onSkipped: (bytes: number) => skipped.push(bytes) };
  for await (const part of client.taskLog(run, task!, end)) {
    ends.push(part);
  }
  expect([ends.join(''), skipped]).toEqual([log.slice(-5), [Buffer.byteLength(log) - 5]]);
  await client.deleteRun(run.id);
  await client.deletePipeline(pipeline.id);
});

it('says in the same way why a request and a stream are refused', async () => {
  const path = '/k8s/pod/logs';
  const query = { podname: 'no-such-pod' };
  const stream = transport.stream('pipelines-ui', { path, query, format: 'text' });
  const refusals = [
    stream[Symbol.asyncIterator]().next(),
    transport.json('pipelines-ui', { path, query })
  ];
  for (const result of await Promise.allSettled(refusals)) {
    expect(result).toMatchObject({
      status: 'rejected',
      reason: {
        service: 'pipelines-ui',
        status: 404,
        reason: 'NotFound',
        message: expect.stringContaining('no-such-pod')
      }
    });
  }
});

it('does not pass what the proxy keeps to itself', async () => {
  await expect(
    transport.json('kubernetes', { path: '/api/v1/namespaces/default/secrets' })
  ).rejects.toMatchObject({ service: 'kubernetes', status: 403, reason: 'Forbidden' });
});

it('says why a request with a body is refused', async () => {
  const body = new Blob(['x'.repeat(100_000)]);
  await expect(
    transport.json('pipelines-ui', { method: 'POST', path: '/k8s/pod/logs', body })
  ).rejects.toMatchObject({ service: 'pipelines-ui', status: 403, reason: 'Forbidden' });
});

it('is let in by its token only', async () => {
  const stranger = connect('wrong');
  await expect(stranger.json({ path: '/connection' })).rejects.toMatchObject({ status: 403 });
  const stream = stranger.streams.stream('pipelines-ui', { path: '/k8s/pod/logs', format: 'text' });
  await expect(stream.next()).rejects.toThrow(ApiError);
  stranger.streams.dispose();
});
