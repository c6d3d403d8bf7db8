/** @jest-environment node */
import { isEnded, runFrom, runState, withoutCaching } from './pipelinesWire';

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
