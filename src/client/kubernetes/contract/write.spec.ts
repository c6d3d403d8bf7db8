/** Creating, replacing and patching. */
import { clientOf, configMaps, ownNamespace } from '../../../testing/kubernetes';
import { podOf } from '../../../testing/kubernetesPods';
import { fieldErrors, jobSets, namespaces, pods, servingRuntimes } from '..';
import type { IServingRuntime } from '..';
import { failure } from '../../../testing/contract';

const client = clientOf();
const namespace = ownNamespace(client);
const configs = client.resource(configMaps);
const runtimes = client.resource(servingRuntimes);

const runtime = (name: string, image = 'one'): IServingRuntime => ({
  metadata: { name, namespace: namespace() },
  spec: { containers: [{ name: 'model', image }] }
});
const config = (name: string, data?: Record<string, string>) => ({
  metadata: { name, namespace: namespace() },
  data
});

describe('create', () => {
  it('makes an object with all that the server gives it', async () => {
    const made = await runtimes.create(runtime('made'), { fieldManager: 'spec' });
    expect(made).toMatchObject({
      apiVersion: 'serving.kserve.io/v1alpha1',
      kind: 'ServingRuntime',
      metadata: {
        name: 'made',
        namespace: namespace(),
        generation: 1,
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        managedFields: [expect.objectContaining({ manager: 'spec', operation: 'Update' })]
      },
      spec: { containers: [{ name: 'model', image: 'one' }] }
    });
    expect(await runtimes.get({ name: 'made', namespace: namespace() })).toEqual(made);
  });

  it('gives a name', async () => {
    const metadata = { generateName: 'given-', namespace: namespace() };
    const made = await configs.create({ metadata });
    expect(made.metadata?.name).toMatch(/^given-[a-z0-9]{5}$/);
  });

  it('only tells what would be made', async () => {
    const told = await configs.create(config('dry', { a: '1' }), { dryRun: true });
    expect(told).toMatchObject({ metadata: { name: 'dry' }, data: { a: '1' } });
    await expect(configs.get({ name: 'dry', namespace: namespace() })).rejects.toMatchObject({
      status: 404,
      reason: 'NotFound',
      details: { name: 'dry', kind: 'configmaps' }
    });
  });

  it('refuses a name that is taken', async () => {
    await configs.create(config('taken'));
    await expect(configs.create(config('taken'))).rejects.toMatchObject({
      status: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "taken" already exists'
    });
  });

  it.each([
    ['a custom resource', () => runtimes.create({ ...runtime('wrong'), colour: 'red' } as never)],
    ['a kind of Kubernetes', () => configs.create({ ...config('wrong'), colour: 'red' } as never)]
  ])('refuses a field that %s has not', async (_, create) => {
    await expect(create()).rejects.toMatchObject({
      status: 400,
      reason: 'BadRequest',
      message: expect.stringContaining('unknown field "colour"')
    });
  });

  it('refuses a namespace that is not there', async () => {
    await expect(configs.create({ metadata: { name: 'lost', namespace: 'nowhere' } })).rejects
      .toMatchObject({ status: 404, message: 'namespaces "nowhere" not found' }); // prettier-ignore
  });

  it('names the fields that are wrong', async () => {
    const body = { spec: { containers: [{ name: 1, image: 'one' }], disabled: 'no' } };
    const error = await failure(runtimes.create({ ...runtime('wrong'), ...body } as never));
    expect(error).toMatchObject({ status: 422, reason: 'Invalid' });
    expect(fieldErrors(error).map(({ field, reason }) => [field, reason])).toEqual(
      expect.arrayContaining([
        ['spec.containers[0].name', 'FieldValueTypeInvalid'],
        ['spec.disabled', 'FieldValueTypeInvalid']
      ])
    );
    const pod = { metadata: { name: 'P', namespace: namespace() }, spec: { containers: [] } };
    const errors = fieldErrors(await failure(client.resource(pods).create(pod)));
    expect(errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: 'metadata.name', reason: 'FieldValueInvalid' }),
        expect.objectContaining({ field: 'spec.containers', reason: 'FieldValueRequired' })
      ])
    );
  });
});

describe('replace', () => {
  it('takes the version that it was made from, and no older one', async () => {
    const made = await runtimes.create(runtime('replaced'));
    const changed = await runtimes.replace({ ...made, spec: runtime('', 'two').spec });
    expect(changed.metadata?.generation).toBe(2);
    expect(changed.metadata?.resourceVersion).not.toBe(made.metadata?.resourceVersion);
    await expect(
      runtimes.replace({ ...made, spec: runtime('', 'three').spec })
    ).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    const now = await runtimes.get({ name: 'replaced', namespace: namespace() });
    expect(now.spec.containers[0]?.image).toBe('two');
  });

  it('of a custom resource wants a version', async () => {
    await runtimes.create(runtime('versioned'));
    const error = await failure(runtimes.replace(runtime('versioned', 'two')));
    expect(error).toMatchObject({ status: 422 });
    expect(fieldErrors(error)).toMatchObject([{ field: 'metadata.resourceVersion' }]);
  });

  it('of a kind of Kubernetes does without', async () => {
    await configs.create(config('plain', { a: '1' }));
    expect(await configs.replace(config('plain', { b: '2' }))).toMatchObject({ data: { b: '2' } });
  });

  it('only tells what would become of it', async () => {
    const made = await configs.create(config('kept', { a: '1' }));
    expect(await configs.replace({ ...made, data: { a: '2' } }, { dryRun: true })).toMatchObject({
      data: { a: '2' }
    });
    expect(await configs.get({ name: 'kept', namespace: namespace() })).toEqual(made);
  });

  it('changes nothing when nothing is different', async () => {
    const made = await runtimes.create(runtime('same'));
    expect((await runtimes.replace(made)).metadata?.resourceVersion).toBe(
      made.metadata?.resourceVersion
    );
  });
});

describe('patch', () => {
  it('merges, and drops what is null', async () => {
    const { metadata } = await configs.create(config('merged', { a: '1', b: '2' }));
    const at = { name: 'merged', namespace: namespace() };
    const body = { metadata: { labels: { x: 'y' } }, data: { a: null, c: '3' } };
    const merged = await configs.patch(at, { type: 'merge', body });
    expect(merged).toMatchObject({ metadata: { labels: { x: 'y' }, uid: metadata?.uid } });
    expect(merged.data).toEqual({ b: '2', c: '3' });
    const dry = await configs.patch(at, { type: 'merge', body: { data: { c: '4' } } }, { dryRun: true }); // prettier-ignore
    expect(dry.data).toEqual({ b: '2', c: '4' });
    expect((await configs.get(at)).data).toEqual({ b: '2', c: '3' });
  });

  it('merges on condition of a version', async () => {
    const { metadata } = await configs.create(config('guarded', { a: '1' }));
    const at = { name: 'guarded', namespace: namespace() };
    const { resourceVersion } = metadata ?? {};
    const body = { metadata: { resourceVersion }, data: { a: '2' } };
    await configs.patch(at, { type: 'merge', body });
    await expect(
      configs.patch(at, { type: 'merge', body: { ...body, data: { a: '3' } } })
    ).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
  });

  it('follows the operations of RFC 6902', async () => {
    await runtimes.create(runtime('operated'));
    const at = { name: 'operated', namespace: namespace() };
    const patched = await runtimes.patch(at, {
      type: 'json',
      body: [
        { op: 'test', path: '/spec/containers/0/image', value: 'one' },
        { op: 'replace', path: '/spec/containers/0/image', value: 'two' },
        { op: 'add', path: '/spec/containers/-', value: { name: 'side', image: 'three' } },
        { op: 'add', path: '/metadata/annotations', value: { 'example.com/a': 'b' } }
      ]
    });
    expect(patched.spec.containers).toMatchObject([
      { name: 'model', image: 'two' },
      { name: 'side', image: 'three' }
    ]);
    expect(patched.metadata).toMatchObject({
      annotations: { 'example.com/a': 'b' },
      generation: 2
    });
    await expect(
      runtimes.patch(at, {
        type: 'json',
        body: [{ op: 'test', path: '/spec/containers/0/image', value: 'one' }]
      })
    ).rejects.toMatchObject({ status: 422, reason: 'Invalid' });
  });

  it('merges lists by their keys for kinds of Kubernetes, and for no others', async () => {
    const pod = podOf(['main', 'side'], { schedulerName: 'nobody' });
    const { metadata } = await client
      .resource(pods)
      .create({ ...pod, metadata: { ...pod.metadata, namespace: namespace() } });
    const at = { name: metadata?.name ?? '', namespace: namespace() };
    const body = { spec: { containers: [{ name: 'side', image: 'other:2' }] } };
    const patched = await client.resource(pods).patch(at, { type: 'strategic', body });
    expect(patched.spec?.containers).toMatchObject([
      { name: 'main', image: 'busybox:1' },
      { name: 'side', image: 'other:2' }
    ]);
    await runtimes.create(runtime('unstrategic'));
    await expect(
      runtimes.patch({ ...at, name: 'unstrategic' }, { type: 'strategic', body })
    ).rejects.toMatchObject({ status: 415, reason: 'UnsupportedMediaType' });
  });

  it('refuses unknown fields and what is not there', async () => {
    await configs.create(config('strict'));
    const patch = { type: 'merge', body: { colour: 'red' } } as const;
    await expect(
      configs.patch({ name: 'strict', namespace: namespace() }, patch)
    ).rejects.toMatchObject({ message: expect.stringContaining('unknown field "colour"') });
    await expect(
      configs.patch({ name: 'nothing', namespace: namespace() }, patch)
    ).rejects.toMatchObject({ status: 404 });
  });
});

describe('status', () => {
  it('is a resource of its own', async () => {
    const sets = client.resource(jobSets);
    const replicatedJobs = [
      {
        name: 'node',
        template: {
          spec: {
            template: {
              spec: {
                restartPolicy: 'Never',
                containers: [{ name: 'main', image: 'busybox:1' }]
              }
            }
          }
        }
      }
    ];
    // Another controller's, so that nobody else writes its status.
    const spec = { managedBy: 'example.com/spec', suspend: true, replicatedJobs };
    const at = { name: 'reported', namespace: namespace() };
    const made = await sets.create({ metadata: at, spec } as never);
    expect(made.metadata?.generation).toBe(1);
    const body = { spec: { suspend: false }, status: { restarts: 3 } };
    const patched = await sets.patch(at, { type: 'merge', body }, { subresource: 'status' });
    expect(patched).toMatchObject({ spec: { suspend: true }, status: { restarts: 3 } });
    expect(patched.metadata?.generation).toBe(1);
    const changed = await sets.patch(at, { type: 'merge', body: { ...body, status: { restarts: 4 } } }); // prettier-ignore
    expect(changed).toMatchObject({ spec: { suspend: false }, status: { restarts: 3 } });
    expect(changed.metadata?.generation).toBe(2);
    const replaced = await sets.replace(
      { ...changed, status: { ...changed.status, restarts: 5 } } as never,
      { subresource: 'status' }
    );
    expect(replaced).toMatchObject({ status: { restarts: 5 }, metadata: { generation: 2 } });
  });

  it('of a pod takes what a kubelet says', async () => {
    const pod = podOf(['main'], { schedulerName: 'nobody' });
    const resource = client.resource(pods);
    const { metadata } = await resource.create({
      ...pod,
      metadata: { ...pod.metadata, namespace: namespace() }
    });
    const at = { name: metadata?.name ?? '', namespace: namespace() };
    const body = { status: { phase: 'Running', podIP: '10.0.0.1' } };
    await resource.patch(at, { type: 'strategic', body }, { subresource: 'status' });
    expect(await resource.get(at)).toMatchObject({ status: { phase: 'Running' } });
  });
});

describe('a kind without namespaces', () => {
  it('is written as others are', async () => {
    const resource = client.resource(namespaces);
    const made = await resource.create({ metadata: { generateName: 'spec-' } });
    const name = made.metadata?.name ?? '';
    const body = { metadata: { labels: { purpose: name } } };
    await resource.patch({ name }, { type: 'merge', body });
    expect(await resource.list({ labelSelector: `purpose=${name}` })).toMatchObject([
      { kind: 'Namespace', metadata: { name } }
    ]);
    await resource.delete({ name });
  });
});
