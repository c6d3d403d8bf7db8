/** @jest-environment node */
import { answering } from '../testing/answering';
import type { IConnection } from './connection';
import { ApiError, isConflict } from './errors';
import { RegistryClient } from './registryClient';
import { contains } from './registryFilter';
import { isInternalProperty, LABEL, labelsOf, propertyOf, valueOf } from './registryProperties';

const ROOT = '/api/model_registry/v1alpha3';

const MODEL = {
  id: '1',
  name: 'mnist',
  createTimeSinceEpoch: '1700000000000',
  lastUpdateTimeSinceEpoch: '1700000000000'
};

function refused(status: number, message: string): ApiError {
  return new ApiError({ service: 'registry', status, reason: 'X', message });
}

function client(...answers: Parameters<typeof answering>) {
  const { asked, transport } = answering(...answers);
  return { asked, client: new RegistryClient(transport) };
}

describe('RegistryClient', () => {
  it('reads all pages, in the order and with the filter asked for', async () => {
    const { client: registry, asked } = client(
      { items: [MODEL], nextPageToken: 'next', pageSize: 1, size: 1 },
      { items: [{ ...MODEL, id: '2' }], nextPageToken: '', pageSize: 1, size: 1 }
    );
    const filterQuery = contains('name', 'm"n');
    const ids: string[] = [];
    const options = { pageSize: 1, orderBy: 'LAST_UPDATE_TIME', sortOrder: 'DESC' } as const;
    for await (const page of registry.registeredModels.pages({ ...options, filterQuery })) {
      ids.push(...page.items.map(({ id }) => id));
    }
    expect(ids).toEqual(['1', '2']);
    expect(asked.map(({ path }) => path)).toEqual(Array(2).fill(`${ROOT}/registered_models`));
    expect(asked[1]?.query).toEqual({
      ...options,
      filterQuery: String.raw`name ILIKE "%m\"n%"`,
      nextPageToken: 'next'
    });
  });

  it('asks for what belongs to an object at its path', async () => {
    const empty = () => ({ items: [], nextPageToken: '', pageSize: 0, size: 0 });
    const { client: registry, asked } = client(...Array.from({ length: 8 }, empty));
    await registry.versionsOf('1').list();
    await registry.artifactsOf('2').list({ artifactType: 'model-artifact' });
    await registry.runsOf('3').list();
    await registry.runArtifactsOf('4').list();
    await registry.servicesOf('5').list();
    await registry.servesOf('6').list();
    await registry.metricHistory('7').list({ name: 'loss', stepIds: [1, 2] });
    await registry.metricHistory().list();
    expect(asked.map(({ path }) => path.slice(ROOT.length))).toEqual([
      '/registered_models/1/versions',
      '/model_versions/2/artifacts',
      '/experiments/3/experiment_runs',
      '/experiment_runs/4/artifacts',
      '/serving_environments/5/inference_services',
      '/inference_services/6/serves',
      '/experiment_runs/7/metric_history',
      '/experiment_runs/metric_history'
    ]);
    expect(asked[1]?.query).toMatchObject({ artifactType: 'model-artifact' });
    expect(asked[6]?.query).toMatchObject({ name: 'loss', stepIds: '1,2' });
  });

  it('creates a version that says of which model it is', async () => {
    const { client: registry, asked } = client({ ...MODEL, id: '9', registeredModelId: '1' });
    const version = await registry.versionsOf('1').create({ name: 'v1', author: 'me' });
    expect(version.id).toBe('9');
    expect(asked[0]).toMatchObject({
      method: 'POST',
      path: `${ROOT}/registered_models/1/versions`,
      json: { name: 'v1', author: 'me', registeredModelId: '1' }
    });
  });

  it('finds by name, and tells that there is none', async () => {
    const { client: registry, asked } = client(
      MODEL,
      refused(404, 'no model version found'),
      refused(403, 'no')
    );
    const versions = registry.modelVersions;
    expect(await registry.registeredModels.find({ name: 'mnist' })).toEqual(MODEL);
    expect(await versions.find({ name: 'v 1', parentResourceId: '1' })).toBeUndefined();
    await expect(versions.find({ externalId: 'x' })).rejects.toMatchObject({ status: 403 });
    expect(asked.map(({ path }) => path)).toEqual([
      `${ROOT}/registered_model`,
      `${ROOT}/model_version`,
      `${ROOT}/model_version`
    ]);
    expect(asked[1]?.query).toEqual({ name: 'v 1', parentResourceId: '1' });
  });

  it('changes single properties and keeps the others', async () => {
    const customProperties = { team: propertyOf('vision'), old: LABEL, ['__proto__']: LABEL };
    const artifact = { ...MODEL, artifactType: 'metric', customProperties };
    const { client: registry, asked } = client(artifact, MODEL);
    await registry.artifacts.changeProperties('1', { old: null, accuracy: propertyOf(0.9) });
    expect(asked[1]).toMatchObject({ method: 'PATCH', path: `${ROOT}/artifacts/1` });
    expect(JSON.parse(JSON.stringify(asked[1]?.json))).toEqual({
      artifactType: 'metric',
      customProperties: {
        team: propertyOf('vision'),
        ['__proto__']: LABEL,
        accuracy: propertyOf(0.9)
      }
    });
  });

  it('says for which registry a request is', async () => {
    const { asked, transport } = answering(MODEL, MODEL);
    const connection: { state: IConnection['state'] } = { state: null };
    const registry = new RegistryClient(transport, { connection });
    await registry.registeredModels.get('1');
    expect(asked[0]?.headers).toBeUndefined();
    connection.state = {
      active: 'kind ü',
      namespace: 'team',
      profiles: [],
      components: { registry: { available: true, choice: 'a/one' } },
      status: { ok: true }
    };
    await registry.registeredModels.get('1');
    expect(asked[1]?.headers).toEqual({ 'X-Kubeflow-Registry': 'kind%20%C3%BC/a%2Fone' });
  });

  it('hands on refusals', async () => {
    const taken = refused(409, 'name is taken');
    const { client: registry } = client(taken);
    const created = registry.registeredModels.create({ name: 'mnist' });
    await expect(created).rejects.toBe(taken);
    expect(isConflict(taken)).toBe(true);
  });

  it('refuses an answer that is no object', async () => {
    const { client: registry } = client([]);
    await expect(registry.registeredModels.list()).rejects.toMatchObject({
      reason: 'UpstreamInvalid'
    });
  });
});

describe('custom properties', () => {
  it.each([
    ['text', 'MetadataStringValue'],
    [true, 'MetadataBoolValue'],
    [-3, 'MetadataIntValue'],
    [999_999_999, 'MetadataIntValue'],
    [1_000_000_000, 'MetadataDoubleValue'],
    [0.5, 'MetadataDoubleValue']
  ])('keep %p as %s', (value, type) => {
    const property = propertyOf(value);
    expect(property.metadataType).toBe(type);
    expect(valueOf(property)).toBe(value);
  });

  it('are labels where they are empty texts', () => {
    expect(labelsOf({ prod: LABEL, zero: propertyOf(0), team: propertyOf('x') })).toEqual(['prod']);
    expect(labelsOf()).toEqual([]);
  });

  it('of the upstream UI are known', () => {
    const names = ['_lastModified', '_registeredFromPipelineProject', 'team'];
    expect(names.filter(isInternalProperty)).toEqual(names.slice(0, 2));
  });
});
