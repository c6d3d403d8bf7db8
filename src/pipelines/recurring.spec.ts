import { ApiError } from '../client/errors';
import { makeRecurringRun, makeRun } from '../testing/pipelines';
import { hasEnded, nextRuns, readFacts } from './recurring';

const gone = new ApiError({ service: 'pipelines', status: 404, reason: 'NotFound', message: '' });
/** Created at 10:01. */
const hourly = makeRecurringRun(1);
const at = (time: string) => Date.parse(`2026-11-20T${time}:00Z`);
const next = (...args: Parameters<typeof nextRuns>) =>
  nextRuns(...args).map(time => new Date(time).toISOString().slice(11, 16));

describe('nextRuns', () => {
  it('counts from when the last run was due, else from the creation', () => {
    expect(next(hourly, undefined, at('10:30'), 2)).toEqual(['11:01', '12:01']);
    const runs = [makeRun(9, { scheduledAt: '2026-11-20T11:15:00Z' }), makeRun(8)];
    expect(next(hourly, { runs }, at('11:30'), 2)).toEqual(['12:15', '13:15']);
    expect(next(hourly, { runs: [makeRun(9)] }, at('10:30'), 1)).toEqual(['11:09']);
  });

  it('is none while it is disabled, has no schedule or has ended', () => {
    expect(next({ ...hourly, enabled: false }, undefined, at('10:30'), 2)).toEqual([]);
    expect(next({ ...hourly, schedule: undefined }, undefined, at('10:30'), 2)).toEqual([]);
    const ending = makeRecurringRun(1, {
      schedule: { kind: 'interval', seconds: 3600, end: '2026-11-20T11:30:00Z' }
    });
    expect(next(ending, undefined, at('10:30'), 2)).toEqual(['11:01']);
    expect(next(ending, undefined, at('11:10'), 2)).toEqual([]);
    expect([hasEnded(ending, at('11:10')), hasEnded(ending, at('11:30'))]).toEqual([false, true]);
  });
});

describe('readFacts', () => {
  it('asks for the newest runs of the recurring run and for the name of its pipeline', async () => {
    const listRuns = jest.fn(async () => ({ items: [makeRun(1)] }));
    const getPipeline = jest.fn(async (id: string) => ({
      id,
      name: 'fraud',
      displayName: 'Fraud',
      createdAt: ''
    }));
    const item = { ...hourly, pipelineId: 'p1' };
    const facts = await readFacts({ listRuns, getPipeline }, item, 3);
    expect(facts).toEqual({ runs: [makeRun(1)], pipeline: 'Fraud' });
    expect(listRuns).toHaveBeenCalledWith(
      expect.objectContaining({
        pageSize: 3,
        sortBy: 'created_at desc',
        filter: {
          predicates: [
            { operation: 'EQUALS', key: 'recurring_run_id', string_value: 'recurring-1' }
          ]
        }
      })
    );
  });

  it('takes the name from an inline spec, and does without that of a pipeline that was deleted', async () => {
    const listRuns = async () => ({ items: [] });
    const getPipeline = () => Promise.reject(gone);
    const client = { listRuns, getPipeline };
    const pipelineSpec = { pipelineInfo: { name: 'inline' } };
    expect(await readFacts(client, { ...hourly, pipelineSpec }, 1)).toMatchObject({
      pipeline: 'inline'
    });
    const deleted = await readFacts(client, { ...hourly, pipelineId: 'p1' }, 1);
    expect(deleted.pipeline).toBeUndefined();
  });
});
