/** @jest-environment node */
import { ApiError, isRetryable } from './errors';
import { StreamSocket } from './streams';
import type { IStreamSocketOptions, IWebSocket } from './streams';

type Sent = Record<string, unknown> & { op: string; id: string };

/** The other end of the socket. */
class FakeSocket implements IWebSocket {
  static made: FakeSocket[] = [];
  static openByItself = true;

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
    if (FakeSocket.openByItself) {
      queueMicrotask(() => this.onopen?.());
    }
  }

  onopen: (() => unknown) | null = null;
  onmessage: ((event: { data: unknown }) => unknown) | null = null;
  onclose: (() => unknown) | null = null;
  onerror: (() => unknown) | null = null;
  readonly sent: Sent[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Sent);
    this._wake.splice(0).forEach(wake => wake());
  }

  close(): void {
    this.closed = true;
  }

  say(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The nth frame with this op, once it has been sent. */
  async frame(op: string, n = 0): Promise<Sent> {
    for (;;) {
      const found = this.sent.filter(frame => frame.op === op)[n];
      if (found) {
        return found;
      }
      await new Promise<void>(resolve => this._wake.push(resolve));
    }
  }

  private readonly _wake: (() => void)[] = [];
}

const request = { path: '/k8s/pod/logs', query: { podname: 'p' }, format: 'text' as const };
let open: StreamSocket[] = [];

function make(options: Partial<IStreamSocketOptions> = {}): StreamSocket {
  const socket = new StreamSocket({
    url: () => 'ws://host/kubeflow/streams',
    WebSocket: FakeSocket as never,
    backoff: () => 0,
    ...options
  });
  open.push(socket);
  return socket;
}

/** The nth socket, once there is one. */
async function wire(n = 0): Promise<FakeSocket> {
  for (;;) {
    const socket = FakeSocket.made[n];
    if (socket) {
      return socket;
    }
    await new Promise(resolve => setImmediate(resolve));
  }
}

beforeEach(() => {
  FakeSocket.made = [];
  FakeSocket.openByItself = true;
});

afterEach(() => {
  open.forEach(socket => socket.dispose());
  open = [];
});

it('opens one socket with the first stream and carries all on it', async () => {
  const streams = make();
  expect(FakeSocket.made).toHaveLength(0);
  const first = streams.stream('pipelines-ui', request);
  const second = streams.stream('kubernetes', { path: '/w', format: 'ndjson' });
  const texts = [first.next(), second.next()];
  const socket = await wire();
  const one = await socket.frame('subscribe', 0);
  const two = await socket.frame('subscribe', 1);
  expect(one).toEqual({
    op: 'subscribe',
    id: one.id,
    service: 'pipelines-ui',
    path: '/k8s/pod/logs',
    query: { podname: 'p' },
    format: 'text',
    credit: 262144
  });
  socket.say({ op: 'open', id: two.id, status: 200, contentType: 'application/json' });
  socket.say({ op: 'data', id: two.id, data: '{"a":1}\n{"b":2}\n' });
  socket.say({ op: 'data', id: one.id, data: 'hello' });
  socket.say({ op: 'end', id: one.id });
  expect((await Promise.all(texts)).map(({ value }) => value)).toEqual(['hello', '{"a":1}']);
  expect((await second.next()).value).toBe('{"b":2}');
  expect((await first.next()).done).toBe(true);
  expect(FakeSocket.made).toHaveLength(1);
});

it('grants credit in bytes for what has been read, not for what has arrived', async () => {
  const stream = make({ window: 100 }).stream('pipelines-ui', request);
  const first = stream.next();
  const socket = await wire();
  const { id } = await socket.frame('subscribe');
  socket.say({ op: 'data', id, data: 'ä'.repeat(20) });
  socket.say({ op: 'data', id, data: 'b'.repeat(20) });
  await first;
  expect(socket.sent).toHaveLength(1);
  await stream.next();
  expect(await socket.frame('credit')).toEqual({ op: 'credit', id, bytes: 40 });
  const third = stream.next();
  expect(await socket.frame('credit', 1)).toEqual({ op: 'credit', id, bytes: 20 });
  socket.say({ op: 'end', id });
  expect((await third).done).toBe(true);
});

it('says when the service has accepted a stream, before anything arrives on it', async () => {
  const onOpen = jest.fn();
  const stream = make().stream('kubernetes', { ...request, onOpen });
  const next = stream.next();
  const socket = await wire();
  const { id } = await socket.frame('subscribe');
  expect(onOpen).not.toHaveBeenCalled();
  socket.say({ op: 'open', id, status: 200 });
  expect(onOpen).toHaveBeenCalledTimes(1);
  socket.say({ op: 'data', id, data: 'first' });
  expect((await next).value).toBe('first');
  await stream.return(undefined);
});

it('cancels when the reader leaves the loop', async () => {
  const streams = make();
  const read = (async () => {
    for await (const text of streams.stream('pipelines-ui', request)) {
      return text;
    }
  })();
  const socket = await wire();
  const { id } = await socket.frame('subscribe');
  socket.say({ op: 'data', id, data: 'a' });
  expect(await read).toBe('a');
  expect(await socket.frame('cancel')).toEqual({ op: 'cancel', id });
  socket.say({ op: 'data', id, data: 'late' });
});

it("cancels when the signal aborts, and throws the signal's reason", async () => {
  const stop = new AbortController();
  const next = make()
    .stream('pipelines-ui', { ...request, signal: stop.signal })
    .next();
  const socket = await wire();
  await socket.frame('subscribe');
  stop.abort();
  await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  await socket.frame('cancel');
});

it('does not connect for a signal that is aborted already', async () => {
  const stream = make().stream('pipelines-ui', { ...request, signal: AbortSignal.abort() });
  await expect(stream.next()).rejects.toMatchObject({ name: 'AbortError' });
  expect(FakeSocket.made).toHaveLength(0);
});

it('delivers what came before an error, then throws it; other streams go on', async () => {
  const streams = make();
  const bad = streams.stream('pipelines-ui', request);
  const good = streams.stream('pipelines-ui', request);
  const texts = Promise.all([bad.next(), good.next()]);
  const socket = await wire();
  const badId = (await socket.frame('subscribe', 0)).id;
  const goodId = (await socket.frame('subscribe', 1)).id;
  const error = { service: 'pipelines-ui', status: 404, reason: 'NotFound', message: 'no pod' };
  socket.say({ op: 'data', id: badId, data: 'x' });
  socket.say({ op: 'error', id: badId, error });
  socket.say({ op: 'data', id: goodId, data: 'y' });
  await texts;
  await expect(bad.next()).rejects.toMatchObject(error);
  expect(socket.sent.filter(({ op }) => op === 'cancel')).toEqual([]);
  const next = good.next();
  socket.say({ op: 'end', id: goodId });
  expect((await next).done).toBe(true);
});

it('fails its streams so that they can be resumed when the socket drops, and connects again', async () => {
  const waits: number[] = [];
  const streams = make({ backoff: failures => (waits.push(failures), 0) });
  const one = streams.stream('pipelines-ui', request).next();
  const two = streams.stream('pipelines-ui', request).next();
  const socket = await wire();
  await socket.frame('subscribe', 1);
  socket.onclose?.();
  for (const next of [one, two]) {
    const error: unknown = await next.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(isRetryable(error)).toBe(true);
  }
  const again = streams.stream('pipelines-ui', request).next();
  const second = await wire(1);
  const { id } = await second.frame('subscribe');
  second.say({ op: 'data', id, data: 'back' });
  expect((await again).value).toBe('back');
  expect(waits).toEqual([1]);
});

it('waits longer after each connection that fails in a row, and not after one that opened', async () => {
  const waits: number[] = [];
  const streams = make({ backoff: failures => (waits.push(failures), 0) });
  FakeSocket.openByItself = false;
  for (const n of [0, 1, 2]) {
    const next = streams.stream('pipelines-ui', request).next();
    (await wire(n)).onerror?.();
    await expect(next).rejects.toMatchObject({ reason: 'Unreachable' });
  }
  FakeSocket.openByItself = true;
  const next = streams.stream('pipelines-ui', request).next();
  const socket = await wire(3);
  const { id } = await socket.frame('subscribe');
  socket.say({ op: 'end', id });
  await next;
  expect(waits).toEqual([1, 2, 3]);
  socket.onclose?.();
  const last = streams.stream('pipelines-ui', request).next();
  const { id: lastId } = await (await wire(4)).frame('subscribe');
  (await wire(4)).say({ op: 'end', id: lastId });
  await last;
  expect(waits).toEqual([1, 2, 3, 1]);
});

it('drops a socket that does not open, and one that speaks nonsense', async () => {
  FakeSocket.openByItself = false;
  const slow = make({ connectTimeout: 1 }).stream('pipelines-ui', request);
  await expect(slow.next()).rejects.toMatchObject({ reason: 'Unreachable' });
  expect((await wire()).closed).toBe(true);
  FakeSocket.openByItself = true;
  const next = make().stream('pipelines-ui', request).next();
  const socket = await wire(1);
  await socket.frame('subscribe');
  socket.onmessage?.({ data: '<html>' });
  await expect(next).rejects.toMatchObject({ reason: 'UpstreamInvalid' });
  expect(socket.closed).toBe(true);
});

it('closes when it has been idle, and opens again for the next stream', async () => {
  const streams = make({ idleTimeout: 0 });
  for (const n of [0, 1]) {
    const next = streams.stream('pipelines-ui', request).next();
    const socket = await wire(n);
    socket.say({ op: 'end', id: (await socket.frame('subscribe')).id });
    await next;
    while (!socket.closed) {
      await new Promise(resolve => setImmediate(resolve));
    }
  }
});

it('closes when it is idle, also when its only reader left before it opened', async () => {
  const streams = make({ idleTimeout: 0, backoff: () => 1 });
  FakeSocket.openByItself = false;
  const lost = streams.stream('pipelines-ui', request).next();
  (await wire()).onclose?.();
  await expect(lost).rejects.toMatchObject({ reason: 'Unreachable' });
  FakeSocket.openByItself = true;
  const stop = new AbortController();
  const next = streams.stream('pipelines-ui', { ...request, signal: stop.signal }).next();
  stop.abort(new Error('left'));
  await expect(next).rejects.toThrow('left');
  const socket = await wire(1);
  while (!socket.closed) {
    await new Promise(resolve => setImmediate(resolve));
  }
});

it('refuses streams once it is disposed', async () => {
  const streams = make();
  const next = streams.stream('pipelines-ui', request).next();
  await (await wire()).frame('subscribe');
  streams.dispose();
  await expect(next).rejects.toThrow(ApiError);
  await expect(streams.stream('pipelines-ui', request).next()).rejects.toThrow(ApiError);
  expect(FakeSocket.made).toHaveLength(1);
});
