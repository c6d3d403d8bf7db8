/** The list-watch cache on a real control plane that forgets, dies, refuses and hurries. */
import { request } from 'node:http';

import { DirectTransport } from '../..';
import type { IServiceRequest, ITransport } from '../..';
import { until } from '../../../testing/contract';
import { httpsFetch } from '../../../testing/httpsFetch';
import {
  CHAOS,
  churn,
  cuttingProxy,
  read,
  recorded,
  seeded,
  settled,
  when
} from '../../../testing/listWatch';
import type { IReader } from '../../../testing/listWatch';
import {
  clientOf,
  cluster,
  configMaps,
  ownNamespace,
  server,
  transportTo
} from '../../../testing/kubernetes';
import type { ICluster } from '../../../testing/kubernetes';
import { KubernetesClient, ListWatchCache, pods, there, trainingRuntimes, trainJobs } from '..';
import type {
  IKind,
  IKindName,
  IKubernetesObject,
  IListWatchOptions,
  ISelection,
  ITrainingRuntime,
  ITrainJob
} from '..';

const plane = cluster as ICluster;
const client = clientOf();
const namespace = ownNamespace(client);

/** The server as a user sees it. */
const as = (user: string, url = plane.url) => ({
  ...server(),
  url,
  token: plane.users[user] ?? ''
});

/** Waits that let a refusal be believed fast. */
const FAST = { shortest: 20, longest: 100 };

/** A reader of a list-watch. */
const look = <T extends IKubernetesObject>(
  transport: ITransport,
  kind: IKind<T>,
  selection: ISelection,
  options?: IListWatchOptions
): IReader<T> =>
  read(new ListWatchCache(new KubernetesClient(transport), options).list(kind, selection));

const live = <T extends IKubernetesObject>({ list }: IReader<T>) =>
  when(list, () => list.snapshot.status === 'live');

/** What the list-watch holds is what a fresh list says, all of it. */
async function expectFresh<T extends IKubernetesObject>(
  { list }: IReader<T>,
  kind: IKind<T>,
  selection: ISelection
): Promise<void> {
  const { held, fresh } = await settled(list, client, kind, selection);
  expect(held).toEqual(fresh);
}

/** A runtime that no job uses. The API server of `npm run test:cluster` keeps no watch cache for them: etcd itself answers. */
const runtime = (name: string): ITrainingRuntime => ({
  metadata: { name, namespace: namespace() },
  spec: { template: { spec: { replicatedJobs: [] } } }
});

/** Lets etcd forget every version before the present one. */
async function compact(): Promise<void> {
  const etcd = async <R>(route: string, body: unknown): Promise<R> => {
    const answer = await fetch(`${plane.etcd}/v3/kv/${route}`, {
      method: 'POST',
      body: JSON.stringify(body)
    });
    expect(answer.ok).toBe(true);
    return (await answer.json()) as R;
  };
  const found = await etcd<{ header: { revision: string } }>('range', { key: 'AA==', limit: '1' });
  await etcd('compaction', { revision: found.header.revision, physical: true });
}

/** Tells the control plane to kill or start one of its parts. */
function control(action: 'kill' | 'start', name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath: plane.control, path: `/${action}/${name}`, method: 'POST' }, answer => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${action} ${name} failed`))
      );
    })
      .on('error', reject)
      .end();
  });
}

/** Whether the API server says that it is ready. */
const ready = () =>
  httpsFetch(plane.ca)(`${plane.url}/readyz`, {
    headers: { Authorization: `Bearer ${plane.users['root']}` }
  }).then(
    answer => answer.ok,
    () => false
  );

describe('a list-watch', () => {
  it('lists anew when etcd has forgotten its version while it was cut off, and while nobody looked', async () => {
    const selection = { namespace: namespace() };
    const resource = client.resource(trainingRuntimes);
    const proxy = await cuttingProxy(plane.url);
    const cut = recorded(transportTo(as('root', proxy.url)));
    const away = recorded(transportTo(server()));
    const watching = look(cut.transport, trainingRuntimes, selection);
    const pausing = look(away.transport, trainingRuntimes, selection);
    await Promise.all([live(watching), live(pausing)]);
    for (const name of ['one', 'two', 'three']) {
      await resource.create(runtime(name));
    }
    for (const { list } of [watching, pausing]) {
      await when(list, () => list.snapshot.items.size === 3);
    }
    pausing.stop();
    proxy.down = true;
    proxy.cutAll();
    await resource.delete({ name: 'one', namespace: namespace() });
    await resource.create(runtime('four'));
    await compact();
    proxy.down = false;
    const again = read(pausing.list);
    await expectFresh(watching, trainingRuntimes, selection);
    await expectFresh(again, trainingRuntimes, selection);
    for (const { errors, lists } of [cut, away]) {
      expect(errors).toContain(410);
      expect(lists).toBe(2);
    }
    expect([...watching.faults, ...again.faults]).toEqual([]);
    watching.stop();
    again.stop();
    await proxy.close();
  });

  it('reads all at once when the version of its pages is forgotten meanwhile', async () => {
    const selection = { namespace: namespace(), labelSelector: 'pages=yes' };
    const resource = client.resource(trainingRuntimes);
    for (let i = 0; i < 12; i++) {
      const one = runtime(`page-${i}`);
      await resource.create({ ...one, metadata: { ...one.metadata, labels: { pages: 'yes' } } });
    }
    const direct = transportTo(server());
    const limits: unknown[] = [];
    const paging: ITransport = {
      response: (service, asked) => direct.response(service, asked),
      stream: (service, asked) => direct.stream(service, asked),
      json: async <R>(service: 'kubernetes', asked: IServiceRequest): Promise<R> => {
        if (asked.query?.limit === undefined) {
          return direct.json<R>(service, asked);
        }
        const limit = Math.min(5, Number(asked.query.limit));
        limits.push(limit);
        const page = await direct.json<R>(service, { ...asked, query: { ...asked.query, limit } });
        if (limits.length === 1) {
          await resource.delete({ name: 'page-0', namespace: namespace() });
          await resource.delete({ name: 'page-11', namespace: namespace() });
          await compact();
        }
        return page;
      }
    };
    const reader = look(paging, trainingRuntimes, selection);
    await live(reader);
    await expectFresh(reader, trainingRuntimes, selection);
    expect(limits).toEqual([5, 5, 0]);
    expect(reader.list.snapshot.items.size).toBe(10);
    reader.stop();
  });

  it('comes back after the API server was killed, with all that happened', async () => {
    const rights = rightsOf('bob', [trainJobs, configMaps, pods]);
    await rights.give();
    const over = transportTo(as('bob'));
    const selection = { namespace: namespace() };
    const readers = [
      { reader: look(over, trainJobs, selection), kind: trainJobs },
      { reader: look(over, pods, selection), kind: pods },
      { reader: look(over, configMaps, selection), kind: configMaps }
    ] as { reader: IReader<IKubernetesObject>; kind: IKind }[];
    await Promise.all(readers.map(({ reader }) => live(reader)));
    const jobs = client.resource(trainJobs);
    for (let i = 0; i < 10; i++) {
      await jobs.create(job(`before-${i}`));
    }
    const churned = churn(client, namespace(), seeded(2), () => true).catch(() => undefined);
    await when(readers[2]!.reader.list, () => readers[2]!.reader.list.snapshot.items.size > 5);
    await control('kill', 'kube-apiserver');
    await Promise.all(
      readers.map(({ reader: { list } }) => when(list, () => list.snapshot.status === 'stale'))
    );
    await churned;
    await control('start', 'kube-apiserver');
    await until(ready, Boolean);
    for (let i = 0; i < 5; i++) {
      await jobs.delete({ name: `before-${i}`, namespace: namespace() });
      await jobs.create(job(`after-${i}`));
    }
    await Promise.all(readers.map(({ reader }) => live(reader)));
    for (const { reader, kind } of readers) {
      await expectFresh(reader, kind, selection);
      expect(reader.faults).toEqual([]);
      expect(reader.statuses).not.toContain('stopped');
      reader.stop();
    }
    expect(readers[0]!.reader.list.snapshot.items.size).toBe(10);
    await rights.take();
  });

  it('stops when its token is refused in the middle, and goes on with a new one', async () => {
    const proxy = await cuttingProxy(plane.url);
    const selection = { namespace: namespace(), labelSelector: CHAOS };
    let token = plane.users['root'];
    const over = new DirectTransport({
      services: { kubernetes: proxy.url },
      token: () => token ?? '',
      fetch: httpsFetch(plane.ca)
    });
    const reader = look(over, configMaps, selection, FAST);
    await live(reader);
    token = 'expired';
    proxy.cutAll();
    await when(reader.list, () => reader.list.snapshot.status === 'stopped');
    expect(reader.list.snapshot.error).toMatchObject({ status: 401, reason: 'Unauthorized' });
    let left = 20;
    await churn(client, namespace(), seeded(3), () => left-- > 0).catch(() => undefined);
    token = plane.users['root'];
    reader.list.retry();
    await live(reader);
    await expectFresh(reader, configMaps, selection);
    reader.stop();
    await proxy.close();
  });

  it('stops when the right to it is taken, names what may not be done, and goes on when it is given back', async () => {
    const rights = rightsOf('bob', [configMaps]);
    await rights.give();
    const proxy = await cuttingProxy(plane.url);
    const selection = { namespace: namespace() };
    const reader = look(transportTo(as('bob', proxy.url)), configMaps, selection, FAST);
    await live(reader);
    await rights.take();
    proxy.cutAll();
    await when(reader.list, () => reader.list.snapshot.status === 'stopped');
    const message = String((reader.list.snapshot.error as Error).message);
    expect(reader.list.snapshot.error).toMatchObject({ status: 403, reason: 'Forbidden' });
    for (const part of ['bob', 'list', 'configmaps', namespace()]) {
      expect(message).toContain(part);
    }
    await rights.give();
    reader.list.retry();
    await live(reader);
    await expectFresh(reader, configMaps, selection);
    reader.stop();
    await proxy.close();
  });

  it('keeps up with as many writes as the API server takes', async () => {
    const selection = { namespace: namespace(), labelSelector: 'hurry=yes' };
    const resource = client.resource(configMaps);
    const over = recorded(transportTo(server()));
    const reader = look(over.transport, configMaps, selection);
    await live(reader);
    const names = Array.from({ length: 50 }, (_, index) => `hurry-${index}`);
    for (const name of names) {
      await resource.create({
        metadata: { name, namespace: namespace(), labels: { hurry: 'yes' } },
        data: {}
      });
    }
    const end = Date.now() + SECONDS * 1000;
    const written: string[] = [];
    await Promise.all(
      names.map(async name => {
        for (let count = 0; Date.now() < end; count++) {
          const { metadata } = await resource.patch(
            { name, namespace: namespace() },
            { type: 'merge', body: { data: { count: `${count}` } } }
          );
          written.push(`MODIFIED ${metadata?.uid} ${metadata?.resourceVersion}`);
        }
      })
    );
    await expectFresh(reader, configMaps, selection);
    const byVersion = (one: string, other: string) => versionOf(one) - versionOf(other);
    const modified = over.events.filter(each => each.startsWith('MODIFIED'));
    expect(modified).toEqual(written.sort(byVersion));
    expect(reader.faults).toEqual([]);
    process.stdout.write(
      `The API server took ${Math.round(written.length / SECONDS)} writes a second; the cache has all ${written.length}.\n`
    );
    reader.stop();
  });
});

const SECONDS = 8;

const versionOf = (event: string): number => Number(event.split(' ')[2]);

/** A job whose one pod succeeds. */
const job = (name: string): ITrainJob => ({
  metadata: { name, namespace: namespace() },
  spec: { runtimeRef: { name: 'torch-distributed' } }
});

const roles = rbac('Role', 'roles');
const roleBindings = rbac('RoleBinding', 'rolebindings');

function rbac(kind: string, plural: string): IKind {
  const group = 'rbac.authorization.k8s.io';
  return { group, versions: ['v1'], kind, plural, namespaced: true, health: there };
}

/** The right of a user to watch kinds in the namespace of these specs, given and taken; each resolves when the server goes by it. */
function rightsOf(user: string, kinds: readonly IKindName[]) {
  const name = kinds.map(({ plural }) => plural).join('-');
  const metadata = { name, namespace: namespace() };
  const fieldManager = 'spec';
  const apiGroup = 'rbac.authorization.k8s.io';
  const role = {
    metadata,
    rules: kinds.map(({ group, plural }) => ({
      apiGroups: [group],
      resources: [plural],
      verbs: ['get', 'list', 'watch']
    }))
  };
  const binding = {
    metadata,
    roleRef: { kind: 'Role', name, apiGroup },
    subjects: [{ kind: 'User', name: user, apiGroup }]
  };
  const agreed = (allowed: boolean) =>
    until(
      () => clientOf(as(user)).may({ verb: 'watch', kind: kinds[0]!, namespace: namespace() }),
      answer => answer.allowed === allowed
    );
  return {
    give: async () => {
      await client.resource(roles).apply(role, { fieldManager });
      await client.resource(roleBindings).apply(binding, { fieldManager });
      await agreed(true);
    },
    take: async () => {
      await client.resource(roleBindings).delete(metadata);
      await agreed(false);
    }
  };
}
