/** What is done to runs that have ended: retry and archive, against a real Local Kubeflow. */
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';

import greeting from '../../testing/fixtures/greeting.json';
import hurdle from '../../testing/fixtures/hurdle.json';
import { ApiError, isNotFound } from '..';
import { client, ended, failure, find, home, text, until } from '../../testing/contract';

jest.setTimeout(60_000);

describe('a failed run', () => {
  it('is retried from the task that failed, keeps what succeeded, and can be followed', async () => {
    const file = path.join(home, 'hurdle');
    const created = await client.createRun({
      name: 'hurdle',
      pipelineSpec: hurdle,
      parameters: { file },
      caching: false
    });
    const failed = await ended(created);
    expect(failed.state).toBe('failed');
    const before = await client.getTasks(failed);
    expect(find(before, 'need').state).toBe('failed');

    await writeFile(file, '');
    await client.retryRun(created.id);
    const going = await client.getRun(created.id);
    expect(['pending', 'running', 'succeeded']).toContain(going.state);
    const run = await until(
      () => client.getRun(created.id),
      ({ state }) => state === 'succeeded'
    );
    expect(run.error).toBeUndefined();
    expect(Date.parse(run.finishedAt ?? '')).toBeGreaterThan(Date.parse(failed.finishedAt ?? ''));

    const after = await client.getTasks(run);
    expect(after.map(task => task.scopePath).sort()).toEqual(
      before.map(task => task.scopePath).sort()
    );
    expect(find(after, 'greet').endTime).toBe(find(before, 'greet').endTime);
    const need = find(after, 'need');
    expect(need.state).toBe('succeeded');
    expect(await text(client.taskLog(run, need, { follow: true }))).toContain('found it');
  });

  it('is refused a retry while it goes on, when it has succeeded, and when it is not there', async () => {
    const created = await client.createRun({ name: 'fine', pipelineSpec: greeting });
    const early = await failure(client.retryRun(created.id));
    await ended(created);
    const late = await failure(client.retryRun(created.id));
    for (const error of [early, late]) {
      expect(error).toBeInstanceOf(ApiError);
      expect((error as ApiError).status).toBeGreaterThanOrEqual(400);
      expect((error as ApiError).status).toBeLessThan(500);
      expect((error as ApiError).message).toMatch(/\w+ \w+/);
    }
    expect((late as ApiError).message).toMatch(/SUCCEEDED|succeeded/);
    expect(isNotFound(await failure(client.retryRun('no-such-run')))).toBe(true);
  });
});

it('archives a run and restores it; a list tells them apart', async () => {
  const experiment = await client.createExperiment('archive');
  const names = ['kept', 'aside'];
  const runs = await Promise.all(
    names.map(name =>
      client.createRun({ name, experimentId: experiment.id, pipelineSpec: greeting })
    )
  );
  const aside = runs[1]!;
  const archived = async () => {
    const { items } = await client.listRuns({ experimentId: experiment.id, sortBy: 'name asc' });
    return Object.fromEntries(items.map(item => [item.name, item.archived]));
  };
  await client.archiveRun(aside.id);
  expect(await archived()).toEqual({ kept: false, aside: true });
  expect((await client.getRun(aside.id)).archived).toBe(true);
  const predicate = { operation: 'EQUALS', key: 'storage_state', string_value: 'ARCHIVED' };
  const { items } = await client.listRuns({
    experimentId: experiment.id,
    filter: { predicates: [predicate] }
  });
  expect(items.map(({ name }) => name)).toEqual(['aside']);
  await client.unarchiveRun(aside.id);
  expect(await archived()).toEqual({ kept: false, aside: false });
  expect(isNotFound(await failure(client.archiveRun('no-such-run')))).toBe(true);
});
