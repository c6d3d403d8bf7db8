/** Recurring runs against a real Local Kubeflow. */
import greeting from '../../testing/fixtures/greeting.json';
import { ApiError, isNotFound } from '..';
import type { ICreateRecurringRun, IListOptions } from '..';
import { client, ended, failure, until } from '../../testing/contract';

jest.setTimeout(60_000);

const never: ICreateRecurringRun['schedule'] = {
  kind: 'cron',
  cron: '0 0 0 1 1 *',
  start: '2999-01-01T00:00:00Z'
};

const startedBy = (id: string): IListOptions => ({
  sortBy: 'created_at desc',
  filter: { predicates: [{ operation: 'EQUALS', key: 'recurring_run_id', string_value: id }] }
});

it('a recurring run tells what it was created with, also one of a pipeline version', async () => {
  const pipeline = await client.uploadPipeline(new Blob([JSON.stringify(greeting)]), 'scheduled');
  expect((await client.getPipeline(pipeline.id)).displayName).toBe('scheduled');
  const [version] = (await client.listVersions(pipeline.id)).items;
  const created = await client.createRecurringRun({
    name: 'yearly',
    description: 'says hello',
    version: { pipelineId: pipeline.id, versionId: version?.id },
    parameters: { who: 'year' },
    schedule: { ...never, end: '2999-12-31T00:00:00Z' },
    maxConcurrency: 3,
    catchup: false,
    enabled: false
  });
  const expected = {
    id: created.id,
    name: 'yearly',
    description: 'says hello',
    enabled: false,
    maxConcurrency: 3,
    catchup: false,
    parameters: { who: 'year' },
    pipelineId: pipeline.id,
    pipelineVersionId: version?.id
  };
  expect(created).toMatchObject(expected);
  const read = await client.getRecurringRun(created.id);
  expect(read).toMatchObject(expected);
  expect(read.schedule).toMatchObject({ kind: 'cron', cron: '0 0 0 1 1 *' });
  expect(Date.parse(read.schedule?.start ?? '')).toBe(Date.parse('2999-01-01T00:00:00Z'));
  expect(Date.parse(read.schedule?.end ?? '')).toBe(Date.parse('2999-12-31T00:00:00Z'));
  expect(Date.parse(read.createdAt)).toBeGreaterThan(0);
  expect(read.pipelineSpec).toMatchObject({ pipelineInfo: { name: 'greeting' } });
  await client.deleteRecurringRun(created.id);
});

it('starts runs at its interval until it is disabled, and they stay when it is deleted', async () => {
  const { id } = await client.createRecurringRun({
    name: 'every second',
    pipelineSpec: greeting,
    parameters: { who: 'time' },
    schedule: { kind: 'interval', seconds: 1 },
    maxConcurrency: 10,
    caching: false
  });
  const first = await until(
    () => client.listRuns(startedBy(id)),
    ({ items }) => items.length > 0
  );
  const run = await ended(first.items.at(-1)!);
  expect(run).toMatchObject({
    state: 'succeeded',
    recurringRunId: id,
    parameters: { who: 'time' }
  });
  expect(Date.parse(run.scheduledAt ?? '')).toBeGreaterThan(0);

  await client.disableRecurringRun(id);
  expect((await client.getRecurringRun(id)).enabled).toBe(false);
  const { total } = await client.listRuns(startedBy(id));
  await client.enableRecurringRun(id);
  expect((await client.getRecurringRun(id)).enabled).toBe(true);
  await until(
    () => client.listRuns(startedBy(id)),
    page => (page.total ?? 0) > (total ?? 0)
  );
  await client.deleteRecurringRun(id);
  expect(isNotFound(await failure(client.getRecurringRun(id)))).toBe(true);
  expect((await client.listRuns(startedBy(id))).items.map(item => item.id)).toContain(run.id);
});

it('come in pages, sorted and filtered, of one experiment', async () => {
  const experiment = await client.createExperiment('schedules');
  const names = ['a', 'b', 'c'];
  const ids: string[] = [];
  for (const name of names) {
    const { id } = await client.createRecurringRun({
      name,
      experimentId: experiment.id,
      pipelineSpec: greeting,
      schedule: never
    });
    ids.push(id);
  }
  const within = { experimentId: experiment.id };
  const page = await client.listRecurringRuns({
    ...within,
    pageSize: 2,
    sortBy: 'created_at desc'
  });
  expect(page.total).toBe(3);
  expect(page.items.map(({ name }) => name)).toEqual(['c', 'b']);
  const rest = await client.listRecurringRuns({
    ...within,
    pageSize: 2,
    sortBy: 'created_at desc',
    pageToken: page.nextPageToken
  });
  expect(rest.items.map(({ name }) => name)).toEqual(['a']);
  expect(rest.nextPageToken).toBeUndefined();
  const predicate = { operation: 'IS_SUBSTRING', key: 'display_name', string_value: 'b' };
  const found = await client.listRecurringRuns({ ...within, filter: { predicates: [predicate] } });
  expect(found.items.map(({ id }) => id)).toEqual([ids[1]]);
  await Promise.all(ids.map(id => client.deleteRecurringRun(id)));
});

describe('a recurring run that cannot be', () => {
  const base: ICreateRecurringRun = { name: 'x', pipelineSpec: greeting, schedule: never };
  it.each<[string, Partial<ICreateRecurringRun>]>([
    ['name', { name: '' }],
    ['cron expression', { schedule: { kind: 'cron', cron: '0 0 25 * * *' } }],
    ['interval', { schedule: { kind: 'interval', seconds: 0 } }],
    ['number of runs at the same time', { maxConcurrency: 11 }],
    ['spec', { pipelineSpec: { nonsense: true } }],
    ['parameter', { parameters: { no: 1 } }]
  ])('is refused for its %s, in words', async (_, wrong) => {
    const error = await failure(client.createRecurringRun({ ...base, ...wrong }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 400 });
    expect((error as ApiError).message).toMatch(/\w+ \w+/);
  });

  it('is not there', async () => {
    for (const ask of [
      () => client.getRecurringRun('none'),
      () => client.enableRecurringRun('none'),
      () => client.disableRecurringRun('none'),
      () => client.deleteRecurringRun('none')
    ]) {
      expect(isNotFound(await failure(ask()))).toBe(true);
    }
  });
});
