/** @jest-environment node */
import { ApiError, unreachable } from './errors';
import { followLog, LogCursor, ROTATED } from './logs';

async function* chunked(text: string, size = 3): AsyncGenerator<string> {
  for (let i = 0; i < text.length; i += size) {
    yield text.slice(i, i + size);
  }
}

async function all(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) {
    text += part;
  }
  return text;
}

const notFound = () =>
  new ApiError({ service: 'pipelines-ui', status: 404, reason: 'NotFound', message: 'no pod' });

describe('LogCursor', () => {
  it.each([1, 3, 1000, 5000])('delivers each character once, in chunks of %i', async size => {
    const cursor = new LogCursor();
    const log = Array.from({ length: 500 }, (_, i) => `line ${i} äöü 🎉\n`).join('');
    let seen = '';
    for (const end of [0, 10, 10, 1500, 4000, log.length, log.length]) {
      seen += await all(cursor.advance(chunked(log.slice(0, end), size)));
      expect(seen).toBe(log.slice(0, end));
    }
  });

  it('says when the beginning has gone, and goes on with what is there', async () => {
    const cursor = new LogCursor();
    await all(cursor.advance(chunked('first file\n')));
    expect(await all(cursor.advance(chunked('second file, and it is longer\n')))).toBe(
      `${ROTATED}second file, and it is longer\n`
    );
    expect(await all(cursor.advance(chunked('3rd\n')))).toBe(`${ROTATED}3rd\n`);
    expect(await all(cursor.advance(chunked('3rd\n4th\n')))).toBe('4th\n');
  });

  it('repeats nothing of an answer that is shorter than the one before', async () => {
    const cursor = new LogCursor();
    await all(cursor.advance(chunked('one\ntwo\n')));
    expect(await all(cursor.advance(chunked('one\n')))).toBe('');
    expect(await all(cursor.advance(chunked('one\ntwo\nthree\n')))).toBe('three\n');
  });

  it('goes on from where a read broke off', async () => {
    const cursor = new LogCursor();
    let seen = '';
    const broken = async function* () {
      yield 'one\n';
      throw unreachable('pipelines-ui');
    };
    await expect(
      (async () => {
        for await (const part of cursor.advance(broken())) {
          seen += part;
        }
      })()
    ).rejects.toThrow(ApiError);
    expect(seen + (await all(cursor.advance(chunked('one\ntwo\n'))))).toBe('one\ntwo\n');
  });
});

describe('followLog', () => {
  const quick = { ended: false, minInterval: 0, maxInterval: 0 };

  /** A server that answers `answers` one after the other, the last one for ever, and ends the task after `life` looks. */
  function source(answers: (string | Error | undefined)[], life: number) {
    let reads = 0;
    let looks = 0;
    return {
      read: () => {
        const answer = answers[Math.min(reads++, answers.length - 1)];
        return answer instanceof Error
          ? (async function* () {
              yield* [];
              throw answer;
            })()
          : answer === undefined
            ? undefined
            : chunked(answer);
      },
      ended: async () => ++looks >= life,
      reads: () => reads
    };
  }

  it('asks again while the task runs, and once more after its end', async () => {
    const server = source(['a\n', 'a\nb\n', 'a\nb\n', 'a\nb\nc\n'], 3);
    expect(await all(followLog(server, quick))).toBe('a\nb\nc\n');
    expect(server.reads()).toBe(4);
  });

  it('reads the log of an ended task once', async () => {
    const server = source(['a\n'], 1);
    expect(await all(followLog(server, { ...quick, ended: true }))).toBe('a\n');
    expect(server.reads()).toBe(1);
  });

  it('waits for a log that is not there yet', async () => {
    const missing = Array.from({ length: 20 }, notFound);
    expect(await all(followLog(source([undefined, ...missing, 'a\n'], 22), quick))).toBe('a\n');
  });

  it('goes on for as long as a task is silent, though a gateway gives up on it', async () => {
    const timeout = new ApiError({ service: 'p', status: 504, reason: 'Timeout', message: '' });
    const silent = Array.from({ length: 20 }, () => timeout);
    expect(await all(followLog(source(['a\n', ...silent, 'a\nb\n'], 21), quick))).toBe('a\nb\n');
  });

  it('passes on that an ended task has no log', async () => {
    const server = source([notFound()], 1);
    await expect(all(followLog(server, { ...quick, ended: true }))).rejects.toThrow('no pod');
  });

  it('takes up what broke off however long nothing answers, and says so meanwhile', async () => {
    const gone = unreachable('pipelines-ui');
    const outage = Array.from({ length: 30 }, () => gone);
    const server = source(['a\n', ...outage, 'a\nb\n', 'a\nb\n', 'a\nb\nc\n'], 33);
    const told: unknown[] = [];
    const onTrouble = (error: unknown) => told.push(error);
    expect(await all(followLog(server, { ...quick, onTrouble }))).toBe('a\nb\nc\n');
    expect(told).toEqual([...outage, undefined]);
  });

  it('reads again only when the look at the task succeeds', async () => {
    const gone = unreachable('jupyter');
    const server = source(['a\n', gone, 'a\nb\n'], 1);
    let looks = 0;
    const ended = async () => {
      if (++looks <= 30) {
        throw gone;
      }
      return looks > 32;
    };
    expect(await all(followLog({ ...server, ended }, quick))).toBe('a\nb\n');
    expect(server.reads()).toBe(4);
  });

  it('waits longer and longer while nothing answers, ten seconds at most', async () => {
    jest.useFakeTimers();
    try {
      const server = source([unreachable('jupyter')], 1e6);
      const stop = new AbortController();
      const done = all(followLog(server, { ended: false, signal: stop.signal }));
      const over = expect(done).rejects.toMatchObject({ name: 'AbortError' });
      await jest.advanceTimersByTimeAsync(60_000);
      const before = server.reads();
      expect(before).toBeLessThan(15);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(server.reads()).toBe(before + 1);
      stop.abort();
      await over;
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([
    ['the log may not be read', 403, 'read'],
    ['the run was deleted', 404, 'look']
  ])('ends with an error when %s', async (message, status, where) => {
    const refused = new ApiError({ service: 'pipelines', status, reason: 'x', message });
    const server = source(where === 'read' ? ['a\n', refused] : ['a\n'], 100);
    const ended = where === 'look' ? () => Promise.reject(refused) : server.ended;
    await expect(all(followLog({ ...server, ended }, quick))).rejects.toBe(refused);
  });

  it('ends at once when it is aborted while it waits', async () => {
    const stop = new AbortController();
    const log = followLog(source(['a\n'], 100), {
      ended: false,
      minInterval: 1e6,
      maxInterval: 1e6,
      signal: stop.signal
    });
    expect((await log.next()).value).toBe('a\n');
    const next = log.next();
    stop.abort();
    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  });
});
