/** Lists by pages and selectors. */
import { clientOf, configMaps, ownNamespace } from '../../../testing/kubernetes';
import { podOf } from '../../../testing/kubernetesPods';
import { pods, servingRuntimes } from '..';

const client = clientOf();
const namespace = ownNamespace(client);
const runtimes = client.resource(servingRuntimes);
const names = ['a', 'b', 'c', 'd', 'e'];
const nameOf = (object: { metadata?: { name?: string } }) => object.metadata?.name;

beforeAll(async () => {
  for (const [index, name] of names.entries()) {
    const metadata = {
      name,
      namespace: namespace(),
      labels: { purpose: 'list', parity: index % 2 ? 'odd' : 'even', [`only-${name}`]: '' }
    };
    await client.resource(configMaps).create({ metadata, data: { index: String(index) } });
    await runtimes.create({ metadata, spec: { containers: [{ name: 'model', image: 'one' }] } });
  }
});

describe('a list', () => {
  it('comes in pages that say how many follow', async () => {
    const first = await runtimes.page({ namespace: namespace(), limit: 2 });
    expect(first.items.map(nameOf)).toEqual(['a', 'b']);
    expect(first.remaining).toBe(3);
    expect(first.continueToken).toBeTruthy();
    const second = await runtimes.page({
      namespace: namespace(),
      limit: 2,
      continueToken: first.continueToken
    });
    expect(second.items.map(nameOf)).toEqual(['c', 'd']);
    expect(second).toMatchObject({ remaining: 1, resourceVersion: first.resourceVersion });
    const last = await runtimes.page({
      namespace: namespace(),
      limit: 2,
      continueToken: second.continueToken
    });
    expect(last.items.map(nameOf)).toEqual(['e']);
    expect(last.continueToken).toBeUndefined();
    expect(last.remaining).toBeUndefined();
  });

  it('is of one moment, whatever happens between its pages', async () => {
    const labelSelector = 'moment=one';
    const metadata = { namespace: namespace(), labels: { moment: 'one' } };
    const resource = client.resource(configMaps);
    for (const name of ['m1', 'm2', 'm3']) {
      await resource.create({ metadata: { ...metadata, name } });
    }
    const pages = resource.pages({ namespace: namespace(), labelSelector, limit: 2 });
    const first = (await pages.next()).value;
    await resource.delete({ name: 'm3', namespace: namespace() });
    await resource.create({ metadata: { ...metadata, name: 'm4' } });
    const second = (await pages.next()).value;
    expect([first, second].flatMap(page => page?.items.map(nameOf))).toEqual(['m1', 'm2', 'm3']);
    expect((await pages.next()).done).toBe(true);
  });

  it('is whole over all pages, each object with its kind', async () => {
    const found = await runtimes.list({ namespace: namespace(), limit: 2 });
    expect(found.map(nameOf)).toEqual(names);
    for (const each of found) {
      expect(each).toMatchObject({
        apiVersion: 'serving.kserve.io/v1alpha1',
        kind: 'ServingRuntime'
      });
    }
  });

  it('is of all namespaces when none is given', async () => {
    const found = await runtimes.list({ labelSelector: 'purpose=list' });
    expect(found.map(each => each.metadata?.namespace)).toEqual(names.map(() => namespace()));
  });

  it('is empty where there is nothing', async () => {
    const page = await runtimes.page({ namespace: 'there-is-no-such-namespace' });
    expect(page.items).toEqual([]);
    expect(page.resourceVersion).toMatch(/^\d+$/);
  });

  it.each([
    ['parity=even', ['a', 'c', 'e']],
    ['parity==odd', ['b', 'd']],
    ['purpose=list,parity!=even', ['b', 'd']],
    ['purpose=list,only-a', ['a']],
    ['purpose=list,!only-a', ['b', 'c', 'd', 'e']],
    ['parity in (odd, neither)', ['b', 'd']],
    ['purpose=list,parity notin (odd)', ['a', 'c', 'e']],
    ['parity=neither', []]
  ])('with the labels %s', async (labelSelector, expected) => {
    for (const resource of [runtimes, client.resource(configMaps)]) {
      const found = await resource.list({ namespace: namespace(), labelSelector });
      expect(found.map(nameOf)).toEqual(expected);
    }
  });

  it.each([
    ['metadata.name=b', ['b']],
    ['metadata.name!=b', ['a', 'c', 'd', 'e']]
  ])('with the fields %s', async (fieldSelector, expected) => {
    const selection = { namespace: namespace(), fieldSelector, labelSelector: 'purpose=list' };
    for (const resource of [runtimes, client.resource(configMaps)]) {
      expect((await resource.list(selection)).map(nameOf)).toEqual(expected);
    }
  });

  it('of pods, by the fields of pods', async () => {
    const pod = podOf(['main'], { schedulerName: 'nobody' });
    const metadata = { ...pod.metadata, namespace: namespace() };
    await client.resource(pods).create({ ...pod, metadata });
    const found = (fieldSelector: string) =>
      client.resource(pods).list({ namespace: namespace(), fieldSelector });
    expect((await found('status.phase=Pending')).map(nameOf)).toEqual([pod.metadata?.name]);
    expect((await found('spec.nodeName=')).map(nameOf)).toEqual([pod.metadata?.name]);
    expect(await found('status.phase=Running')).toEqual([]);
  });

  it.each([
    [{ fieldSelector: 'spec.containers=one' }],
    [{ fieldSelector: 'metadata.name' }],
    [{ labelSelector: 'a=b=c' }],
    [{ labelSelector: 'a in b' }],
    [{ continueToken: 'no token' }]
  ])('is refused for %j', async options => {
    await expect(runtimes.page({ namespace: namespace(), ...options })).rejects.toMatchObject({
      status: 400,
      reason: 'BadRequest'
    });
  });
});
