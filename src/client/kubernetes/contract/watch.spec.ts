/** Watches: what changes, in order, from a version on. */
import { clientOf, configMaps, expiredWatch, ownNamespace } from '../../../testing/kubernetes';
import type { IConfigMap } from '../../../testing/kubernetes';
import { failure } from '../../../testing/contract';
import type { WatchEvent } from '..';

const client = clientOf();
const namespace = ownNamespace(client);
const configs = client.resource(configMaps);

const at = (name: string) => ({ name, namespace: namespace() });
const change = (name: string, body: unknown) => configs.patch(at(name), { type: 'merge', body });

/** An event in short. */
const brief = (event: WatchEvent<IConfigMap>) =>
  event.type === 'BOOKMARK'
    ? event.type
    : `${event.type} ${event.object.metadata?.name} ${event.object.data?.['a'] ?? '-'}`;

/** The first events of a watch. */
async function first(
  count: number,
  events: AsyncIterable<WatchEvent<IConfigMap>>
): Promise<WatchEvent<IConfigMap>[]> {
  const found: WatchEvent<IConfigMap>[] = [];
  for await (const event of events) {
    if (event.type !== 'BOOKMARK') {
      found.push(event);
    }
    if (found.length === count) {
      break;
    }
  }
  return found;
}

describe('a watch', () => {
  it('tells all that happens from a version on, in order', async () => {
    const selection = { namespace: namespace(), labelSelector: 'watched=one' };
    const metadata = { ...at('told'), labels: { watched: 'one' } };
    const { resourceVersion } = await configs.page(selection);
    await configs.create({ metadata, data: { a: '1' } });
    const watched = first(4, configs.watch({ ...selection, resourceVersion }));
    await change('told', { data: { a: '2' } });
    await change('told', { data: { a: '3' } });
    await configs.delete(at('told'));
    const events = await watched;
    expect(events.map(brief)).toEqual([
      'ADDED told 1',
      'MODIFIED told 2',
      'MODIFIED told 3',
      'DELETED told 3'
    ]);
    const versions = events.map(event =>
      event.type === 'BOOKMARK' ? 0 : Number(event.object.metadata?.resourceVersion)
    );
    expect(versions).toEqual([...versions].sort((one, other) => one - other));
    expect(new Set(versions).size).toBe(4);
    // It goes on from any of them.
    const rest = await first(2, configs.watch({ ...selection, resourceVersion: `${versions[1]}` }));
    expect(rest.map(brief)).toEqual(['MODIFIED told 3', 'DELETED told 3']);
  });

  it('tells of what comes into and leaves a selection', async () => {
    const selection = { namespace: namespace(), labelSelector: 'watched=two' };
    const { resourceVersion } = await configs.page(selection);
    await configs.create({ metadata: at('passing'), data: { a: '1' } });
    await change('passing', { metadata: { labels: { watched: 'two' } } });
    await change('passing', { data: { a: '2' } });
    await change('passing', { metadata: { labels: { watched: 'three' } } });
    const events = await first(3, configs.watch({ ...selection, resourceVersion }));
    expect(events.map(brief)).toEqual([
      'ADDED passing 1',
      'MODIFIED passing 2',
      'DELETED passing 2'
    ]);
  });

  it('is of one object by its name', async () => {
    const selection = { namespace: namespace(), fieldSelector: 'metadata.name=named' };
    const { resourceVersion } = await configs.page(selection);
    await configs.create({ metadata: at('unnamed'), data: { a: '1' } });
    await configs.create({ metadata: at('named'), data: { a: '2' } });
    const events = await first(1, configs.watch({ ...selection, resourceVersion }));
    expect(events.map(brief)).toEqual(['ADDED named 2']);
  });

  it('ends in time, with a bookmark of how far it has come', async () => {
    const selection = { namespace: namespace(), labelSelector: 'watched=never' };
    const { resourceVersion } = await configs.page(selection);
    let elsewhere: Promise<IConfigMap> | undefined;
    const events: WatchEvent<IConfigMap>[] = [];
    for await (const event of configs.watch({
      ...selection,
      resourceVersion,
      timeoutSeconds: 4,
      onOpen: () => (elsewhere = configs.create({ metadata: at('elsewhere') }))
    })) {
      events.push(event);
    }
    const metadata = (await elsewhere)?.metadata;
    expect(new Set(events.map(brief))).toEqual(new Set(['BOOKMARK']));
    const last = events.at(-1);
    const reached = last?.type === 'BOOKMARK' ? Number(last.resourceVersion) : 0;
    expect(reached).toBeGreaterThanOrEqual(Number(metadata?.resourceVersion));
  });

  it('is cancelled by its signal', async () => {
    const { resourceVersion } = await configs.page({ namespace: namespace() });
    const cancel = new AbortController();
    const events = configs.watch({
      namespace: namespace(),
      resourceVersion,
      signal: cancel.signal
    });
    await configs.create({ metadata: at('cancelled') });
    await events.next();
    const next = failure(events.next());
    cancel.abort();
    expect(await next).toMatchObject({ name: 'AbortError' });
  });

  it('says 410 when it is too late for a version', async () => {
    await expiredWatch(async watch => {
      expect(await failure(first(1, watch()))).toMatchObject({ status: 410, reason: 'Expired' });
    });
  }, 60000);
});
