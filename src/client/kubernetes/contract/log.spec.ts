/** Logs of pods. */
import { failure, text } from '../../../testing/contract';
import { clientOf, ownNamespace } from '../../../testing/kubernetes';
import { BEFORE, LINES, talkingPod } from '../../../testing/kubernetesPods';
import type { ITalkingPod } from '../../../testing/kubernetesPods';
import type { IPodLogOptions } from '..';

const client = clientOf();
const namespace = ownNamespace(client);
const container = 'other';
let pod: ITalkingPod;

beforeAll(async () => {
  pod = await talkingPod(client, namespace());
});

const read = (options: IPodLogOptions) => text(client.log(pod, options));
const whole = (lines: string[]) => lines.map(line => `${line}\n`).join('');

describe('a log', () => {
  it('is read whole', async () => {
    expect(await read({ container })).toBe(whole(LINES));
  });

  it('is read by its end', async () => {
    expect(await read({ container, tailLines: 2 })).toBe(whole(LINES.slice(1)));
    expect(await read({ container, tailLines: 0 })).toBe('');
    expect(await read({ container, tailLines: 10 })).toBe(whole(LINES));
  });

  it('is read from a time on', async () => {
    expect(await read({ container, sinceSeconds: 3600 })).toBe('');
    const sinceTime = '2026-01-01T00:00:01Z';
    expect(await read({ container, sinceTime })).toBe(whole(LINES.slice(1)));
  });

  it('is read with times', async () => {
    const lines = (await read({ container, timestamps: true })).trimEnd().split('\n');
    expect(lines.map(line => line.replace(/ .*/, ''))).toEqual([
      '2026-01-01T00:00:00.000000000Z',
      '2026-01-01T00:00:01.000000000Z',
      '2026-01-01T00:00:02.000000000Z'
    ]);
    expect(lines.map(line => line.replace(/^\S+ /, ''))).toEqual(LINES);
  });

  it('is read up to a size', async () => {
    expect(await read({ container, limitBytes: 7 })).toBe('epoch 1');
  });

  it('is read of the run before', async () => {
    expect(await read({ container, previous: true })).toBe(whole([BEFORE]));
  });

  it('is followed', async () => {
    const line = `said at ${Date.now()}`;
    let found = '';
    for await (const part of client.log(pod, { container: 'live', follow: true })) {
      if (!found) {
        await pod.say(line);
      }
      found += part;
      if (found.includes(`${line}\n`)) {
        break;
      }
    }
    expect(found.startsWith(whole(LINES))).toBe(true);
  });

  it('is followed until its reader has enough', async () => {
    const cancel = new AbortController();
    const parts = client.log(pod, { container: 'live', follow: true, signal: cancel.signal });
    const reader = parts[Symbol.asyncIterator]();
    await reader.next();
    const next = failure(
      (async () => {
        for (;;) {
          await reader.next();
        }
      })()
    );
    cancel.abort();
    expect(await next).toMatchObject({ name: 'AbortError' });
  });

  it.each<[string, IPodLogOptions, object]>([
    ['of which container is not said', {}, { status: 400, reason: 'BadRequest' }],
    ['of no such container', { container: 'third' }, { status: 400, reason: 'BadRequest' }],
    ['by a wrong size', { container, limitBytes: 0 }, { status: 422, reason: 'Invalid' }],
    ['by a wrong end', { container, tailLines: -1 }, { status: 422, reason: 'Invalid' }],
    ['from a wrong time', { container, sinceSeconds: -5 }, { status: 422, reason: 'Invalid' }]
  ])('is refused %s', async (_, options, expected) => {
    await expect(read(options)).rejects.toMatchObject(expected);
  });

  it('is refused of no such pod', async () => {
    await expect(text(client.log({ ...pod, name: 'nobody' }))).rejects.toMatchObject({
      status: 404,
      reason: 'NotFound',
      message: 'pods "nobody" not found'
    });
  });
});
