/** Deleting: on condition, with finalizers, with what is owned, many at once. */
import { until } from '../../../testing/contract';
import { clientOf, configMaps, ownNamespace } from '../../../testing/kubernetes';
import type { IConfigMap } from '../../../testing/kubernetes';
import { healthOf, servingRuntimes } from '..';
import { isNotFound } from '../..';

const client = clientOf();
const namespace = ownNamespace(client);
const configs = client.resource(configMaps);

const at = (name: string) => ({ name, namespace: namespace() });
const make = (name: string, metadata: IConfigMap['metadata'] = {}) =>
  configs.create({ metadata: { ...metadata, ...at(name) } });
/** An object that is owned by another, which waits for it where it is deleted in the foreground. */
const makeOwned = (name: string, owner: IConfigMap, metadata: IConfigMap['metadata'] = {}) =>
  make(name, {
    ...metadata,
    ownerReferences: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: owner.metadata?.name ?? '',
        uid: owner.metadata?.uid ?? '',
        blockOwnerDeletion: true
      }
    ]
  });
const find = (name: string): Promise<IConfigMap | undefined> =>
  configs.get(at(name)).catch((error: unknown) => {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  });
const gone = (name: string) =>
  until(
    () => find(name),
    found => found === undefined
  );

describe('delete', () => {
  it('removes an object', async () => {
    await make('removed');
    await configs.delete(at('removed'));
    expect(await find('removed')).toBeUndefined();
    await expect(configs.delete(at('removed'))).rejects.toMatchObject({
      status: 404,
      reason: 'NotFound'
    });
  });

  it('only says that it would', async () => {
    await make('dry');
    await configs.delete(at('dry'), { dryRun: true });
    expect(await find('dry')).toBeDefined();
  });

  it('takes just the object and the version that are meant', async () => {
    const { metadata } = await make('meant');
    const wrong = { uid: '00000000-0000-0000-0000-000000000000' };
    await expect(configs.delete(at('meant'), { preconditions: wrong })).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict'
    });
    await configs.patch(at('meant'), { type: 'merge', body: { data: { a: '1' } } });
    const { uid, resourceVersion } = metadata ?? {};
    await expect(
      configs.delete(at('meant'), { preconditions: { uid, resourceVersion } })
    ).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    await configs.delete(at('meant'), { preconditions: { uid } });
    expect(await find('meant')).toBeUndefined();
  });

  it('waits for finalizers', async () => {
    await make('held', { finalizers: ['example.com/spec'] });
    await configs.delete(at('held'));
    const held = await configs.get(at('held'));
    expect(held.metadata?.deletionTimestamp).toMatch(/^\d{4}-/);
    expect(healthOf(configMaps, held)).toEqual({
      phase: 'terminating',
      message: 'Waits for example.com/spec.'
    });
    const body = { metadata: { finalizers: null } };
    await configs.patch(at('held'), { type: 'merge', body });
    expect(await find('held')).toBeUndefined();
  });

  it('takes in the background what the object owns', async () => {
    const owner = await make('owner-1');
    await makeOwned('owned-1', owner);
    await configs.delete(at('owner-1'), { propagationPolicy: 'Background' });
    expect(await find('owner-1')).toBeUndefined();
    await gone('owned-1');
  });

  it('takes in the foreground first what the object owns', async () => {
    const owner = await make('owner-2');
    await makeOwned('owned-2', owner, { finalizers: ['example.com/spec'] });
    await configs.delete(at('owner-2'), { propagationPolicy: 'Foreground' });
    expect((await find('owner-2'))?.metadata).toMatchObject({
      finalizers: ['foregroundDeletion'],
      deletionTimestamp: expect.any(String)
    });
    await until(
      () => find('owned-2'),
      owned => owned?.metadata?.deletionTimestamp !== undefined
    );
    expect(await find('owner-2')).toBeDefined();
    const body = { metadata: { finalizers: null } };
    await configs.patch(at('owned-2'), { type: 'merge', body });
    await gone('owner-2');
  });

  it('leaves what the object owned as an orphan', async () => {
    const owner = await make('owner-3');
    await makeOwned('owned-3', owner);
    await configs.delete(at('owner-3'), { propagationPolicy: 'Orphan' });
    await gone('owner-3');
    expect((await find('owned-3'))?.metadata?.ownerReferences).toBeUndefined();
  });

  it('refuses a policy that there is not', async () => {
    await make('policed');
    await expect(
      configs.delete(at('policed'), { propagationPolicy: 'Sideways' as never })
    ).rejects.toMatchObject({ status: 422, reason: 'Invalid' });
  });
});

describe('deleteAll', () => {
  it('deletes what a selector selects', async () => {
    await make('all-1', { labels: { all: 'yes' } });
    await make('all-2', { labels: { all: 'yes' } });
    await make('all-3', { labels: { all: 'no' } });
    const selection = { namespace: namespace(), labelSelector: 'all=yes' };
    await configs.deleteAll(selection, { dryRun: true });
    expect(await configs.list(selection)).toHaveLength(2);
    await configs.deleteAll(selection);
    await until(
      () => configs.list(selection),
      found => found.length === 0
    );
    expect(await find('all-3')).toBeDefined();
  });

  it('deletes custom resources', async () => {
    const runtimes = client.resource(servingRuntimes);
    for (const name of ['one', 'two']) {
      await runtimes.create({
        metadata: at(name),
        spec: { containers: [{ name: 'model', image: 'one' }] }
      });
    }
    await runtimes.deleteAll({ namespace: namespace() });
    expect(await runtimes.list({ namespace: namespace() })).toEqual([]);
  });
});
