/** @jest-environment node */
import { ApiError } from './errors';
import { followLog } from './logs';
import { RangedLog } from './rangedLog';

/** A server's log that a spec lets grow; `fail` is thrown once. */
class Log {
  content = Buffer.from('');
  asked: string[] = [];
  fail: unknown;

  readonly ask = async (range: string): Promise<Response> => {
    this.asked.push(range);
    if (this.fail) {
      const error = this.fail;
      this.fail = undefined;
      throw error;
    }
    const { length } = this.content;
    const [, from, last] = /^bytes=(\d*)-(\d*)$/.exec(range)!;
    const start = from === '' ? Math.max(0, length - Number(last)) : Number(from);
    if (start >= length) {
      throw new ApiError({ service: 'pipelines-ui', status: 416, reason: 'x', message: 'x' });
    }
    const headers = { 'Content-Range': `bytes ${start}-${length - 1}/${length}` };
    return new Response(this.content.subarray(start), { status: 206, headers });
  };

  add(text: string | Buffer): void {
    this.content = Buffer.concat([this.content, Buffer.from(text)]);
  }
}

async function text(parts: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const part of parts) {
    all += part;
  }
  return all;
}

it('goes on where it stopped, also within a character, and gives nothing while nothing is added', async () => {
  const log = new Log();
  log.add('0123456789');
  const ranged = (await RangedLog.open(log.ask, 4))!;
  expect(ranged.skipped).toBe(6);
  expect(await text(ranged.read())).toBe('6789');
  expect(await text(ranged.read())).toBe('');
  const [first, ...rest] = Buffer.from('✓');
  log.add(Buffer.from([first!]));
  expect(await text(ranged.read())).toBe('');
  log.add(Buffer.from(rest));
  expect(await text(ranged.read())).toBe('✓');
  expect(log.asked).toEqual(['bytes=-4', 'bytes=10-', 'bytes=10-', 'bytes=11-']);
});

it('is not for a log that is short, nor for one of a server without ranges', async () => {
  const log = new Log();
  log.add('0123');
  expect(await RangedLog.open(log.ask, 4)).toBeUndefined();
  expect(await RangedLog.open(async () => new Response('0123456789'), 4)).toBeUndefined();
});

it('says so when the server answers with another part', async () => {
  const parts = ['bytes 6-9/10', 'bytes 0-9/10'];
  const ranged = (await RangedLog.open(
    async () => new Response('6789', { status: 206, headers: { 'Content-Range': parts.shift()! } }),
    4
  ))!;
  await text(ranged.read());
  await expect(text(ranged.read())).rejects.toMatchObject({ reason: 'UpstreamInvalid' });
});

it('is followed until the task has ended, over a failure that passes', async () => {
  const log = new Log();
  log.add('0123456789');
  const ranged = (await RangedLog.open(log.ask, 4))!;
  const steps = [
    () => log.add('more '),
    () => (log.fail = new ApiError({ service: 'x', status: 503, reason: 'x', message: 'down' })),
    () => log.add('and the end')
  ];
  const troubles: unknown[] = [];
  const source = {
    resumes: true,
    read: () => ranged.read(),
    ended: async () => {
      steps.shift()?.();
      return steps.length === 0;
    }
  };
  const options = {
    ended: false,
    minInterval: 1,
    maxInterval: 1,
    onTrouble: (error: unknown) => troubles.push(error)
  };
  expect(await text(followLog(source, options))).toBe('6789more and the end');
  expect(troubles).toHaveLength(2);
});
