/** @jest-environment node */
import type { IComponent, IConnectionState } from './connection';
import { ApiError, errorFromAnswer, unreachable } from './errors';
import { KatibClient } from './katib';
import type { IServiceRequest, ITransport } from './transport';

const ROWS = 'metricName,time,value\nloss,2026-01-31T12:00:01,0.25\nloss,2026-01-31T12:00:00,0.5\n';

const ITEMS = [
  { metric: 'loss', time: '2026-01-31T12:00:00.25Z', value: '0.5' },
  { metric: 'loss', time: '2026-01-31T12:00:00.75Z', value: '2.5e-01' }
];

const BOTH = { 'katib-db-manager': { available: true }, 'katib-ui': { available: true } };

function state(components: Record<string, IComponent>): IConnectionState {
  return { active: 'kind', namespace: 'team', profiles: [], components, status: { ok: true } };
}

/** A client whose answers are given: an `Error` is thrown. `asked` are the requests, as `COMPONENT PATH`. */
function client(options: {
  components?: Record<string, IComponent>;
  dbManager?: unknown;
  ui?: unknown;
  alone?: boolean;
}) {
  const asked: string[] = [];
  const queries: unknown[] = [];
  const answer = async (name: string, request: IServiceRequest, given: unknown) => {
    asked.push(`${name} ${request.path}`);
    queries.push(request.query);
    if (given instanceof Error) {
      throw given;
    }
    return given as never;
  };
  const connection = { state: state(options.components ?? BOTH) as IConnectionState | null };
  const found = new KatibClient({
    transport: {
      json: (service: string, request: IServiceRequest) => answer(service, request, options.ui)
    } as unknown as ITransport,
    server: options.alone
      ? undefined
      : { json: request => answer('jupyter', request, options.dbManager) },
    connection: options.alone ? undefined : connection
  });
  return { client: found, asked, queries, connection };
}

const failed = (service: string, status: number, message: string) =>
  new ApiError({ service, status, reason: 'Failed', message });

it('reads every value from db-manager', async () => {
  const { client: katib, asked, queries } = client({ dbManager: { items: ITEMS } });
  const series = await katib.series('team', 'trial-1');
  expect(series).toEqual({
    source: 'db-manager',
    observations: [
      { metric: 'loss', time: Date.UTC(2026, 0, 31, 12, 0, 0, 250), value: 0.5 },
      { metric: 'loss', time: Date.UTC(2026, 0, 31, 12, 0, 0, 750), value: 0.25 }
    ]
  });
  expect(asked).toEqual(['jupyter /katib/observations']);
  expect(queries).toEqual([{ namespace: 'team', trial: 'trial-1' }]);
});

it('reads from Katib’s UI where there is no db-manager, in the order of times, which are UTC', async () => {
  const components = { 'katib-db-manager': { available: false }, 'katib-ui': { available: true } };
  const { client: katib, asked, queries } = client({ components, ui: ROWS });
  expect(await katib.series('team', 'trial-1')).toEqual({
    source: 'katib-ui',
    observations: [
      { metric: 'loss', time: Date.UTC(2026, 0, 31, 12, 0, 0), value: 0.5 },
      { metric: 'loss', time: Date.UTC(2026, 0, 31, 12, 0, 1), value: 0.25 }
    ]
  });
  expect(asked).toEqual(['katib-ui /katib/fetch_hp_job_trial_info/']);
  expect(queries).toEqual([{ namespace: 'team', trialName: 'trial-1' }]);
});

it('reads names with commas, and what is no finite number, from the table', async () => {
  const ui =
    'metricName,time,value\nf1,weighted,2026-01-31T12:00:00,0.5\na,2026-01-31T12:00:00,nan\n' +
    'b,2026-01-31T12:00:00,-inf\nc,2026-01-31T12:00:00,unavailable\nd,not a time,1\nbroken row\n';
  const series = await client({ alone: true, ui }).client.series('team', 'trial-1');
  expect(series).toMatchObject({ source: 'katib-ui' });
  const read = series.source === 'none' ? [] : series.observations;
  expect(read.map(({ metric, value }) => [metric, value])).toEqual([
    ['f1,weighted', 0.5],
    ['a', NaN],
    ['b', -Infinity]
  ]);
});

it('goes on to Katib’s UI when db-manager cannot be reached, and then leaves db-manager alone', async () => {
  const dbManager = failed('katib-db-manager', 502, 'It cannot be reached.');
  const { client: katib, asked, connection } = client({ dbManager, ui: ROWS });
  for (let i = 0; i < 2; i += 1) {
    expect(await katib.series('team', 'trial-1')).toMatchObject({ source: 'katib-ui' });
  }
  expect(asked).toEqual([
    'jupyter /katib/observations',
    'katib-ui /katib/fetch_hp_job_trial_info/',
    'katib-ui /katib/fetch_hp_job_trial_info/'
  ]);
  connection.state = state(BOTH);
  await katib.series('team', 'trial-1');
  expect(asked[3]).toBe('jupyter /katib/observations');
});

it('asks db-manager for the next trial after an answer that was too long', async () => {
  const dbManager = failed('katib-db-manager', 413, 'Too long.');
  const { client: katib, asked } = client({ dbManager, ui: ROWS });
  expect(await katib.series('team', 'a')).toMatchObject({ source: 'katib-ui' });
  expect(await katib.series('team', 'b')).toMatchObject({ source: 'katib-ui' });
  expect(asked.filter(each => each.startsWith('jupyter'))).toHaveLength(2);
});

it('says why nobody has it', async () => {
  const components = {
    'katib-db-manager': { available: false, reason: 'Install grpcio.' },
    'katib-ui': { available: true }
  };
  const ui = errorFromAnswer('katib-ui', 500, 'dial tcp: connection refused');
  const { client: katib } = client({ components, ui });
  expect(await katib.series('team', 'trial-1')).toEqual({
    source: 'none',
    reason: 'Install grpcio. Katib’s UI server failed (500): dial tcp: connection refused'
  });
});

it.each([401, 403, 404])(
  'does not ask for what the user may not read in another way (%d)',
  async status => {
    const dbManager = failed('kubernetes', status, 'You may not get trials.');
    const { client: katib, asked } = client({ dbManager, ui: ROWS });
    const series = await katib.series('team', 'trial-1');
    expect(series).toEqual({ source: 'none', reason: 'You may not get trials.' });
    expect(asked).toEqual(['jupyter /katib/observations']);
  }
);

it('goes on to Katib’s UI where the user may open no port-forward', async () => {
  const dbManager = failed('katib-db-manager', 403, 'pods/portforward is not for you.');
  const series = await client({ dbManager, ui: ROWS }).client.series('team', 'trial-1');
  expect(series).toMatchObject({ source: 'katib-ui' });
});

it('rejects where the Jupyter server does not answer, and when it is aborted', async () => {
  const offline = client({ dbManager: unreachable('jupyter'), ui: ROWS });
  await expect(offline.client.series('team', 'a')).rejects.toMatchObject({ service: 'jupyter' });
  const dbManager = Object.assign(new Error('cancelled'), { name: 'AbortError' });
  const aborted = client({ dbManager, ui: ROWS });
  await expect(aborted.client.series('team', 'a')).rejects.toBe(dbManager);
});

it('says that the connection is not known yet', async () => {
  const { client: katib, asked, connection } = client({ ui: ROWS });
  connection.state = null;
  expect(await katib.trialLog('team', 'trial-1')).toMatchObject({
    source: 'none',
    reason: expect.stringContaining('not told yet')
  });
  expect(asked).toEqual([]);
});

it('reads the log of a trial', async () => {
  const { client: katib, asked } = client({ ui: 'epoch 1\nloss=0.5\n' });
  expect(await katib.trialLog('team', 'trial-1')).toEqual({
    source: 'katib-ui',
    text: 'epoch 1\nloss=0.5\n'
  });
  expect(asked).toEqual(['katib-ui /katib/fetch_trial_logs/']);
});

it('says why there is no log', async () => {
  const ui = errorFromAnswer('katib-ui', 500, 'Failed to find logs for this Trial.');
  expect(await client({ ui }).client.trialLog('team', 'trial-1')).toEqual({
    source: 'none',
    reason: 'Katib’s UI server failed (500): Failed to find logs for this Trial.'
  });
  expect(await client({ ui: { log: 1 } }).client.trialLog('team', 'trial-1')).toMatchObject({
    source: 'none',
    reason: expect.stringContaining('did not answer with a text')
  });
});
