/** Which answers about rights are kept, and for how long. */
import { ApiError } from '../errors';
import { answering } from '../../testing/answering';
import { AccessReview } from './access';
import { pods, trainJobs } from './kinds';

const unavailable = new ApiError({
  service: 'kubernetes',
  status: 503,
  reason: 'ServiceUnavailable',
  message: 'It is not available.'
});
const allowed = { status: { allowed: true } };
const denied = { status: { allowed: false, reason: 'Not on Sundays.' } };

describe('access', () => {
  it('is asked for once a while', async () => {
    let now = 0;
    const { asked, transport } = answering(allowed, denied, allowed);
    const review = new AccessReview(transport, 1000, () => now);
    const access = { verb: 'create', kind: trainJobs, namespace: 'team' } as const;
    expect(await review.may(access)).toEqual({ allowed: true });
    now = 999;
    expect(await review.may({ ...access })).toEqual({ allowed: true });
    now = 1000;
    expect(await review.may(access)).toEqual({ allowed: false, reason: 'Not on Sundays.' });
    review.forget();
    expect(await review.may(access)).toEqual({ allowed: true });
    expect(asked.map(({ json }) => json)).toEqual(
      Array(3).fill(
        expect.objectContaining({
          spec: {
            resourceAttributes: {
              group: 'trainer.kubeflow.org',
              resource: 'trainjobs',
              verb: 'create',
              namespace: 'team',
              name: undefined,
              subresource: undefined
            }
          }
        })
      )
    );
  });

  it('is asked for again after a failure, and for each thing by itself', async () => {
    const { asked, transport } = answering(unavailable, allowed, {});
    const review = new AccessReview(transport);
    const access = { verb: 'get', kind: pods, namespace: 'team' } as const;
    await expect(review.may(access)).rejects.toBe(unavailable);
    expect((await review.may(access)).allowed).toBe(true);
    expect(await review.may({ ...access, subresource: 'log' })).toEqual({
      allowed: false,
      reason: expect.stringContaining('You may not get pods/log in the namespace “team”')
    });
    expect(asked).toHaveLength(3);
  });
});
