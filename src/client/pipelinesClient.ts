/** The client of KFP's API over any transport. */
import { tasksFromNative, tasksFromRunDetails } from '../graph/tasks';
import type { ITask } from '../graph/tasks';
import { list, object, text } from '../graph/wire';
import type { Json } from '../graph/wire';
import { artifactQuery } from './artifacts';
import type { IConnection } from './connection';
import { ApiError, isNotFound } from './errors';
import { pathOf } from './http';
import { followLog } from './logs';
import { pages } from './paging';
import type {
  ICreateRun,
  IExperiment,
  IListOptions,
  IPage,
  IPipeline,
  IPipelinesClient,
  IPipelineVersion,
  IRun
} from './pipelines';
import {
  experimentFrom,
  isEnded,
  pipelineFrom,
  runFrom,
  versionFrom,
  withoutCaching
} from './pipelinesWire';
import type { IServiceRequest, ITransport, Query } from './transport';

/** What a `PipelinesClient` is told beside its transport. */
export interface IPipelinesOptions {
  /** Tells the namespace, and by its profile which server is asked. */
  connection?: Pick<IConnection, 'state'>;
  /** The namespace where there is no connection. Used only with a multi-user KFP. */
  namespace?: string;
}

/** Client of one KFP server, or of that of the active connection. Stateless but for what it has learned about each server. */
export class PipelinesClient implements IPipelinesClient {
  constructor(transport: ITransport, options: IPipelinesOptions = {}) {
    this._transport = transport;
    this._options = options;
  }

  async listRuns(options: IListOptions & { experimentId?: string } = {}): Promise<IPage<IRun>> {
    const query = { experiment_id: options.experimentId };
    return this._list('/runs', 'runs', runFrom, options, query);
  }

  runs(options: IListOptions & { experimentId?: string } = {}): AsyncIterable<IPage<IRun>> {
    return pages(options, page => this.listRuns(page));
  }

  async getRun(runId: string, signal?: AbortSignal): Promise<IRun> {
    const run = runFrom(await this._json<Json>({ path: pathOf('runs', runId), signal }));
    const { pipelineId, pipelineVersionId } = run;
    if (!run.pipelineSpec && pipelineId && pipelineVersionId) {
      run.pipelineSpec = await this._specOf(pipelineId, pipelineVersionId, signal);
    }
    return run;
  }

  async getTasks(run: IRun, signal?: AbortSignal): Promise<ITask[]> {
    const server = this._server();
    if (server.nativeTasks !== false) {
      try {
        const tasks = await this._nativeTasks(run.id, signal);
        server.nativeTasks = true;
        return tasksFromNative(tasks);
      } catch (error) {
        if (server.nativeTasks || !isUnknownRoute(error)) {
          throw error;
        }
      }
    }
    // Also tells a server without native tasks from a run that is not there: both answered 404.
    const raw = await this._json<Json>({ path: pathOf('runs', run.id), signal });
    server.nativeTasks = false;
    return tasksFromRunDetails(raw);
  }

  async createRun(run: ICreateRun): Promise<IRun> {
    const { name, experimentId, version, parameters = {} } = run;
    let spec = run.pipelineSpec;
    if (!spec && version && run.caching === false) {
      // The API has no such switch, so that the version's spec is sent instead of its name.
      spec = await this._versionSpec(version);
    }
    const source = spec
      ? { pipeline_spec: run.caching === false ? withoutCaching(spec) : spec }
      : {
          pipeline_version_reference: {
            pipeline_id: version?.pipelineId,
            pipeline_version_id: version?.versionId
          }
        };
    const json = {
      display_name: name,
      experiment_id: experimentId,
      ...source,
      runtime_config: { parameters }
    };
    return runFrom(await this._json<Json>({ method: 'POST', path: '/runs', json }));
  }

  async terminateRun(runId: string): Promise<void> {
    await this._json({ method: 'POST', path: `${pathOf('runs', runId)}:terminate` });
  }

  async deleteRun(runId: string): Promise<void> {
    await this._json({ method: 'DELETE', path: pathOf('runs', runId) });
  }

  async listExperiments(options: IListOptions = {}): Promise<IPage<IExperiment>> {
    return this._list('/experiments', 'experiments', experimentFrom, options);
  }

  async createExperiment(name: string, description?: string): Promise<IExperiment> {
    const namespace = await this._namespace();
    const json = { display_name: name, description, namespace };
    return experimentFrom(await this._json<Json>({ method: 'POST', path: '/experiments', json }));
  }

  async listPipelines(options: IListOptions = {}): Promise<IPage<IPipeline>> {
    return this._list('/pipelines', 'pipelines', pipelineFrom, options);
  }

  async listVersions(
    pipelineId: string,
    options: IListOptions = {}
  ): Promise<IPage<IPipelineVersion>> {
    const path = pathOf('pipelines', pipelineId, 'versions');
    return this._list(path, 'pipeline_versions', versionFrom, options);
  }

  async getVersion(
    pipelineId: string,
    versionId: string,
    signal?: AbortSignal
  ): Promise<IPipelineVersion> {
    const path = pathOf('pipelines', pipelineId, 'versions', versionId);
    return versionFrom(await this._json<Json>({ path, signal }));
  }

  async uploadPipeline(file: Blob, name: string, description?: string): Promise<IPipeline> {
    const body = new FormData();
    // The server tells YAML from archives by the file's name.
    body.append('uploadfile', file, file instanceof File ? file.name : 'pipeline.yaml');
    const query = { name, display_name: name, description, namespace: await this._namespace() };
    const path = '/pipelines/upload';
    return pipelineFrom(await this._json<Json>({ method: 'POST', path, query, body }));
  }

  async deletePipeline(pipelineId: string): Promise<void> {
    const query = { cascade: true };
    await this._json({ method: 'DELETE', path: pathOf('pipelines', pipelineId), query });
  }

  async *taskLog(
    run: IRun,
    task: ITask,
    options: { follow?: boolean; signal?: AbortSignal; onTrouble?: (error: unknown) => void } = {}
  ): AsyncGenerator<string> {
    const { follow = false, signal, onTrouble } = options;
    let current: ITask | undefined = task;
    const read = () => {
      const pod = current && podOf(current);
      return pod ? this._podLog(run, pod, signal) : undefined;
    };
    if (!follow) {
      yield* read() ?? [];
      return;
    }
    const ended = async () => {
      const tasks = await this.getTasks(run, signal);
      current = tasks.find(({ id }) => id === task.id);
      // KFP 2 may leave a task running in a run that was terminated.
      const alive = current && !isEnded(current.state);
      return !alive || isEnded((await this.getRun(run.id, signal)).state);
    };
    yield* followLog({ read, ended }, { ended: isEnded(task.state), signal, onTrouble });
  }

  private async *_podLog(run: IRun, pod: string, signal?: AbortSignal): AsyncGenerator<string> {
    const query = {
      podname: pod,
      runid: run.id,
      createdat: run.createdAt.slice(0, 10),
      podnamespace: await this._namespace(signal)
    };
    const path = '/k8s/pod/logs';
    yield* this._transport.stream('pipelines-ui', { path, query, format: 'text', signal });
  }

  async artifactContent(uri: string, signal?: AbortSignal): Promise<Response> {
    const query = artifactQuery(uri, await this._namespace(signal));
    const request = { path: '/artifacts/get', query, headers: { Accept: '*/*' }, signal };
    return this._transport.response('pipelines-ui', request);
  }

  private async _nativeTasks(runId: string, signal?: AbortSignal): Promise<Json[]> {
    const page = (options: IListOptions) =>
      this._page(pathOf('runs', runId, 'tasks'), 'tasks', task => task, options);
    const tasks: Json[] = [];
    for await (const { items } of pages({ pageSize: 200, signal }, page)) {
      tasks.push(...items);
    }
    return tasks;
  }

  /** The spec of a version, which never changes; `undefined` when the version has been deleted. */
  private async _specOf(
    pipelineId: string,
    versionId: string,
    signal?: AbortSignal
  ): Promise<Json | undefined> {
    const { specs } = this._server();
    const known = specs.get(versionId);
    if (known) {
      return known;
    }
    try {
      const { pipelineSpec } = await this.getVersion(pipelineId, versionId, signal);
      if (pipelineSpec) {
        specs.set(versionId, pipelineSpec);
      }
      return pipelineSpec;
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** The spec of a version, the pipeline's latest when none is named. */
  private async _versionSpec(version: NonNullable<ICreateRun['version']>): Promise<Json> {
    const { pipelineId, versionId } = version;
    const newest = { pageSize: 1, sortBy: 'created_at desc' };
    const found = versionId
      ? await this.getVersion(pipelineId, versionId)
      : (await this.listVersions(pipelineId, newest)).items[0];
    if (!found?.pipelineSpec) {
      throw new ApiError({
        service: 'pipelines',
        status: 404,
        reason: 'NotFound',
        message: `The pipeline ${pipelineId} has no version to run.`
      });
    }
    return found.pipelineSpec;
  }

  /** A page of a list that belongs to a namespace. */
  private async _list<T>(
    path: string,
    key: string,
    convert: (raw: Json) => T,
    options: IListOptions,
    query: Query = {}
  ): Promise<IPage<T>> {
    const scoped = path.endsWith('/versions') || query['experiment_id'];
    const namespace = scoped ? undefined : await this._namespace(options.signal);
    return this._page(path, key, convert, options, { ...query, namespace });
  }

  private async _page<T>(
    path: string,
    key: string,
    convert: (raw: Json) => T,
    options: IListOptions,
    query: Query = {}
  ): Promise<IPage<T>> {
    const answer = await this._json<Json | undefined>({
      path,
      query: {
        ...query,
        page_size: options.pageSize,
        page_token: options.pageToken,
        sort_by: options.sortBy,
        filter: options.filter && JSON.stringify(options.filter)
      },
      signal: options.signal
    });
    const { [key]: items, total_size: total, next_page_token: next } = answer ?? {};
    return {
      items: list(items).map(item => convert(object(item))),
      total: typeof total === 'number' ? total : undefined,
      nextPageToken: text(next)
    };
  }

  private _json<T>(request: IServiceRequest): Promise<T> {
    const path = `/apis/v2beta1${request.path}`;
    return this._transport.json<T>('pipelines', { ...request, path });
  }

  /** The namespace to ask for: none where KFP runs for a single user, as it refuses one there. */
  private async _namespace(signal?: AbortSignal): Promise<string | undefined> {
    const namespace = this._options.connection?.state?.namespace ?? this._options.namespace;
    if (!namespace) {
      return undefined;
    }
    const server = this._server();
    server.multiUser ??= (await this._json<Json>({ path: '/healthz', signal })).multi_user === true;
    return server.multiUser ? namespace : undefined;
  }

  /** What is known of the server that is asked now. */
  private _server(): IServerFacts {
    const key = this._options.connection?.state?.active ?? '';
    const known = this._servers.get(key) ?? { specs: new Map<string, Json>() };
    this._servers.set(key, known);
    return known;
  }

  private readonly _transport: ITransport;
  private readonly _options: IPipelinesOptions;
  private readonly _servers = new Map<string, IServerFacts>();
}

/** What a client has learned about a server. */
interface IServerFacts {
  multiUser?: boolean;
  nativeTasks?: boolean;
  /** Spec by version. */
  specs: Map<string, Json>;
}

/** The pod whose log is the task's: its executor, else the driver, whose log says why there is none. */
function podOf(task: ITask): string | undefined {
  const executors = task.pods.filter(pod => pod.type === 'executor');
  return (executors.at(-1) ?? task.pods.at(-1))?.name;
}

/** Whether a server answered that it has no such route. */
function isUnknownRoute(error: unknown): boolean {
  return error instanceof ApiError && [404, 405, 501].includes(error.status);
}
