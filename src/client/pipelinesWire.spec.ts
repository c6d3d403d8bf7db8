/** @jest-environment node */
import {
  isEnded,
  recurringRunFrom,
  runFrom,
  runState,
  triggerOf,
  withoutCaching
} from './pipelinesWire';

const wire = {
  run_id: 'r1',
  display_name: 'Train',
  state: 'CANCELING',
  storage_state: 'ARCHIVED',
  experiment_id: 'e1',
  created_at: '2026-01-01T00:00:00Z',
  finished_at: '1970-01-01T00:00:00Z',
  error: { code: 13, message: 'out of memory' },
  runtime_config: { parameters: { lr: 0.1 } },
  pipeline_version_reference: { pipeline_id: 'p1', pipeline_version_id: 'v1' }
};

describe('runFrom', () => {
  it('reads a run of KFP 2', () => {
    expect(runFrom(wire)).toEqual({
      id: 'r1',
      name: 'Train',
      state: 'running',
      rawState: 'CANCELING',
      archived: true,
      experimentId: 'e1',
      createdAt: '2026-01-01T00:00:00Z',
      finishedAt: undefined,
      error: 'out of memory',
      parameters: { lr: 0.1 },
      pipelineId: 'p1',
      pipelineVersionId: 'v1',
      pipelineSpec: undefined,
      raw: wire
    });
  });

  it("takes KFP 3's name for the pipeline", () => {
    const { pipeline_version_reference, ...rest } = wire;
    const run = runFrom({ ...rest, pipeline_reference: pipeline_version_reference });
    expect(run).toMatchObject({ pipelineId: 'p1', pipelineVersionId: 'v1' });
  });

  it('survives a run with next to nothing in it', () => {
    expect(runFrom({})).toMatchObject({ id: '', state: 'pending', parameters: {} });
    expect(runFrom({ error: null, runtime_config: [] }).error).toBeUndefined();
  });
});

describe('recurringRunFrom', () => {
  it('reads a cron schedule and what is run', () => {
    const raw = {
      recurring_run_id: 'rr1',
      display_name: 'nightly',
      description: 'every morning',
      status: 'ENABLED',
      trigger: {
        cron_schedule: { cron: '0 0 8 * * *', start_time: '2026-01-01T00:00:00Z', end_time: null }
      },
      max_concurrency: '3',
      no_catchup: true,
      experiment_id: 'e1',
      created_at: '2026-01-01T00:00:00Z',
      runtime_config: { parameters: { lr: 0.1 } },
      pipeline_version_reference: { pipeline_id: 'p1' }
    };
    expect(recurringRunFrom(raw)).toEqual({
      id: 'rr1',
      name: 'nightly',
      description: 'every morning',
      enabled: true,
      schedule: { kind: 'cron', cron: '0 0 8 * * *', start: '2026-01-01T00:00:00Z' },
      maxConcurrency: 3,
      catchup: false,
      experimentId: 'e1',
      createdAt: '2026-01-01T00:00:00Z',
      parameters: { lr: 0.1 },
      pipelineId: 'p1',
      raw
    });
  });

  it('reads an interval, which triggerOf writes again', () => {
    const trigger = {
      periodic_schedule: { interval_second: '900', end_time: '2027-01-01T00:00:00Z' }
    };
    const { schedule, enabled } = recurringRunFrom({ status: 'DISABLED', trigger });
    expect(schedule).toEqual({ kind: 'interval', seconds: 900, end: '2027-01-01T00:00:00Z' });
    expect(enabled).toBe(false);
    expect(JSON.parse(JSON.stringify(triggerOf(schedule!)))).toEqual(trigger);
  });

  it('survives one that the server could not read', () => {
    const raw = { recurring_run_id: 'rr1', error: { code: 13, message: 'no such version' } };
    expect(recurringRunFrom(raw)).toMatchObject({ id: 'rr1', error: 'no such version' });
    expect(recurringRunFrom(raw).schedule).toBeUndefined();
  });
});

it('tells which recurring run has started a run, and for when', () => {
  const scheduled_at = '2026-01-01T08:00:00Z';
  expect(runFrom({ recurring_run_id: 'rr1', scheduled_at })).toMatchObject({
    recurringRunId: 'rr1',
    scheduledAt: scheduled_at
  });
});

it('knows every state of KFP and which of them are final', () => {
  const states = ['PENDING', 'RUNNING', 'CANCELING', 'PAUSED', 'SUCCEEDED', 'SKIPPED', 'FAILED'];
  expect(states.map(raw => isEnded(runState(raw)))).toEqual([
    ...[false, false, false, false],
    ...[true, true, true]
  ]);
  expect(runState('CANCELED')).toBe('cancelled');
  expect(runState('NEW_IN_KFP_9')).toBe('pending');
});

describe('withoutCaching', () => {
  const spec = {
    root: { dag: { tasks: { a: { cachingOptions: { enableCache: true, cacheKey: 'k' } } } } },
    components: {
      'comp-loop': { dag: { tasks: { b: { cachingOptions: { enableCache: true } }, c: {} } } },
      'comp-a': { executorLabel: 'exec-a' }
    }
  };
  const expected = {
    root: { dag: { tasks: { a: { cachingOptions: { enableCache: false, cacheKey: 'k' } } } } },
    components: {
      'comp-loop': {
        dag: {
          tasks: {
            b: { cachingOptions: { enableCache: false } },
            c: { cachingOptions: { enableCache: false } }
          }
        }
      },
      'comp-a': { executorLabel: 'exec-a' }
    }
  };

  it('reaches the tasks at every depth and leaves the given spec alone', () => {
    const before = JSON.stringify(spec);
    expect(withoutCaching(spec)).toEqual(expected);
    expect(JSON.stringify(spec)).toBe(before);
  });

  it('finds the pipeline spec beside a platform spec', () => {
    expect(withoutCaching({ pipeline_spec: spec, platform_spec: { a: 1 } })).toEqual({
      pipeline_spec: expected,
      platform_spec: { a: 1 }
    });
  });
});
