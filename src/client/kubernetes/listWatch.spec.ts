/** @jest-environment node */
import { ApiError } from '../errors';
import type { IServiceRequest, IStreamRequest, ITransport } from '../transport';
import { KubernetesClient } from './client';
import { ListWatchCache } from './cache';
import { listed, watched } from './listState';
import { namespaces, pods } from './kinds';
import type { Pod } from './kinds';
import { ListWatch } from './listWatch';

const status = (code: number) =>
  new ApiError({ service: 'kubernetes', status: code, reason: `${code}`, message: `${code}` });

/** A server with one kind, whose connections a test may cut and whose history it may forget. */
class Server implements ITransport {
  readonly objects = new Map<string, Pod>();
  version = 1;
  lists = 0;
  watches = 0;
  failures: unknown[] = [];
  /** The query of each list. */
  queries: IServiceRequest['query'][] = [];
  /** Whether the versions that pages are read from are gone at once. */
  losesPages = false;
  /** Refuses watches, by throwing. */
  onStream?: () => void;

  set(name: string, label = `${this.version}`): void {
    const known = this.objects.get(name);
    this._record(known ? 'MODIFIED' : 'ADDED', {
      metadata: {
        name,
        uid: known?.metadata?.uid ?? `uid-${this.version}`,
        labels: { label },
        managedFields: [{}]
      }
    });
  }

  remove(name: string): void {
    this._record('DELETED', this.objects.get(name)!);
  }

  bookmark(): void {
    this.version++;
    this._say({ type: 'BOOKMARK', object: { metadata: { resourceVersion: `${this.version}` } } });
  }

  /** Ends every open watch, with an error or as a server does after its time. */
  cut(error?: unknown): void {
    for (const end of [...this._open.keys()]) {
      end(error);
    }
  }

  /** Older versions than the present one are gone. */
  compact(): void {
    this._history = [];
    this._oldest = this.version;
  }

  expire(): void {
    this._say({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
    });
  }

  async json<T>(_: string, request: IServiceRequest): Promise<T> {
    this._fail();
    this.lists++;
    this.queries.push(request.query);
    const all = [...this.objects.values()];
    const start = Number(request.query?.continue ?? 0);
    if (start > 0 && this.losesPages) {
      throw status(410);
    }
    const end = start + (Number(request.query?.limit) || Infinity);
    return {
      apiVersion: 'v1',
      metadata: {
        resourceVersion: `${this.version}`,
        continue: end < all.length ? `${end}` : undefined
      },
      items: all.slice(start, end)
    } as T;
  }

  async *stream(_: string, request: IStreamRequest): AsyncGenerator<string> {
    this._fail();
    this.onStream?.();
    this.watches++;
    request.onOpen?.();
    const from = Number(request.query?.resourceVersion);
    if (from < this._oldest) {
      yield JSON.stringify({
        type: 'ERROR',
        object: { kind: 'Status', code: 410, message: 'old' }
      });
      return;
    }
    const waiting: string[] = this._history
      .filter(each => each.version > from)
      .map(each => each.line);
    let wake: (() => void) | undefined;
    let ended: { error?: unknown } | undefined;
    const end = (error?: unknown) => {
      ended ??= { error };
      wake?.();
    };
    this._open.set(end, line => {
      waiting.push(line);
      wake?.();
    });
    const onAbort = () => end(new DOMException('', 'AbortError'));
    request.signal?.addEventListener('abort', onAbort);
    try {
      for (;;) {
        while (waiting.length > 0) {
          yield waiting.shift()!;
        }
        if (ended) {
          if (ended.error) {
            throw ended.error;
          }
          return;
        }
        await new Promise<void>(resolve => (wake = resolve));
      }
    } finally {
      this._open.delete(end);
      request.signal?.removeEventListener('abort', onAbort);
    }
  }

  response(): Promise<Response> {
    throw new Error('not used');
  }

  get watching(): number {
    return this._open.size;
  }

  private _fail(): void {
    const failure = this.failures.shift();
    if (failure) {
      throw failure;
    }
  }

  private _record(type: string, object: Pod): void {
    this.version++;
    const next = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: `${this.version}` }
    };
    const name = next.metadata.name!;
    if (type === 'DELETED') {
      this.objects.delete(name);
    } else {
      this.objects.set(name, next);
    }
    this._say({ type, object: next });
  }

  private _say(event: object): void {
    const line = JSON.stringify(event);
    this._history.push({ version: this.version, line });
    for (const tell of this._open.values()) {
      tell(line);
    }
  }

  private readonly _open = new Map<(error?: unknown) => void, (line: string) => void>();
  private _history: { version: number; line: string }[] = [];
  private _oldest = 0;
}

/** Resolves when the condition holds. */
async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(resolve => setTimeout(resolve, 1));
  }
}

/** A list-watch of the server, with what it tells. */
function look(server: Server) {
  const frames: (() => void)[] = [];
  const list = new ListWatch(
    new KubernetesClient(server).resource(pods),
    { namespace: 'team' },
    {
      shortest: 1,
      longest: 2,
      frame: callback => void frames.push(callback)
    }
  );
  const listeners = new Set<() => void>();
  let told = 0;
  const stop = list.subscribe(() => {
    told++;
    listeners.forEach(each => each());
  });
  const draw = () => frames.splice(0).forEach(each => each());
  const until = (condition: () => boolean) =>
    new Promise<void>(resolve => {
      const check = () => {
        draw();
        if (condition()) {
          clearInterval(timer);
          resolve();
        }
      };
      const timer = setInterval(check, 1);
      check();
    });
  const names = () => [...list.snapshot.items.values()].map(each => each.metadata?.name).sort();
  const same = () => {
    const known = [...list.snapshot.items.values()].map(each => each.metadata);
    return (
      known.length === server.objects.size &&
      known.every(
        each => server.objects.get(each!.name!)?.metadata?.resourceVersion === each!.resourceVersion
      )
    );
  };
  return { list, stop, draw, until, names, same, told: () => told };
}

describe('ListWatch', () => {
  it('lists all pages, then follows what changes', async () => {
    const server = new Server();
    for (let i = 0; i < 1201; i++) {
      server.set(`pod-${i}`);
    }
    const { list, until, same, stop } = look(server);
    expect(list.snapshot.status).toBe('loading');
    await until(() => list.snapshot.status === 'live' && server.watching === 1);
    expect(server.lists).toBe(3);
    expect(same()).toBe(true);
    server.set('pod-0');
    server.remove('pod-1');
    server.set('new');
    await until(same);
    expect([...list.snapshot.items.values()].every(each => !each.metadata?.managedFields)).toBe(
      true
    );
    stop();
  });

  it('tells once of all events of a frame', async () => {
    const server = new Server();
    const { list, until, names, told, stop, draw } = look(server);
    await until(() => server.watching === 1);
    const before = told();
    for (let i = 0; i < 100; i++) {
      server.set(`pod-${i}`);
    }
    await new Promise(resolve => setTimeout(resolve));
    expect(names()).toEqual([]);
    draw();
    expect(list.snapshot.items.size).toBe(100);
    expect(told()).toBe(before + 1);
    stop();
  });

  it('goes on from the last version it has seen after a cut, without listing again', async () => {
    const server = new Server();
    const { list, until, same, stop } = look(server);
    await until(() => server.watching === 1);
    server.set('a');
    server.bookmark();
    await until(same);
    server.cut(status(502));
    server.set('b');
    await until(same);
    expect(server.lists).toBe(1);
    expect(list.snapshot).toMatchObject({ status: 'live', error: undefined });
    stop();
  });

  it('says that it is stale while nothing answers, keeps what it knows, and comes back', async () => {
    const server = new Server();
    server.set('a');
    const { list, until, names, same, stop } = look(server);
    await until(() => server.watching === 1);
    server.failures = Array.from({ length: 5 }, () => status(503));
    server.cut(status(503));
    await until(() => list.snapshot.status === 'stale');
    expect(list.snapshot.error).toMatchObject({ status: 503 });
    expect(names()).toEqual(['a']);
    await until(() => list.snapshot.status === 'live' && server.watching === 1);
    server.set('b');
    await until(same);
    stop();
  });

  it.each([
    ['in the stream', (server: Server) => server.expire()],
    ['as an answer', (server: Server) => server.cut(status(410))]
  ])(
    'lists again when its version is too old, told %s; what is the same stays the same',
    async (_, expire) => {
      const server = new Server();
      server.set('a');
      const { list, until, same, stop } = look(server);
      await until(() => server.watching === 1);
      const [before] = list.snapshot.items.values();
      server.compact();
      expire(server);
      await until(() => server.lists === 2 && server.watching === 1);
      expect([...list.snapshot.items.values()][0]).toBe(before);
      server.set('b');
      await until(same);
      stop();
    }
  );

  it('is not live before a watch is open again', async () => {
    const server = new Server();
    const { list, until, stop } = look(server);
    await until(() => server.watching === 1);
    server.failures = Array.from({ length: 5 }, () => status(503));
    server.cut(status(503));
    await until(() => list.snapshot.status === 'stale');
    const seen = new Set<string>();
    const other = list.subscribe(() => {
      if (server.failures.length > 0) {
        seen.add(list.snapshot.status);
      }
    });
    await until(() => server.failures.length === 0 && list.snapshot.status === 'live');
    expect(seen).not.toContain('live');
    other();
    stop();
  });

  it('reads everything at once when the version of its pages is gone', async () => {
    const server = new Server();
    server.losesPages = true;
    for (let i = 0; i < 1201; i++) {
      server.set(`pod-${i}`);
    }
    const { until, same, stop } = look(server);
    await until(() => server.watching === 1);
    expect(server.queries.map(query => query?.limit)).toEqual([500, 500, 0]);
    expect(same()).toBe(true);
    stop();
  });

  it('lists again when the server does not know its version yet, as after a restored backup', async () => {
    const server = new Server();
    const { until, stop } = look(server);
    await until(() => server.watching === 1);
    server.cut(
      new ApiError({
        service: 'kubernetes',
        status: 504,
        reason: 'Timeout',
        message: 'Too large resource version: 9, current: 1',
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }] }
      })
    );
    await until(() => server.lists === 2 && server.watching === 1);
    stop();
  });

  it('goes on for the others when one of its readers throws', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const server = new Server();
    const { list, until, same, stop } = look(server);
    const broken = list.subscribe(() => {
      throw new Error('a mistake');
    });
    await until(() => server.watching === 1);
    server.set('a');
    await until(same);
    expect(said).toHaveBeenCalled();
    said.mockRestore();
    broken();
    stop();
  });

  it('follows on a page whose frames stand still', async () => {
    Object.assign(globalThis, {
      requestAnimationFrame: () => 1,
      cancelAnimationFrame: () => undefined
    });
    const server = new Server();
    const list = new ListWatch(new KubernetesClient(server).resource(pods), {});
    const stop = list.subscribe(() => undefined);
    await eventually(() => server.watching === 1);
    server.set('a');
    await eventually(() => list.snapshot.items.size === 1);
    stop();
    Reflect.deleteProperty(globalThis, 'requestAnimationFrame');
    Reflect.deleteProperty(globalThis, 'cancelAnimationFrame');
  });

  it('does not believe a refusal at once where it was let in before, as a server that starts refuses all', async () => {
    const server = new Server();
    const { list, until, same, stop } = look(server);
    await until(() => server.watching === 1);
    const seen = new Set<string>();
    const other = list.subscribe(() => seen.add(list.snapshot.status));
    server.failures = [status(502), status(403), status(404), status(403), status(401)];
    server.cut(status(502));
    await until(() => list.snapshot.status === 'stale');
    server.set('a');
    await until(same);
    expect([...seen]).toEqual(['stale', 'live']);
    server.failures = Array.from({ length: 5 }, () => status(403));
    server.cut(status(502));
    await until(() => list.snapshot.status === 'stopped');
    expect(list.snapshot.error).toMatchObject({ status: 403 });
    other();
    stop();
  });

  it('stops where no Kubernetes API is configured', async () => {
    const server = new Server();
    server.failures = [
      new ApiError({
        service: 'kubernetes',
        status: 503,
        reason: 'NotConfigured',
        message: 'No cluster.'
      })
    ];
    const { list, until, stop } = look(server);
    await until(() => list.snapshot.status === 'stopped');
    stop();
  });

  it.each([400, 401, 403, 404])('stops at %i, says so, and tries again when asked', async code => {
    const server = new Server();
    server.failures = [status(code)];
    const { list, until, stop } = look(server);
    await until(() => list.snapshot.status === 'stopped');
    expect(list.snapshot.error).toMatchObject({ status: code });
    list.retry();
    await until(() => list.snapshot.status === 'live');
    stop();
  });

  it.each([403, 405])('keeps what it has read where watching is refused by %i', async code => {
    const server = new Server();
    server.set('a');
    server.onStream = () => {
      throw status(code);
    };
    const { list, until, names, stop } = look(server);
    await until(() => list.snapshot.status === 'unwatched');
    expect(list.snapshot.error).toMatchObject({ status: code });
    expect(names()).toEqual(['a']);
    server.set('b');
    list.retry();
    await until(() => list.snapshot.status === 'unwatched');
    expect(names()).toEqual(['a', 'b']);
    stop();
    server.set('c');
    const again = list.subscribe(() => undefined);
    await until(() => list.snapshot.status === 'unwatched');
    expect(names()).toEqual(['a', 'b', 'c']);
    again();
  });

  it('reads again when the right to watch is taken away, and stops when that to list is', async () => {
    const server = new Server();
    const { list, until, names, stop } = look(server);
    await until(() => server.watching === 1);
    server.onStream = () => {
      throw status(403);
    };
    server.set('a');
    server.cut(status(502));
    await until(() => list.snapshot.status === 'unwatched');
    expect(names()).toEqual(['a']);
    server.failures = Array.from({ length: 5 }, () => status(403));
    list.retry();
    await until(() => list.snapshot.status === 'stopped');
    stop();
  });

  it('does nothing while nobody looks, and goes on when somebody does', async () => {
    const server = new Server();
    const { list, until, same, stop } = look(server);
    await until(() => server.watching === 1);
    stop();
    expect(list.snapshot.status).toBe('paused');
    await until(() => server.watching === 0);
    server.set('a');
    const again = list.subscribe(() => undefined);
    await until(same);
    expect(server.lists).toBe(1);
    again();
  });

  it('equals a fresh list after any mixture of changes, cuts and lost history', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      let state = seed;
      const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
      const server = new Server();
      const { until, same, stop } = look(server);
      for (let step = 0; step < 60; step++) {
        const name = `pod-${random(8)}`;
        const what = random(10);
        if (what < 4) {
          server.set(name);
        } else if (what < 6 && server.objects.has(name)) {
          server.remove(name);
        } else if (what === 6) {
          server.cut(status(502));
        } else if (what === 7) {
          server.cut();
        } else if (what === 8) {
          server.compact();
          server.cut(status(502));
        } else if (what === 9) {
          server.bookmark();
        }
        if (random(3) === 0) {
          await new Promise(resolve => setTimeout(resolve));
        }
      }
      await until(same);
      stop();
    }
  });
});

describe('ListWatchCache', () => {
  it('gives the same list for the same selection, whatever order its fields have', () => {
    const cache = new ListWatchCache(new KubernetesClient(new Server()));
    const one = cache.list(pods, { namespace: 'team', labelSelector: 'a=b' });
    expect(cache.list(pods, { labelSelector: 'a=b', namespace: 'team' })).toBe(one);
    expect(cache.list(pods, { namespace: 'team' })).not.toBe(one);
    expect(cache.list(pods, { namespace: '', labelSelector: '' })).toBe(cache.list(pods));
    expect(cache.list(namespaces, { namespace: 'team' })).toBe(cache.list(namespaces));
  });

  it('shares one watch among all readers, and ends it with the last of them', async () => {
    const server = new Server();
    const cache = new ListWatchCache(new KubernetesClient(server));
    const look = () => cache.list(pods, { namespace: 'team' }).subscribe(() => undefined);
    const stops = [look(), look(), look()];
    await eventually(() => server.watching === 1);
    expect([server.lists, server.watches]).toEqual([1, 1]);
    stops.forEach((stop, index) => {
      expect(server.watching).toBe(1);
      expect(cache.list(pods, { namespace: 'team' }).readers).toBe(3 - index);
      stop();
    });
    expect(cache.list(pods, { namespace: 'team' }).snapshot.status).toBe('paused');
  });

  it('lets go of the objects of lists that nobody has looked at for long, and keeps the lists', async () => {
    const server = new Server();
    server.set('a');
    const cache = new ListWatchCache(new KubernetesClient(server));
    const list = cache.list(pods, { namespace: 'team' });
    const stop = list.subscribe(() => undefined);
    await eventually(() => list.snapshot.items.size === 1);
    stop();
    for (let i = 0; i < 19; i++) {
      cache.list(pods, { namespace: `other-${i}` });
    }
    expect(list.snapshot.items.size).toBe(1);
    cache.list(pods, { namespace: 'one-more' });
    cache.list(pods, { namespace: 'and-another' });
    expect(list.snapshot).toMatchObject({ status: 'paused', items: new Map() });
    expect(cache.list(pods, { namespace: 'team' })).toBe(list);
  });
});

describe('listed and watched', () => {
  const pod = (name: string, resourceVersion: string): Pod => ({
    metadata: { uid: name, name, resourceVersion }
  });

  it('keep the map when nothing has changed', () => {
    const before = listed(undefined, [pod('a', '1')], '1');
    expect(listed(before, [pod('a', '1')], '5').items).toBe(before.items);
    expect(watched(before, [{ type: 'BOOKMARK', resourceVersion: '9' }])).toEqual({
      items: before.items,
      resourceVersion: '9'
    });
    expect(listed(before, [], '6').items.size).toBe(0);
  });

  it('know an object by its uid: one that was made anew under its name is another one', () => {
    const before = listed(undefined, [pod('a', '1')], '1');
    const again: Pod = { metadata: { uid: 'other', name: 'a', resourceVersion: '3' } };
    const after = watched(before, [
      { type: 'DELETED', object: pod('a', '2') },
      { type: 'ADDED', object: again }
    ]);
    expect([...after.items]).toEqual([['other', again]]);
  });
});
