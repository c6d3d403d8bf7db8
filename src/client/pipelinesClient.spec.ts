/** @jest-environment node */
import type { ITask } from '../graph/tasks';
import { httpServer } from '../testing/httpServer';
import type { IHttpServer } from '../testing/httpServer';
import { DirectTransport } from './direct';
import { PipelinesClient } from './pipelinesClient';
import { runFrom } from './pipelinesWire';

/** A KFP server whose answers a spec gives, by `METHOD path` or with its query; anything else is an unknown route, as grpc-gateway says it. */
let answers: Record<string, unknown>;
let bodies: Record<string, unknown>;
let server: IHttpServer;

beforeAll(async () => {
  server = await httpServer((request, response, body) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const key = `${request.method} ${path.replace('/apis/v2beta1', '')}`;
    const exact = `${request.method} ${(request.url ?? '').replace('/apis/v2beta1', '')}`;
    bodies[key] = body && request.headers['content-type'] ? JSON.parse(body) : undefined;
    response.statusCode = exact in answers || key in answers ? 200 : 404;
    const known = answers[exact] ?? answers[key] ?? { code: 5, message: 'Not Found', details: [] };
    response.end(typeof known === 'string' ? known : JSON.stringify(known));
  });
});

beforeEach(() => {
  answers = {};
  bodies = {};
  server.requests.length = 0;
});

afterAll(() => server.close());

const make = (options = {}) =>
  new PipelinesClient(new DirectTransport({ services: { pipelines: server.url } }), options);
const asked = () => server.requests.map(request => request.replace('/apis/v2beta1', ''));
const ids = (tasks: { id: string }[]) => tasks.map(({ id }) => id);

describe('tasks', () => {
  const detail = { task_id: 't1', display_name: 'train', state: 'RUNNING' };
  const native = (id: string) => ({ task_id: id, name: id, state: 'RUNNING', type: 'RUNTIME' });

  it('come from all pages of native tasks where the server has them', async () => {
    const first = 'GET /runs/r1/tasks?page_size=200';
    answers[first] = { tasks: [native('a')], next_page_token: 'n+/=' };
    const second = `${first}&page_token=n%2B%2F%3D`;
    answers[second] = { tasks: [native('b')], next_page_token: '' };
    expect(ids(await make().getTasks(runFrom({ run_id: 'r1' })))).toEqual(['a', 'b']);
    expect(asked()).toEqual([first, second]);
  });

  it('come from run_details of KFP 2, which is asked for native tasks only once', async () => {
    answers['GET /runs/r1'] = { run_id: 'r1', run_details: { task_details: [detail] } };
    const client = make();
    const run = runFrom({ run_id: 'r1' });
    expect(ids(await client.getTasks(run))).toEqual(['t1']);
    expect(ids(await client.getTasks(run))).toEqual(['t1']);
    expect(asked()).toEqual(['GET /runs/r1/tasks?page_size=200', 'GET /runs/r1', 'GET /runs/r1']);
  });

  it('of a run that is not there are an error, and say nothing about the server', async () => {
    const client = make();
    await expect(client.getTasks(runFrom({ run_id: 'gone' }))).rejects.toMatchObject({
      status: 404
    });
    answers['GET /runs/r1/tasks'] = { tasks: [native('a')] };
    expect(ids(await client.getTasks(runFrom({ run_id: 'r1' })))).toEqual(['a']);
  });

  it('are found out about anew for another connection', async () => {
    answers['GET /runs/r1'] = { run_id: 'r1', run_details: { task_details: [detail] } };
    const connection = { state: { active: 'old', namespace: '' } as never };
    const client = make({ connection });
    await client.getTasks(runFrom({ run_id: 'r1' }));
    answers['GET /runs/r1/tasks'] = { tasks: [native('a')] };
    connection.state = { active: 'new', namespace: '' } as never;
    expect(ids(await client.getTasks(runFrom({ run_id: 'r1' })))).toEqual(['a']);
  });
});

describe('the namespace', () => {
  it('is sent to a multi-user server, which is asked once whether it is one', async () => {
    answers['GET /healthz'] = { multi_user: true };
    answers['GET /runs'] = answers['GET /experiments'] = {};
    const client = make({ namespace: 'team' });
    expect(await client.listRuns()).toEqual({ items: [] });
    await client.listExperiments();
    await client.listRuns({ experimentId: 'e1' });
    expect(asked()).toEqual([
      'GET /healthz',
      'GET /runs?namespace=team',
      'GET /experiments?namespace=team',
      'GET /runs?experiment_id=e1'
    ]);
  });

  it('is kept from a single-user server', async () => {
    answers['GET /healthz'] = { multi_user: false };
    answers['GET /runs'] = {};
    await make({ namespace: 'team' }).listRuns();
    expect(asked()).toEqual(['GET /healthz', 'GET /runs']);
  });
});

describe('a run of a version', () => {
  const spec = { root: { dag: { tasks: { a: {} } } } };
  const raw = { pipeline_version_id: 'v1', pipeline_id: 'p1', pipeline_spec: spec };

  it('has the spec of its version, which is read once', async () => {
    answers['GET /pipelines/p1/versions/v1'] = raw;
    answers['GET /runs/r1'] = { run_id: 'r1', pipeline_version_reference: raw };
    const client = make();
    expect((await client.getRun('r1')).pipelineSpec).toEqual(spec);
    expect((await client.getRun('r1')).pipelineSpec).toEqual(spec);
    expect(asked().filter(request => request.includes('versions'))).toHaveLength(1);
  });

  it('is readable when the version has been deleted', async () => {
    answers['GET /runs/r1'] = { run_id: 'r1', pipeline_version_reference: raw };
    const run = await make().getRun('r1');
    expect(run.id).toBe('r1');
    expect(run.pipelineSpec).toBeUndefined();
  });

  it('is created by reference, and without caching from its spec', async () => {
    answers['POST /runs'] = { run_id: 'r1' };
    answers['GET /pipelines/p1/versions'] = { pipeline_versions: [raw] };
    const version = { pipelineId: 'p1' };
    await make().createRun({ name: 'n', version, parameters: { a: 1 } });
    expect(bodies['POST /runs']).toEqual({
      display_name: 'n',
      pipeline_version_reference: { pipeline_id: 'p1' },
      runtime_config: { parameters: { a: 1 } }
    });
    await make().createRun({ name: 'n', version, caching: false });
    expect(bodies['POST /runs']).toEqual({
      display_name: 'n',
      pipeline_spec: {
        root: { dag: { tasks: { a: { cachingOptions: { enableCache: false } } } } }
      },
      runtime_config: { parameters: {} }
    });
  });
});

it.each([
  ['retryRun', 'retry'],
  ['archiveRun', 'archive'],
  ['unarchiveRun', 'unarchive']
] as const)('%s asks for :%s', async (operation, verb) => {
  answers[`POST /runs/r1:${verb}`] = {};
  await make()[operation]('r1');
  expect(asked()).toEqual([`POST /runs/r1:${verb}`]);
});

it('retryRun passes on why a run cannot be retried', async () => {
  await expect(make().retryRun('r1')).rejects.toMatchObject({ status: 404, service: 'pipelines' });
});

describe('recurring runs', () => {
  const raw = {
    recurring_run_id: 'rr1',
    display_name: 'nightly',
    status: 'ENABLED',
    trigger: { cron_schedule: { cron: '0 0 8 * * *' } }
  };

  it('are listed in pages, of the namespace or of an experiment', async () => {
    answers['GET /healthz'] = { multi_user: true };
    answers['GET /recurringruns'] = { recurringRuns: [raw], total_size: 3, next_page_token: 'n' };
    const client = make({ namespace: 'team' });
    const filter = {
      predicates: [{ operation: 'EQUALS', key: 'display_name', string_value: 'x' }]
    };
    const page = await client.listRecurringRuns({ pageSize: 1, sortBy: 'created_at desc', filter });
    expect(page).toMatchObject({ items: [{ id: 'rr1' }], total: 3, nextPageToken: 'n' });
    await client.listRecurringRuns({ experimentId: 'e1' });
    const query = new URLSearchParams({
      namespace: 'team',
      page_size: '1',
      sort_by: 'created_at desc',
      filter: JSON.stringify(filter)
    });
    expect(asked()).toEqual([
      'GET /healthz',
      `GET /recurringruns?${query.toString()}`,
      'GET /recurringruns?experiment_id=e1'
    ]);
  });

  it('are read with the spec of their version', async () => {
    const spec = { root: {} };
    const version = { pipeline_id: 'p1', pipeline_version_id: 'v1' };
    answers['GET /recurringruns/rr1'] = { ...raw, pipeline_version_reference: version };
    answers['GET /pipelines/p1/versions/v1'] = { ...version, pipeline_spec: spec };
    expect(await make().getRecurringRun('rr1')).toMatchObject({ id: 'rr1', pipelineSpec: spec });
  });

  it('are created with their trigger, numbers of 64 bits as texts', async () => {
    answers['POST /recurringruns'] = raw;
    const created = await make().createRecurringRun({
      name: 'nightly',
      experimentId: 'e1',
      version: { pipelineId: 'p1', versionId: 'v1' },
      parameters: { lr: 0.1 },
      schedule: { kind: 'interval', seconds: 900, start: '2026-11-20T08:00:00Z' },
      maxConcurrency: 2,
      catchup: false
    });
    expect(created).toMatchObject({ id: 'rr1', enabled: true });
    expect(bodies['POST /recurringruns']).toEqual({
      display_name: 'nightly',
      experiment_id: 'e1',
      pipeline_version_reference: { pipeline_id: 'p1', pipeline_version_id: 'v1' },
      runtime_config: { parameters: { lr: 0.1 } },
      trigger: {
        periodic_schedule: { interval_second: '900', start_time: '2026-11-20T08:00:00Z' }
      },
      max_concurrency: '2',
      no_catchup: true,
      mode: 'ENABLE'
    });
    await make().createRecurringRun({
      name: 'nightly',
      pipelineSpec: { root: {} },
      schedule: { kind: 'cron', cron: '0 0 8 * * *', end: '2027-01-01T00:00:00Z' },
      enabled: false
    });
    expect(bodies['POST /recurringruns']).toMatchObject({
      pipeline_spec: { root: {} },
      trigger: { cron_schedule: { cron: '0 0 8 * * *', end_time: '2027-01-01T00:00:00Z' } },
      max_concurrency: '1',
      no_catchup: false,
      mode: 'DISABLE'
    });
  });

  it('are enabled, disabled and deleted', async () => {
    const wanted = [
      'POST /recurringruns/rr1:enable',
      'POST /recurringruns/rr1:disable',
      'DELETE /recurringruns/rr1'
    ];
    wanted.forEach(request => (answers[request] = {}));
    const client = make();
    await client.enableRecurringRun('rr1');
    await client.disableRecurringRun('rr1');
    await client.deleteRecurringRun('rr1');
    expect(asked()).toEqual(wanted);
  });
});

it('reads the log of the executor, also from a server that answers once', async () => {
  answers['GET /k8s/pod/logs'] = 'one\ntwo\n';
  const task = {
    id: 't1',
    state: 'succeeded',
    pods: [
      { name: 'p-driver', type: 'driver' },
      { name: 'p-main', type: 'executor' }
    ]
  } as never;
  const run = runFrom({ run_id: 'r1', created_at: '2026-01-02T03:04:05Z' });
  let log = '';
  for await (const text of make().taskLog(run, task, { follow: true })) {
    log += text;
  }
  expect(log).toBe('one\ntwo\n');
  expect(asked()).toEqual(['GET /k8s/pod/logs?podname=p-main&runid=r1&createdat=2026-01-02']);
});

describe('the end of a long log', () => {
  const LINE = 'line of the log ✓\n';
  /** The log, which grows, and whether the server gives ranges of it. */
  let log: Buffer;
  let ranges: boolean;
  let logs: IHttpServer;

  beforeAll(async () => {
    logs = await httpServer((request, response) => {
      if (!request.url?.startsWith('/k8s/pod/logs')) {
        response.statusCode = 404;
        response.end('{}');
        return;
      }
      const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
      if (!ranges || from === undefined) {
        response.end(log);
        return;
      }
      const start = from === '' ? Math.max(0, log.length - Number(to)) : Number(from);
      response.statusCode = start < log.length ? 206 : 416;
      if (response.statusCode === 206) {
        response.setHeader('Content-Range', `bytes ${start}-${log.length - 1}/${log.length}`);
      }
      response.end(log.subarray(start));
    });
  });

  beforeEach(() => {
    log = Buffer.from(LINE.repeat(100));
    ranges = true;
    logs.requests.length = 0;
  });

  afterAll(() => logs.close());

  const pods = [{ name: 'p', type: 'executor' }];
  const task = { id: 't1', state: 'succeeded', pods } as unknown as ITask;
  const client = () =>
    new PipelinesClient(new DirectTransport({ services: { pipelines: logs.url } }));

  async function read(tail: number, of = client(), options = {}) {
    const skipped: number[] = [];
    let text = '';
    const onSkipped = (bytes: number) => skipped.push(bytes);
    const all = of.taskLog(runFrom({ run_id: 'r1' }), task, {
      follow: true,
      tail,
      onSkipped,
      ...options
    });
    for await (const part of all) {
      text += part;
    }
    return { text, skipped };
  }

  it('is read alone, from a whole character on, and says how much was left out', async () => {
    const bytes = Buffer.from(LINE).length;
    // The range begins within the three bytes of the check mark.
    const { text, skipped } = await read(bytes + 2);
    expect(text).toBe(`\n${LINE}`);
    expect(skipped).toEqual([99 * bytes - 2]);
    expect(logs.requests.filter(request => request.includes('logs'))).toHaveLength(1);
  });

  it('is all of a log that is short, or of a server that gives no ranges, which is asked once', async () => {
    expect(await read(1_000_000)).toEqual({ text: LINE.repeat(100), skipped: [] });
    ranges = false;
    const same = client();
    logs.requests.length = 0;
    expect(await read(10, same)).toEqual({ text: LINE.repeat(100), skipped: [] });
    expect(await read(10, same)).toEqual({ text: LINE.repeat(100), skipped: [] });
    expect(logs.requests).toHaveLength(3);
  });

  it('is had as a file, also when there is nothing in it', async () => {
    const file = await client().taskLogFile(runFrom({ run_id: 'r1' }), task);
    expect(await file.text()).toBe(LINE.repeat(100));
    log = Buffer.from('');
    expect((await client().taskLogFile(runFrom({ run_id: 'r1' }), task)).size).toBe(0);
  });
});

it('ends the log of a task that was left running in a run that has ended', async () => {
  answers['GET /k8s/pod/logs'] = 'one\n';
  answers['GET /runs/r1/tasks'] = {
    tasks: [
      {
        task_id: 't1',
        name: 'train',
        state: 'RUNNING',
        type: 'RUNTIME',
        pods: [{ name: 'p', type: 'EXECUTOR' }]
      }
    ]
  };
  answers['GET /runs/r1'] = { run_id: 'r1', state: 'CANCELED' };
  const client = make();
  const run = runFrom({ run_id: 'r1', state: 'RUNNING' });
  const [task] = await client.getTasks(run);
  expect(task?.state).toBe('running');
  let log = '';
  for await (const text of client.taskLog(run, task as ITask, { follow: true })) {
    log += text;
  }
  expect(log).toBe('one\n');
});
