/** Server-side apply. */
import { failure } from '../../../testing/contract';
import { clientOf, configMaps, ownNamespace } from '../../../testing/kubernetes';
import { fieldErrors, servingRuntimes } from '..';
import type { IServingRuntime } from '..';

const client = clientOf();
const namespace = ownNamespace(client);
const configs = client.resource(configMaps);
const runtimes = client.resource(servingRuntimes);

const config = (name: string, data: Record<string, string>) => ({
  metadata: { name, namespace: namespace() },
  data
});
const runtime = (name: string, ...images: [string, string][]): IServingRuntime => ({
  metadata: { name, namespace: namespace() },
  spec: { containers: images.map(([name, image]) => ({ name, image })) }
});
const one = { fieldManager: 'one' };
const two = { fieldManager: 'two' };

describe('apply', () => {
  it('makes what is not there', async () => {
    const made = await configs.apply(config('made', { a: '1' }), one);
    expect(made).toMatchObject({
      kind: 'ConfigMap',
      data: { a: '1' },
      metadata: { managedFields: [{ manager: 'one', operation: 'Apply' }] }
    });
    expect(await configs.apply(config('made', { a: '1' }), one)).toEqual(made);
  });

  it('drops what its manager no longer wants, and nothing of others', async () => {
    await configs.apply(config('shared', { a: '1', b: '2' }), one);
    await configs.apply(config('shared', { c: '3' }), two);
    const { data } = await configs.apply(config('shared', { a: '1' }), one);
    expect(data).toEqual({ a: '1', c: '3' });
  });

  it('names the fields of other managers, and takes them over by force', async () => {
    await configs.apply(config('contested', { a: '1' }), one);
    const error = await failure(configs.apply(config('contested', { a: '2' }), two));
    expect(error).toMatchObject({
      status: 409,
      reason: 'Conflict',
      message: expect.stringContaining('conflict with "one"')
    });
    expect(fieldErrors(error)).toEqual([
      {
        field: '.data.a',
        reason: 'FieldManagerConflict',
        message: expect.stringContaining('conflict with "one"')
      }
    ]);
    const taken = await configs.apply(config('contested', { a: '2' }), { ...two, force: true });
    expect(taken.data).toEqual({ a: '2' });
    // It is the other's now.
    const left = await configs.apply(config('contested', {}), one);
    expect(left.data).toEqual({ a: '2' });
  });

  it('shares a field on which both agree', async () => {
    await configs.apply(config('agreed', { a: '1' }), one);
    await configs.apply(config('agreed', { a: '1' }), two);
    expect((await configs.apply(config('agreed', {}), one)).data).toEqual({ a: '1' });
    expect((await configs.apply(config('agreed', {}), two)).data ?? {}).toEqual({});
  });

  it('finds the changes of those who do not apply', async () => {
    await configs.apply(config('edited', { a: '1' }), one);
    const at = { name: 'edited', namespace: namespace() };
    await configs.patch(at, { type: 'merge', body: { data: { a: '2' } } }, two);
    const error = await failure(configs.apply(config('edited', { a: '3' }), one));
    expect(error).toMatchObject({ status: 409 });
    expect(fieldErrors(error)).toMatchObject([{ field: '.data.a' }]);
  });

  it('only tells what would become of it', async () => {
    const { metadata } = await configs.apply(config('dry', { a: '1' }), one);
    const told = await configs.apply(config('dry', { a: '2', b: '3' }), { ...one, dryRun: true });
    expect(told.data).toEqual({ a: '2', b: '3' });
    const now = await configs.get({ name: 'dry', namespace: namespace() });
    expect(now.data).toEqual({ a: '1' });
    expect(now.metadata?.resourceVersion).toBe(metadata?.resourceVersion);
    await configs.apply(config('dry-new', { a: '1' }), { ...one, dryRun: true });
    await expect(configs.get({ name: 'dry-new', namespace: namespace() })).rejects.toMatchObject({
      status: 404
    });
  });

  it('goes for custom resources alike', async () => {
    await runtimes.apply(runtime('custom', ['model', 'one']), one);
    const same = await runtimes.apply(runtime('custom', ['model', 'one']), one);
    expect(same.metadata?.generation).toBe(1);
    const changed = await runtimes.apply(runtime('custom', ['model', 'two']), one);
    expect(changed.spec.containers[0]?.image).toBe('two');
    expect(changed.metadata?.generation).toBe(2);
    await expect(runtimes.apply(runtime('custom', ['model', 'three']), two)).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict'
    });
  });

  it('refuses what no object may be', async () => {
    const wrong = { ...runtime('wrong', ['model', 'one']), colour: 'red' };
    await expect(runtimes.apply(wrong as never, one)).rejects.toMatchObject({
      message: expect.stringContaining('.colour')
    });
    const mistyped = { ...runtime('wrong'), spec: { containers: [{ name: 'a' }], disabled: 'no' } };
    await expect(runtimes.apply(mistyped as never, one)).rejects.toMatchObject({
      message: expect.stringContaining('spec.disabled')
    });
  });
});
