/** The client in plain Node against a real Local Kubeflow. */
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';

import failing from '../../testing/fixtures/failing.json';
import gated from '../../testing/fixtures/gated.json';
import greeting from '../../testing/fixtures/greeting.json';
import { ApiError, DirectTransport, isForbidden, isNotFound, PipelinesClient } from '..';
import type { IListOptions } from '..';
import { client, ended, failure, find, home, services, text, until } from '../../testing/contract';

jest.setTimeout(60_000);

describe('a run', () => {
  it('is created from a spec, and tells its tasks, log and artifact', async () => {
    const created = await client.createRun({
      name: 'first',
      pipelineSpec: greeting,
      parameters: { who: 'Ada' },
      caching: false
    });
    expect(created).toMatchObject({ name: 'first', parameters: { who: 'Ada' }, archived: false });
    expect(Date.parse(created.createdAt)).toBeGreaterThan(0);

    const run = await ended(created);
    expect(run).toMatchObject({ id: created.id, state: 'succeeded', rawState: 'SUCCEEDED' });
    expect(run.pipelineSpec).toMatchObject({ pipelineInfo: { name: 'greeting' } });

    const task = find(await client.getTasks(run), 'greet');
    expect(task).toMatchObject({ state: 'succeeded', scopePath: 'root.greet', kind: 'runtime' });
    expect(task.inputs.parameters).toEqual({ who: 'Ada' });
    expect(task.outputs.parameters).toEqual({ Output: 'hello Ada' });
    const [artifact] = task.outputs.artifacts;
    expect(artifact).toMatchObject({ key: 'greeting', metadata: { length: 9 } });
    const content = await client.artifactContent(artifact?.uri ?? '');
    expect(await content.text()).toBe('hello Ada');

    expect(await text(client.taskLog(run, task))).toContain('hello Ada');
    expect(await text(client.taskLog(run, task, { follow: true }))).toContain('hello Ada');
  });

  it('can be followed while it runs: the log comes as it is written, and once', async () => {
    const gate = path.join(home, 'gate');
    const run = await client.createRun({
      name: 'gated',
      pipelineSpec: gated,
      parameters: { gate },
      caching: false
    });
    const running = await until(
      () => client.getTasks(run),
      tasks => tasks.some(({ name, state }) => name === 'wait-for' && state === 'running')
    );
    let log = '';
    for await (const text of client.taskLog(run, find(running, 'wait-for'), { follow: true })) {
      log += text;
      if (log.includes('started')) {
        await writeFile(gate, '');
      }
    }
    expect(log.match(/started hello gate ✓/g)).toHaveLength(1);
    expect(log.match(/finished/g)).toHaveLength(1);
    const task = find(await client.getTasks(run), 'wait-for');
    expect(task.state).toBe('succeeded');
    expect((await ended(run)).state).toBe('succeeded');
  });

  it('tells why it failed', async () => {
    const run = await ended(await client.createRun({ name: 'bad', pipelineSpec: failing }));
    expect(run.state).toBe('failed');
    expect(run.error).toBeTruthy();
    const task = find(await client.getTasks(run), 'fail');
    expect(task.state).toBe('failed');
    expect(await text(client.taskLog(run, task, { follow: true }))).toContain('no luck');
  });

  it('is terminated while its log is followed, then deleted', async () => {
    const run = await client.createRun({
      name: 'endless',
      pipelineSpec: gated,
      parameters: { gate: path.join(home, 'never') },
      caching: false
    });
    const tasks = await until(
      () => client.getTasks(run),
      found => found.some(({ name, state }) => name === 'wait-for' && state === 'running')
    );
    let log = '';
    for await (const text of client.taskLog(run, find(tasks, 'wait-for'), { follow: true })) {
      if (!log.includes('started') && (log + text).includes('started')) {
        await client.terminateRun(run.id);
      }
      log += text;
    }
    expect(log).not.toContain('finished');
    expect((await ended(run)).state).toBe('cancelled');
    await client.deleteRun(run.id);
    const error: unknown = await client.getRun(run.id).catch((reason: unknown) => reason);
    expect(isNotFound(error)).toBe(true);
    expect(isNotFound(await client.getTasks(run).catch((reason: unknown) => reason))).toBe(true);
  });

  it('takes its result from the cache unless caching is off', async () => {
    const parameters = { who: 'cache' };
    const once = async (caching?: boolean) => {
      const pipelineSpec = greeting;
      const run = await client.createRun({ name: 'cache', pipelineSpec, parameters, caching });
      return find(await client.getTasks(await ended(run)), 'greet').state;
    };
    expect(await once()).toBe('succeeded');
    expect(await once()).toBe('cached');
    expect(await once(false)).toBe('succeeded');
  });
});

describe('lists of runs', () => {
  it('come in pages, sorted and of one experiment', async () => {
    const experiment = await client.createExperiment('paging', 'for pages');
    expect(experiment).toMatchObject({ name: 'paging', description: 'for pages' });
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) {
      await client.createRun({ name, experimentId: experiment.id, pipelineSpec: greeting });
    }
    const options = { experimentId: experiment.id, pageSize: 2, sortBy: 'created_at desc' };
    const seen: string[][] = [];
    for await (const page of client.runs(options)) {
      expect(page.total).toBe(5);
      seen.push(page.items.map(({ name }) => name));
    }
    expect(seen).toEqual([['e', 'd'], ['c', 'b'], ['a']]);

    const named = async (sortBy: string, filter?: IListOptions['filter']) => {
      const page = await client.listRuns({ experimentId: experiment.id, sortBy, filter });
      return page.items.map(({ name }) => name);
    };
    expect(await named('created_at asc')).toEqual(names);
    const predicate = { operation: 'EQUALS', key: 'display_name', string_value: 'c' };
    expect(await named('created_at asc', { predicates: [predicate] })).toEqual(['c']);

    const found = await client.listExperiments({ pageSize: 100 });
    expect(found.items.map(({ id }) => id)).toContain(experiment.id);
  });
});

describe('a pipeline', () => {
  it('is uploaded, listed, run by its version and deleted', async () => {
    const file = new Blob([JSON.stringify(greeting)]);
    const pipeline = await client.uploadPipeline(file, 'uploaded', 'says hello & more');
    expect(pipeline).toMatchObject({ name: 'uploaded', description: 'says hello & more' });
    const listed = await client.listPipelines({ pageSize: 100 });
    expect(listed.items.map(({ id }) => id)).toContain(pipeline.id);

    const { items } = await client.listVersions(pipeline.id);
    expect(items).toHaveLength(1);
    const versionId = items[0]?.id ?? '';
    const version = await client.getVersion(pipeline.id, versionId);
    expect(version.pipelineSpec).toMatchObject({ pipelineInfo: { name: 'greeting' } });

    const create = (caching?: boolean, id?: string) =>
      client.createRun({
        name: 'by version',
        version: { pipelineId: pipeline.id, versionId: id },
        parameters: { who: 'version' },
        caching
      });
    const run = await ended(await create(undefined, versionId));
    expect(run).toMatchObject({
      state: 'succeeded',
      pipelineId: pipeline.id,
      pipelineVersionId: versionId
    });
    expect(run.pipelineSpec).toMatchObject({ pipelineInfo: { name: 'greeting' } });
    const uncached = await ended(await create(false));
    expect(find(await client.getTasks(uncached), 'greet').state).toBe('succeeded');

    await client.deletePipeline(pipeline.id);
    const after = await client.listPipelines({ pageSize: 100 });
    expect(after.items.map(({ id }) => id)).not.toContain(pipeline.id);
  });
});

describe('errors', () => {
  it('name what is not there', async () => {
    const error = await failure(client.getRun('no-such-run'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ service: 'pipelines', status: 404, reason: 'NotFound' });
    expect((error as ApiError).message).toContain('no-such-run');
  });

  it.each([
    ['spec', () => client.createRun({ name: 'x', pipelineSpec: { nonsense: true } })],
    [
      'parameter',
      () => client.createRun({ name: 'x', pipelineSpec: greeting, parameters: { no: 1 } })
    ],
    ['page token', () => client.listRuns({ pageToken: 'garbage' })],
    ['sort key', () => client.listRuns({ sortBy: 'no_such_field' })],
    ['file', () => client.uploadPipeline(new Blob(['{']), 'broken')]
  ])('say what is wrong with a %s', async (_, wrong) => {
    const error = await failure(wrong());
    expect(error).toMatchObject({ status: 400, reason: 'Invalid' });
    expect((error as ApiError).message).toMatch(/\w+ \w+/);
  });

  it('tell a wrong token, and a server that is not there', async () => {
    const stranger = new PipelinesClient(new DirectTransport({ services, token: 'wrong' }));
    expect(isForbidden(await failure(stranger.listRuns()))).toBe(true);
    const nobody = new PipelinesClient(
      new DirectTransport({ services: { pipelines: 'http://127.0.0.1:9' } })
    );
    expect(await failure(nobody.listRuns())).toMatchObject({ status: 0, reason: 'Unreachable' });
  });

  it('pass an abort on as such', async () => {
    const stop = new AbortController();
    const list = client.listRuns({ signal: stop.signal });
    stop.abort();
    expect(await failure(list)).toMatchObject({ name: 'AbortError' });
  });

  it('name an artifact that is not there or not ours', async () => {
    const missing = path.join(home, 'artifacts', 'nothing');
    expect(isNotFound(await failure(client.artifactContent(missing)))).toBe(true);
    expect(isForbidden(await failure(client.artifactContent('/etc/hostname')))).toBe(true);
  });
});
