/** The client of Model Registry against a real Local Kubeflow: directly, and through a real Jupyter server with this extension. */
import { randomUUID } from 'node:crypto';

import { ServerConnection } from '@jupyterlab/services';

import { failure, home, services, token } from '../../testing/contract';
import { startJupyter } from '../../testing/jupyterServer';
import type { ITestJupyter } from '../../testing/jupyterServer';
import {
  Connection,
  DirectTransport,
  everything,
  isConflict,
  JupyterServer,
  JupyterTransport,
  RegistryClient,
  registryFilter,
  registryProperties
} from '..';
import type { IRegistryListOptions } from '..';

const { and, contains, isOneOf, or, propertyContains, where, whereProperty, written } =
  registryFilter;
const { LABEL, labelsOf, propertyOf } = registryProperties;

jest.setTimeout(90_000);

let jupyter: ITestJupyter;
let server: JupyterServer<ServerConnection.ISettings>;
let connection: Connection;

beforeAll(async () => {
  jupyter = await startJupyter(home);
  const settings = ServerConnection.makeSettings({
    baseUrl: jupyter.url,
    token: jupyter.token,
    appendToken: true
  });
  server = new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
  connection = new Connection(server);
  await connection.refresh();
});

afterAll(async () => {
  server?.streams.dispose();
  await jupyter?.stop();
});

it('refuses what is meant for another registry', async () => {
  const other = { state: connection.state && { ...connection.state, active: 'other' } };
  const client = new RegistryClient(new JupyterTransport(server), { connection: other });
  const error = await failure(client.registeredModels.create({ name: randomUUID() }));
  expect(isConflict(error)).toBe(true);
});

describe.each<[string, () => RegistryClient]>([
  ['directly', () => new RegistryClient(new DirectTransport({ services, token }))],
  ['through Jupyter', () => new RegistryClient(new JupyterTransport(server), { connection })]
])('%s', (_, connect) => {
  let registry: RegistryClient;
  /** Begins every name, so that the specs do not see one another's objects. */
  let own: string;

  beforeEach(() => {
    registry = connect();
    own = `spec ${randomUUID()}`;
  });

  /** Names of the own models that a filter finds, in the order of their making. */
  async function found(options: IRegistryListOptions = {}): Promise<string[]> {
    const filterQuery = and(where('name', 'LIKE', `${own}%`), options.filterQuery);
    const read = (page: IRegistryListOptions) => registry.registeredModels.list(page);
    const models = await everything({ ...options, filterQuery }, read);
    return models.map(({ name }) => name.slice(own.length + 1));
  }

  it('registers a model with a version and its files', async () => {
    const model = await registry.registeredModels.create({
      name: own,
      description: 'Digits.',
      owner: 'me',
      customProperties: { team: propertyOf('vision') }
    });
    expect(model).toMatchObject({ name: own, description: 'Digits.', owner: 'me', state: 'LIVE' });
    expect(Number(model.createTimeSinceEpoch)).toBeGreaterThan(1.7e12);

    const versions = registry.versionsOf(model.id);
    const version = await versions.create({ name: 'v1', author: 'me' });
    expect(version).toMatchObject({ registeredModelId: model.id, state: 'LIVE' });
    const artifact = await registry.artifactsOf(version.id).create({
      artifactType: 'model-artifact',
      name: 'files',
      uri: 's3://models/mnist',
      modelFormatName: 'onnx',
      modelSourceKind: 'trainjob'
    });
    await registry.artifactsOf(version.id).create({ artifactType: 'doc-artifact', name: 'card' });

    expect((await versions.list()).items).toEqual([version]);
    expect(await registry.modelVersions.get(version.id)).toEqual(version);
    expect((await registry.artifactsOf(version.id).list()).items).toHaveLength(2);
    const files = { artifactType: 'model-artifact' } as const;
    expect((await registry.artifactsOf(version.id).list(files)).items).toEqual([artifact]);
    expect(await registry.modelArtifacts.get(artifact.id)).toEqual(artifact);
  });

  it('finds by name and external id', async () => {
    const model = await registry.registeredModels.create({ name: own, externalId: `${own} x` });
    const version = await registry.versionsOf(model.id).create({ name: `v'1"` });
    expect(await registry.registeredModels.find({ name: own })).toEqual(model);
    expect(await registry.registeredModels.find({ externalId: `${own} x` })).toEqual(model);
    expect(await registry.registeredModels.find({ name: `${own} none` })).toBeUndefined();
    const by = { name: `v'1"`, parentResourceId: model.id };
    expect(await registry.modelVersions.find(by)).toEqual(version);
  });

  it('refuses a name that is taken', async () => {
    await registry.registeredModels.create({ name: own });
    const error = await failure(registry.registeredModels.create({ name: own }));
    expect(isConflict(error)).toBe(true);
    expect(error).toMatchObject({ service: 'registry' });
  });

  it('changes what is given, archives and restores', async () => {
    const model = await registry.registeredModels.create({ name: own, description: 'Kept.' });
    const { id } = model;
    const archived = await registry.registeredModels.update(id, { state: 'ARCHIVED' });
    expect(archived).toMatchObject({ state: 'ARCHIVED', description: 'Kept.', name: own });
    expect(await found({ filterQuery: where('state', '=', 'LIVE') })).toEqual([]);
    await registry.registeredModels.update(id, { state: 'LIVE' });
    expect(await found({ filterQuery: where('state', '=', 'LIVE') })).toEqual(['']);
  });

  it('changes single properties of every type of artifact', async () => {
    const model = await registry.registeredModels.create({ name: own });
    const { id } = await registry.versionsOf(model.id).create({ name: 'v1' });
    const values = { int: propertyOf(-3), double: propertyOf(1e-9), bool: propertyOf(false) };
    await registry.modelVersions.changeProperties(id, { ...values, prod: LABEL, old: LABEL });
    const { customProperties } = await registry.modelVersions.changeProperties(id, {
      old: null,
      text: propertyOf('ünï "x"')
    });
    expect(customProperties).toEqual({ ...values, prod: LABEL, text: propertyOf('ünï "x"') });
    expect(labelsOf(customProperties)).toEqual(['prod']);

    const artifacts = registry.artifactsOf(id);
    const made = [
      await artifacts.create({ artifactType: 'model-artifact', uri: 'hf://a/b' }),
      await artifacts.create({ artifactType: 'doc-artifact', uri: 'https://example.org' }),
      await artifacts.create({ artifactType: 'dataset-artifact', name: 'data', digest: 'abc' }),
      await artifacts.create({ artifactType: 'metric', name: 'loss', value: 0.25, step: 3 }),
      await artifacts.create({ artifactType: 'parameter', name: 'lr', value: '0.1' })
    ];
    for (const artifact of made) {
      const changed = await registry.artifacts.changeProperties(artifact.id, { prod: LABEL });
      const { lastUpdateTimeSinceEpoch } = changed;
      expect(changed).toEqual({
        ...artifact,
        customProperties: { prod: LABEL },
        lastUpdateTimeSinceEpoch
      });
    }
  });

  it('finds what a filter says, whatever was typed', async () => {
    const names = ['a', 'b_c', 'bxc', '100%', `it's "q" \\o`, 'UPPER'];
    for (const [index, name] of names.entries()) {
      const customProperties = {
        index: propertyOf(index),
        'score x': propertyOf(index / 10),
        even: propertyOf(index % 2 === 0),
        and: propertyOf(`t${index}`)
      };
      await registry.registeredModels.create({ name: `${own} ${name}`, customProperties });
    }
    const by = (filterQuery?: registryFilter.FilterQuery) => found({ filterQuery });
    expect(await by()).toEqual(names);
    for (const name of names) {
      expect(await by(where('name', '=', `${own} ${name}`))).toEqual([name]);
    }
    expect(await by(contains('name', 'b_'))).toEqual(['b_c']);
    expect(await by(contains('name', '0%'))).toEqual(['100%']);
    expect(await by(contains('name', '\\O'))).toEqual([names[4]]);
    expect(await by(contains('name', 'upper'))).toEqual(['UPPER']);
    expect(await by(contains('name', `" OR name != "`))).toEqual([]);
    expect(await by(whereProperty('index', '>', 3.5))).toEqual(names.slice(4));
    expect(await by(whereProperty('score x', '>=', 0.4))).toEqual(names.slice(4));
    expect(await by(whereProperty('score x', '=', 0))).toEqual(['a']);
    expect(await by(whereProperty('even', '=', true))).toEqual([names[0], names[2], names[4]]);
    expect(await by(propertyContains('and', 'T3'))).toEqual(['100%']);
    const either = isOneOf('name', [`${own} a`, `${own} bxc`]);
    expect(await by(either)).toEqual(['a', 'bxc']);
    expect(await by(or(either, whereProperty('index', '=', 5)))).toEqual(['a', 'bxc', 'UPPER']);
    expect(await by(written('index > 1 AND index < 3 OR index = 5'))).toEqual(['bxc', 'UPPER']);
    expect(await by(isOneOf('name', []))).toEqual([]);
  });

  it('says what is wrong with a filter that was written', async () => {
    const filterQuery = written('name = ');
    const error = await failure(registry.registeredModels.list({ filterQuery }));
    expect(error).toMatchObject({ service: 'registry', status: 400 });
  });

  it('reads in pages and in the order asked for', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await registry.registeredModels.create({ name: `${own} ${name}` });
    }
    expect(await found({ pageSize: 2 })).toEqual(['a', 'b', 'c', 'd', 'e']);
    const newest = { pageSize: 2, orderBy: 'CREATE_TIME', sortOrder: 'DESC' } as const;
    expect(await found(newest)).toEqual(['e', 'd', 'c', 'b', 'a']);
    const first = await registry.registeredModels.find({ name: `${own} a` });
    await registry.registeredModels.update(first?.id ?? '', { description: 'new' });
    const changed = { ...newest, orderBy: 'LAST_UPDATE_TIME' } as const;
    expect((await found(changed))[0]).toBe('a');
  });

  it('records where a version is served', async () => {
    const model = await registry.registeredModels.create({ name: own });
    const version = await registry.versionsOf(model.id).create({ name: 'v1' });
    const environment = await registry.servingEnvironments.create({ name: own });
    const service = await registry.servicesOf(environment.id).create({
      name: 'mnist',
      registeredModelId: model.id,
      modelVersionId: version.id,
      runtime: 'mlserver'
    });
    expect(service).toMatchObject({ desiredState: 'DEPLOYED', runtime: 'mlserver' });
    expect((await registry.servicesOf(environment.id).list()).items).toEqual([service]);
    expect(await registry.inferenceServices.get(service.id)).toEqual(service);
    expect(await registry.modelOf(service.id)).toEqual(model);
    expect(await registry.versionOf(service.id)).toEqual(version);
    const serve = { modelVersionId: version.id, lastKnownState: 'RUNNING' } as const;
    const served = await registry.servesOf(service.id).create(serve);
    expect((await registry.servesOf(service.id).list()).items).toEqual([served]);
    const desiredState = 'UNDEPLOYED';
    const undeployed = await registry.inferenceServices.update(service.id, { desiredState });
    expect(undeployed.desiredState).toBe(desiredState);
  });

  it('keeps the history of a run’s metrics', async () => {
    const experiment = await registry.experiments.create({ name: own });
    const run = await registry.runsOf(experiment.id).create({ name: 'run', owner: 'me' });
    expect((await registry.runsOf(experiment.id).list()).items).toEqual([run]);
    const artifacts = registry.runArtifactsOf(run.id);
    for (const step of [1, 2, 3]) {
      const timestamp = String(1_700_000_000_000 + step);
      await artifacts.create({
        artifactType: 'metric',
        name: 'loss',
        value: 1 / step,
        step,
        timestamp
      });
    }
    await artifacts.create({ artifactType: 'parameter', name: 'lr', value: '0.1' });
    const history = registry.metricHistory(run.id);
    const steps = async (options: Parameters<typeof history.list>[0]) =>
      (await history.list(options)).items.map(({ step }) => step);
    expect(await steps({ name: 'loss' })).toEqual([1, 2, 3]);
    expect(await steps({ name: 'loss', stepIds: [1, 3] })).toEqual([1, 3]);
    expect(await steps({ name: 'none' })).toEqual([]);
    const latest = await artifacts.list({ artifactType: 'metric' });
    expect(latest.items).toMatchObject([{ name: 'loss', step: 3, experimentRunId: run.id }]);
    const status = 'FINISHED';
    expect(await registry.experimentRuns.update(run.id, { status })).toMatchObject({ status });
  });

  it('tells what is not there', async () => {
    const error = await failure(registry.modelVersions.get('999999999'));
    expect(error).toMatchObject({ service: 'registry', status: 404 });
  });
});
