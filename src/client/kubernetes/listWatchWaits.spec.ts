/** @jest-environment node */
/** How long a list-watch waits before it tries again: the waits themselves are taken out. */
import { delay } from '../delay';
import { ApiError } from '../errors';
import type { ITransport } from '../transport';
import { KubernetesClient } from './client';
import { pods } from './kinds';
import { ListWatch } from './listWatch';

jest.mock('../delay');

const failing = (retryAfter?: number) =>
  new ApiError({
    service: 'kubernetes',
    status: 429,
    reason: 'TooManyRequests',
    message: 'storage is (re)initializing',
    retryAfter
  });

/** The waits of a list-watch after each of these failures; then it is refused until it stops. */
async function waits(failures: ApiError[], random: () => number): Promise<number[]> {
  const left = [...failures];
  const transport: ITransport = {
    json: () => {
      throw (
        left.shift() ??
        new ApiError({ service: 'kubernetes', status: 403, reason: 'Forbidden', message: '' })
      );
    },
    response: () => Promise.reject(new Error('not used')),
    stream: () => {
      throw new Error('not used');
    }
  };
  jest.mocked(delay).mockReset().mockResolvedValue();
  const list = new ListWatch(new KubernetesClient(transport).resource(pods), {}, { random });
  await new Promise<void>(resolve =>
    list.subscribe(() => list.snapshot.status === 'stopped' && resolve())
  );
  const all = jest.mocked(delay).mock.calls.map(([milliseconds]) => milliseconds);
  return all.slice(0, failures.length);
}

const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make);

it('doubles up to 30 s, and half of each wait is a matter of chance', async () => {
  const failures = times(9, () => failing());
  const longest = [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000];
  expect(await waits(failures, () => 1)).toEqual(longest);
  expect(await waits(failures, () => 0)).toEqual(longest.map(each => each / 2));
});

it('is no shorter than what the server asks for, up to five minutes', async () => {
  expect(await waits([failing(3), failing(1), failing(10 ** 9)], () => 0)).toEqual([
    3000, 1000, 300_000
  ]);
});
