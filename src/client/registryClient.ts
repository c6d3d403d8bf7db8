/** The client of a Model Registry over any transport. */
import { list, object, text } from '../graph/wire';
import type { Json } from '../graph/wire';
import type { IConnection } from './connection';
import type * as wire from './generated/modelRegistry.v1alpha3';
import { ApiError, isNotFound } from './errors';
import { pathOf } from './http';
import { pages } from './paging';
import type { IPage } from './pipelines';
import type {
  CustomProperties,
  IArtifactListOptions,
  IFindBy,
  IMetricHistoryOptions,
  IModelVersion,
  IRegisteredModel,
  IRegistryChildren,
  IRegistryClient,
  IRegistryCollection,
  IRegistryList,
  IRegistryListOptions
} from './registry';
import type { IServiceRequest, ITransport } from './transport';

/** What a `RegistryClient` is told beside its transport. */
export interface IRegistryOptions {
  connection?: Pick<IConnection, 'state'>;
}

/** Client of one registry, or of that of the active connection. Stateless. */
export class RegistryClient implements IRegistryClient {
  /**
   * @param options - with a `connection`, requests are for the registry that it tells: where another one is in use meanwhile, chosen for
   * example in another window, they are refused with 409, since objects of another registry have the same ids
   */
  constructor(transport: ITransport, options: IRegistryOptions = {}) {
    transport = meantFor(transport, options);
    this._transport = transport;
    this.registeredModels = new Collection(transport, 'registered_model');
    this.modelVersions = new Collection(transport, 'model_version');
    this.artifacts = new Collection(transport, 'artifact', 'artifactType');
    this.modelArtifacts = new Collection(transport, 'model_artifact', 'artifactType');
    this.inferenceServices = new Collection(transport, 'inference_service');
    this.servingEnvironments = new Collection(transport, 'serving_environment');
    this.experiments = new Collection(transport, 'experiment');
    this.experimentRuns = new Collection(transport, 'experiment_run');
  }

  readonly registeredModels: IRegistryClient['registeredModels'];
  readonly modelVersions: IRegistryClient['modelVersions'];
  readonly artifacts: IRegistryClient['artifacts'];
  readonly modelArtifacts: IRegistryClient['modelArtifacts'];
  readonly inferenceServices: IRegistryClient['inferenceServices'];
  readonly servingEnvironments: IRegistryClient['servingEnvironments'];
  readonly experiments: IRegistryClient['experiments'];
  readonly experimentRuns: IRegistryClient['experimentRuns'];

  versionsOf(registeredModelId: string): ReturnType<IRegistryClient['versionsOf']> {
    const path = pathOf('registered_models', registeredModelId, 'versions');
    return new Children(this._transport, path, { registeredModelId });
  }

  artifactsOf(modelVersionId: string): ReturnType<IRegistryClient['artifactsOf']> {
    return new Children(this._transport, pathOf('model_versions', modelVersionId, 'artifacts'));
  }

  runArtifactsOf(experimentRunId: string): ReturnType<IRegistryClient['runArtifactsOf']> {
    return new Children(this._transport, pathOf('experiment_runs', experimentRunId, 'artifacts'));
  }

  runsOf(experimentId: string): ReturnType<IRegistryClient['runsOf']> {
    const path = pathOf('experiments', experimentId, 'experiment_runs');
    return new Children(this._transport, path, { experimentId });
  }

  servicesOf(servingEnvironmentId: string): ReturnType<IRegistryClient['servicesOf']> {
    const path = pathOf('serving_environments', servingEnvironmentId, 'inference_services');
    return new Children(this._transport, path, { servingEnvironmentId });
  }

  servesOf(inferenceServiceId: string): ReturnType<IRegistryClient['servesOf']> {
    return new Children(
      this._transport,
      pathOf('inference_services', inferenceServiceId, 'serves')
    );
  }

  modelOf(inferenceServiceId: string, signal?: AbortSignal): Promise<IRegisteredModel> {
    const path = pathOf('inference_services', inferenceServiceId, 'model');
    return ask(this._transport, { path, signal });
  }

  versionOf(inferenceServiceId: string, signal?: AbortSignal): Promise<IModelVersion> {
    const path = pathOf('inference_services', inferenceServiceId, 'version');
    return ask(this._transport, { path, signal });
  }

  metricHistory(experimentRunId?: string): ReturnType<IRegistryClient['metricHistory']> {
    const run = experimentRunId === undefined ? [] : [experimentRunId];
    return new List(this._transport, pathOf('experiment_runs', ...run, 'metric_history'));
  }

  private readonly _transport: ITransport;
}

/** What single custom properties are changed of. */
interface IPropertied {
  id: string;
  customProperties?: CustomProperties;
}

class List<T, O extends IMetricHistoryOptions & IArtifactListOptions> implements IRegistryList<
  T,
  O
> {
  constructor(
    protected readonly transport: ITransport,
    protected readonly path: string
  ) {}

  async list(options?: O): Promise<IPage<T>> {
    const { pageToken, stepIds, signal, ...query } = options ?? ({} as O);
    const answer = await ask<Json>(this.transport, {
      path: this.path,
      query: { ...query, stepIds: stepIds?.join(','), nextPageToken: pageToken },
      signal
    });
    return { items: list(answer.items) as T[], nextPageToken: text(answer.nextPageToken) };
  }

  pages(options?: O): AsyncIterable<IPage<T>> {
    return pages<T, O>(options ?? ({} as O), page => this.list(page));
  }
}

class Children<T, C, O extends IRegistryListOptions>
  extends List<T, O>
  implements IRegistryChildren<T, C, O>
{
  /** @param parent - fields with which a new one says what it belongs to, where the path alone does not do */
  constructor(
    transport: ITransport,
    path: string,
    private readonly parent: Json = {}
  ) {
    super(transport, path);
  }

  create(created: C): Promise<T> {
    const json = { ...created, ...this.parent };
    return ask(this.transport, { method: 'POST', path: this.path, json });
  }
}

class Collection<T extends IPropertied, C, U, O extends IRegistryListOptions>
  extends Children<T, C, O>
  implements IRegistryCollection<T, C, U, O>
{
  /**
   * @param name - of the type in paths
   * @param tag - a field that a change has to have, since it tells the type
   */
  constructor(
    transport: ITransport,
    private readonly name: string,
    private readonly tag?: keyof T
  ) {
    super(transport, pathOf(`${name}s`));
  }

  get(id: string, signal?: AbortSignal): Promise<T> {
    return ask(this.transport, { path: this.of(id), signal });
  }

  async find(by: IFindBy, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await ask<T>(this.transport, { path: pathOf(this.name), query: { ...by }, signal });
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  update(id: string, change: U): Promise<T> {
    return ask(this.transport, { method: 'PATCH', path: this.of(id), json: change });
  }

  async changeProperties(
    id: string,
    change: Record<string, wire.MetadataValue | null>
  ): Promise<T> {
    const current = await this.get(id);
    const properties = new Map<string, wire.MetadataValue | null>([
      ...Object.entries(current.customProperties ?? {}),
      ...Object.entries(change)
    ]);
    const customProperties = Object.fromEntries([...properties].filter(([, value]) => value));
    const tag = this.tag && { [this.tag]: current[this.tag] };
    const json = { ...tag, customProperties };
    return ask(this.transport, { method: 'PATCH', path: this.of(id), json });
  }

  private of(id: string): string {
    return this.path + pathOf(id);
  }
}

/** The transport whose requests say for which registry they are, as far as the connection tells. */
function meantFor(transport: ITransport, { connection }: IRegistryOptions): ITransport {
  const withPlace = <R extends IServiceRequest>(request: R): R => {
    const state = connection?.state;
    if (!state) {
      return request;
    }
    const names = [state.active, state.components.registry?.choice ?? ''];
    const place = names.map(encodeURIComponent).join('/');
    return { ...request, headers: { ...request.headers, 'X-Kubeflow-Registry': place } };
  };
  return {
    json: (service, request) => transport.json(service, withPlace(request)),
    response: (service, request) => transport.response(service, withPlace(request)),
    stream: (service, request) => transport.stream(service, request)
  };
}

/** The JSON object that the registry answers. `request.path` is below the API's root. */
async function ask<T>(
  transport: ITransport,
  request: Parameters<ITransport['json']>[1]
): Promise<T> {
  const path = `/api/model_registry/v1alpha3${request.path}`;
  const answer = await transport.json<T>('registry', { ...request, path });
  if (object(answer) !== answer) {
    throw new ApiError({
      service: 'registry',
      status: 502,
      reason: 'UpstreamInvalid',
      message:
        'The model registry did not answer with an object. Check the address of the connection.'
    });
  }
  return answer;
}
