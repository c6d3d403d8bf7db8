/** What the specs of the list-watch cache share: connections that break, readers that look closely, and histories to compare with. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { ApiError } from '../client';
import type { ITransport } from '../client';
import { KubernetesClient, ListWatchCache } from '../client/kubernetes';
import type { IKind, IKubernetesObject, ISelection, ListWatch } from '../client/kubernetes';
import { configMaps } from './kubernetes';
import type { IConfigMap } from './kubernetes';

/** Whole numbers from 0 to below the argument, the same for the same seed (Park and Miller). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return below => (state = (state * 48271) % 2147483647) % below;
}

/** A server's connections by way of a forwarder that breaks them. */
export interface ICuttingProxy {
  url: string;
  /** How many connections it has broken. */
  readonly cuts: number;
  /** Whether it lets nobody through. */
  down: boolean;
  /** Breaks every connection that is open. */
  cutAll(): void;
  close(): Promise<void>;
}

/**
 * Forwards TCP to the server at `target`. With `bytes`, each connection breaks after so many bytes of the server's answers: a break is a
 * reset or a regular end, both in the middle of what is being sent.
 */
export async function cuttingProxy(
  target: string,
  bytes: () => number = () => Infinity,
  random: (below: number) => number = () => 0
): Promise<ICuttingProxy> {
  const { protocol, hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer(socket => {
    if (proxy.down) {
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    let left = bytes();
    const hangUp = () => {
      open.delete(socket);
      upstream.destroy();
      socket.destroy();
    };
    open.add(socket);
    for (const each of [socket, upstream]) {
      each.on('error', hangUp);
      each.on('close', hangUp);
    }
    socket.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (chunk.length <= left) {
        left -= chunk.length;
        socket.write(chunk);
        return;
      }
      cuts++;
      const last = chunk.subarray(0, left);
      left = 0;
      upstream.destroy();
      socket.write(last, () => (random(2) === 0 ? socket.resetAndDestroy() : socket.end()));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const proxy: ICuttingProxy = {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    down: false,
    get cuts() {
      return cuts;
    },
    cutAll() {
      for (const socket of open) {
        cuts++;
        socket.resetAndDestroy();
      }
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        open.forEach(socket => socket.destroy());
      })
  };
  return proxy;
}

/** What went through a transport. */
export interface IRecord {
  transport: ITransport;
  /** `TYPE UID VERSION` of each event of a watch, bookmarks left out. */
  events: string[];
  /** Status codes that watches were ended with. */
  errors: number[];
  /** First pages of lists. */
  lists: number;
}

/** Notes what goes through a transport. */
export function recorded(transport: ITransport): IRecord {
  const record: IRecord = {
    events: [],
    errors: [],
    lists: 0,
    transport: {
      response: (service, request) => transport.response(service, request),
      json: (service, request) => {
        const { limit, continue: token } = request.query ?? {};
        record.lists += limit !== undefined && token === undefined ? 1 : 0;
        return transport.json(service, request);
      },
      async *stream(service, request) {
        try {
          for await (const line of transport.stream(service, request)) {
            note(line);
            yield line;
          }
        } catch (error) {
          if (error instanceof ApiError) {
            record.errors.push(error.status);
          }
          throw error;
        }
      }
    }
  };
  const note = (line: string) => {
    let event: { type: string; object: IKubernetesObject & { code?: number } };
    try {
      event = JSON.parse(line);
    } catch {
      return; // half a line: it is the reader's to refuse it
    }
    const { type, object } = event;
    if (type === 'ERROR') {
      record.errors.push(object.code ?? 0);
    } else if (type !== 'BOOKMARK') {
      record.events.push(`${type} ${object.metadata?.uid} ${object.metadata?.resourceVersion}`);
    }
  };
  return record;
}

/** A reader of a list-watch that notes what may not be. */
export interface IReader<T extends IKubernetesObject> {
  list: ListWatch<T>;
  /** Statuses in the order they were shown. */
  statuses: string[];
  /** Objects that went back to an older version, or came back in one in which they were gone. */
  faults: string[];
  stop(): void;
}

/** Looks at a list-watch. */
export function read<T extends IKubernetesObject>(list: ListWatch<T>): IReader<T> {
  const statuses: string[] = [];
  const faults: string[] = [];
  const newest = new Map<string, bigint>();
  let before: ReadonlyMap<string, T> = new Map();
  const stop = list.subscribe(() => {
    const { items, status } = list.snapshot;
    if (statuses.at(-1) !== status) {
      statuses.push(status);
    }
    for (const [uid, object] of items === before ? [] : items) {
      const version = versionOf(object);
      const known = newest.get(uid) ?? 0n;
      if (version < known || (version === known && !before.has(uid))) {
        faults.push(`${uid} is at ${version} after ${known}`);
      }
      newest.set(uid, version);
    }
    before = items;
  });
  return { list, statuses, faults, stop };
}

/** Resolves when the condition holds, which is asked after each change of the list. */
export function when<T extends IKubernetesObject>(
  list: ListWatch<T>,
  condition: () => boolean
): Promise<void> {
  return new Promise(resolve => {
    if (condition()) {
      resolve();
      return;
    }
    const stop = list.subscribe(() => {
      if (condition()) {
        stop();
        resolve();
      }
    });
  });
}

/**
 * Makes, changes, relabels and deletes ConfigMaps of up to 40 KiB, one after the other and while `go` says so. Those with the label
 * `chaos` are to be watched. Answers the number of writes.
 */
export async function churn(
  client: KubernetesClient,
  namespace: string,
  random: (below: number) => number,
  go: () => boolean
): Promise<number> {
  const resource = client.resource(configMaps);
  const there = new Set<string>();
  let writes = 0;
  for (; go(); writes++) {
    const name = `chaos-${random(20)}`;
    const data = { text: 'x'.repeat(random(40_960)) };
    const labels = { chaos: random(4) > 0 ? 'yes' : null };
    if (!there.has(name)) {
      there.add(name);
      await resource.create({ metadata: { name, namespace, labels: { chaos: 'yes' } }, data });
    } else if (random(4) === 0) {
      there.delete(name);
      await resource.delete({ name, namespace });
    } else {
      const body = { metadata: { labels }, data };
      await resource.patch({ name, namespace }, { type: 'merge', body });
    }
  }
  return writes;
}

/** What `churn` writes. */
export const CHAOS = 'chaos=yes';

/** Waits until a list-watch holds the versions that a fresh list has; answers both, for comparing all of the objects. */
export async function settled<T extends IKubernetesObject>(
  list: ListWatch<T>,
  client: KubernetesClient,
  kind: IKind<T>,
  selection: ISelection
): Promise<{ held: IKubernetesObject[]; fresh: IKubernetesObject[] }> {
  const versions = (objects: IKubernetesObject[]) =>
    objects
      .map(each => `${each.metadata?.uid} ${each.metadata?.resourceVersion}`)
      .sort()
      .join();
  for (;;) {
    const fresh = await client.resource(kind).list(selection);
    const held = [...list.snapshot.items.values()];
    if (versions(held) === versions(fresh)) {
      return { held: inOrder(held), fresh: inOrder(fresh) };
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

function inOrder(objects: readonly IKubernetesObject[]): IKubernetesObject[] {
  return objects
    .map(({ metadata, ...rest }) => {
      const others = { ...metadata };
      delete others.managedFields;
      return { ...rest, metadata: others };
    })
    .sort((one, other) => (one.metadata.uid ?? '').localeCompare(other.metadata.uid ?? ''));
}

const versionOf = (object: IKubernetesObject): bigint =>
  BigInt(object.metadata?.resourceVersion ?? 0);

/**
 * Lets ConfigMaps of a namespace change until `proxy` has broken the connections of the transport `cut` so often, while list-watches look on
 * over that and over `whole`. Both get every event once and in order, and hold in the end what a fresh list says. Answers the reader of `cut`.
 */
export async function expectNothingLost(options: {
  client: KubernetesClient;
  namespace: string;
  proxy: ICuttingProxy;
  cuts: number;
  cut: ITransport;
  whole: ITransport;
}): Promise<IReader<IConfigMap>> {
  const { client, namespace, proxy, cuts } = options;
  const selection = { namespace, labelSelector: CHAOS };
  const [cut, whole] = [recorded(options.cut), recorded(options.whole)];
  const [watching, reference] = [cut, whole].map(({ transport }) =>
    read(
      new ListWatchCache(new KubernetesClient(transport), { shortest: 1, longest: 20 }).list(
        configMaps,
        selection
      )
    )
  ) as [IReader<IConfigMap>, IReader<IConfigMap>];
  for (const { list } of [watching, reference]) {
    await when(list, () => list.snapshot.status === 'live');
  }
  await churn(client, namespace, seeded(1), () => proxy.cuts < cuts);
  for (const { list } of [reference, watching]) {
    const { held, fresh } = await settled(list, client, configMaps, selection);
    expect(held).toEqual(fresh);
  }
  expect(whole.events.length).toBeGreaterThan(cuts);
  expect(cut.events).toEqual(whole.events);
  expect(watching.faults).toEqual([]);
  watching.stop();
  reference.stop();
  return watching;
}
