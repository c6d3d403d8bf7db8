/** The client of KFP's API over any transport. */
import { tasksFromNative, tasksFromRunDetails } from '../graph/tasks';
import type { ITask } from '../graph/tasks';
import type { Json } from '../graph/wire';
import { artifactQuery } from './artifacts';
import { ApiError, isAborted, isNotFound } from './errors';
import { pathOf } from './http';
import { followLog } from './logs';
import { everything, pages } from './paging';
import type {
  ICreateRecurringRun,
  ICreateRun,
  IExperiment,
  IListOptions,
  IPage,
  IPipeline,
  IPipelinesClient,
  IPipelineVersion,
  IRecurringRun,
  IRun,
  ITaskLogOptions
} from './pipelines';
import { PipelinesApi } from './pipelinesApi';
import type { IPipelinesOptions } from './pipelinesApi';
import {
  experimentFrom,
  isEnded,
  pipelineFrom,
  recurringRunFrom,
  runFrom,
  triggerOf,
  versionFrom,
  withoutCaching
} from './pipelinesWire';
import { RangedLog } from './rangedLog';
import type { ITransport, Query } from './transport';

export type { IPipelinesOptions };

/** Client of one KFP server, or of that of the active connection. Stateless but for what it has learned about each server. */
export class PipelinesClient implements IPipelinesClient {
  constructor(transport: ITransport, options: IPipelinesOptions = {}) {
    this._transport = transport;
    this._api = new PipelinesApi(transport, options);
  }

  async listRuns(options: IListOptions & { experimentId?: string } = {}): Promise<IPage<IRun>> {
    return this._api.pageWithin('/runs', 'runs', runFrom, options);
  }

  runs(options: IListOptions & { experimentId?: string } = {}): AsyncIterable<IPage<IRun>> {
    return pages(options, page => this.listRuns(page));
  }

  async getRun(runId: string, signal?: AbortSignal): Promise<IRun> {
    const path = pathOf('runs', runId);
    return this._withSpec(runFrom(await this._api.json({ path, signal })), signal);
  }

  async getTasks(run: IRun, signal?: AbortSignal): Promise<ITask[]> {
    const server = this._api.facts;
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
    const raw = await this._api.json({ path: pathOf('runs', run.id), signal });
    server.nativeTasks = false;
    return tasksFromRunDetails(raw);
  }

  async createRun(run: ICreateRun): Promise<IRun> {
    const json = await this._runJson(run);
    return runFrom(await this._api.json({ method: 'POST', path: '/runs', json }));
  }

  async terminateRun(runId: string): Promise<void> {
    await this._api.json({ method: 'POST', path: `${pathOf('runs', runId)}:terminate` });
  }

  async retryRun(runId: string): Promise<void> {
    await this._api.json({ method: 'POST', path: `${pathOf('runs', runId)}:retry` });
  }

  async archiveRun(runId: string): Promise<void> {
    await this._api.json({ method: 'POST', path: `${pathOf('runs', runId)}:archive` });
  }

  async unarchiveRun(runId: string): Promise<void> {
    await this._api.json({ method: 'POST', path: `${pathOf('runs', runId)}:unarchive` });
  }

  async deleteRun(runId: string): Promise<void> {
    await this._api.json({ method: 'DELETE', path: pathOf('runs', runId) });
  }

  async listRecurringRuns(
    options: IListOptions & { experimentId?: string } = {}
  ): Promise<IPage<IRecurringRun>> {
    // The one list whose key is in camel case (`v2beta1ListRecurringRunsResponse`).
    return this._api.pageWithin('/recurringruns', 'recurringRuns', recurringRunFrom, options);
  }

  async getRecurringRun(recurringRunId: string, signal?: AbortSignal): Promise<IRecurringRun> {
    const path = pathOf('recurringruns', recurringRunId);
    return this._withSpec(recurringRunFrom(await this._api.json({ path, signal })), signal);
  }

  async createRecurringRun(run: ICreateRecurringRun): Promise<IRecurringRun> {
    const { schedule, maxConcurrency = 1, catchup = true, enabled = true } = run;
    const json = {
      ...(await this._runJson(run)),
      trigger: triggerOf(schedule),
      max_concurrency: String(maxConcurrency),
      no_catchup: !catchup,
      mode: enabled ? 'ENABLE' : 'DISABLE'
    };
    const path = '/recurringruns';
    return recurringRunFrom(await this._api.json({ method: 'POST', path, json }));
  }

  async enableRecurringRun(recurringRunId: string): Promise<void> {
    const path = `${pathOf('recurringruns', recurringRunId)}:enable`;
    await this._api.json({ method: 'POST', path });
  }

  async disableRecurringRun(recurringRunId: string): Promise<void> {
    const path = `${pathOf('recurringruns', recurringRunId)}:disable`;
    await this._api.json({ method: 'POST', path });
  }

  async deleteRecurringRun(recurringRunId: string): Promise<void> {
    await this._api.json({ method: 'DELETE', path: pathOf('recurringruns', recurringRunId) });
  }

  async listExperiments(options: IListOptions = {}): Promise<IPage<IExperiment>> {
    return this._api.pageWithin('/experiments', 'experiments', experimentFrom, options);
  }

  async createExperiment(name: string, description?: string): Promise<IExperiment> {
    const namespace = await this._api.namespace();
    const json = { display_name: name, description, namespace };
    return experimentFrom(await this._api.json({ method: 'POST', path: '/experiments', json }));
  }

  async listPipelines(options: IListOptions = {}): Promise<IPage<IPipeline>> {
    return this._api.pageWithin('/pipelines', 'pipelines', pipelineFrom, options);
  }

  async getPipeline(pipelineId: string, signal?: AbortSignal): Promise<IPipeline> {
    return pipelineFrom(await this._api.json({ path: pathOf('pipelines', pipelineId), signal }));
  }

  async listVersions(
    pipelineId: string,
    options: IListOptions = {}
  ): Promise<IPage<IPipelineVersion>> {
    const path = pathOf('pipelines', pipelineId, 'versions');
    return this._api.page(path, 'pipeline_versions', versionFrom, options);
  }

  async getVersion(
    pipelineId: string,
    versionId: string,
    signal?: AbortSignal
  ): Promise<IPipelineVersion> {
    const path = pathOf('pipelines', pipelineId, 'versions', versionId);
    return versionFrom(await this._api.json({ path, signal }));
  }

  async uploadPipeline(file: Blob, name: string, description?: string): Promise<IPipeline> {
    const body = new FormData();
    // The server tells YAML from archives by the file's name.
    body.append('uploadfile', file, file instanceof File ? file.name : 'pipeline.yaml');
    const query = { name, display_name: name, description, namespace: await this._api.namespace() };
    const path = '/pipelines/upload';
    return pipelineFrom(await this._api.json({ method: 'POST', path, query, body }));
  }

  async deletePipeline(pipelineId: string): Promise<void> {
    const query = { cascade: true };
    await this._api.json({ method: 'DELETE', path: pathOf('pipelines', pipelineId), query });
  }

  async *taskLog(run: IRun, task: ITask, options: ITaskLogOptions = {}): AsyncGenerator<string> {
    const { follow = false, tail, signal, onSkipped, onTrouble } = options;
    let current: ITask | undefined = task;
    const end = tail && (await this._logEnd(run, task, tail, signal));
    if (end) {
      onSkipped?.(end.skipped);
    }
    const read = () => {
      const pod = current && podOf(current);
      return end ? end.read() : pod ? this._podLog(run, pod, signal) : undefined;
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
    const source = { read, ended, resumes: Boolean(end) };
    yield* followLog(source, { ended: isEnded(task.state), signal, onTrouble });
  }

  async taskLogFile(run: IRun, task: ITask, signal?: AbortSignal): Promise<Blob> {
    const pod = podOf(task);
    try {
      // By a range also of a task that goes on, so that the answer ends with what is there now.
      const answer = pod && (await this._askLog(run, pod, 'bytes=0-', signal));
      return answer ? await answer.blob() : new Blob();
    } catch (error) {
      if (error instanceof ApiError && error.status === 416) {
        return new Blob();
      }
      throw error;
    }
  }

  /** The end of a log that is longer than `bytes`; `undefined` for any other, and where it cannot be had for now. */
  private async _logEnd(
    run: IRun,
    task: ITask,
    bytes: number,
    signal?: AbortSignal
  ): Promise<RangedLog | undefined> {
    const pod = podOf(task);
    const { facts } = this._api;
    if (!pod || facts.logRanges === false) {
      return undefined;
    }
    const ask = async (range: string) => {
      const answer = await this._askLog(run, pod, range, signal);
      facts.logRanges = answer.status === 206;
      return answer;
    };
    try {
      return await RangedLog.open(ask, bytes);
    } catch (error) {
      if (isAborted(error)) {
        throw error;
      }
      // Reading it from its start says what is the matter.
      return undefined;
    }
  }

  private async _askLog(
    run: IRun,
    pod: string,
    range: string,
    signal?: AbortSignal
  ): Promise<Response> {
    return this._transport.response('pipelines-ui', {
      path: LOGS,
      query: await this._logQuery(run, pod, signal),
      headers: { Accept: '*/*', Range: range },
      signal
    });
  }

  private async *_podLog(run: IRun, pod: string, signal?: AbortSignal): AsyncGenerator<string> {
    const query = await this._logQuery(run, pod, signal);
    yield* this._transport.stream('pipelines-ui', { path: LOGS, query, format: 'text', signal });
  }

  private async _logQuery(run: IRun, pod: string, signal?: AbortSignal): Promise<Query> {
    return {
      podname: pod,
      runid: run.id,
      createdat: run.createdAt.slice(0, 10),
      podnamespace: await this._api.namespace(signal)
    };
  }

  async artifactContent(uri: string, signal?: AbortSignal): Promise<Response> {
    const query = artifactQuery(uri, await this._api.namespace(signal));
    const request = { path: '/artifacts/get', query, headers: { Accept: '*/*' }, signal };
    return this._transport.response('pipelines-ui', request);
  }

  private async _nativeTasks(runId: string, signal?: AbortSignal): Promise<Json[]> {
    const page = (options: IListOptions) =>
      this._api.page(pathOf('runs', runId, 'tasks'), 'tasks', task => task, options);
    return everything({ pageSize: 200, signal }, page);
  }

  /** What both runs and recurring runs are created from. */
  private async _runJson(run: ICreateRun): Promise<Json> {
    const { version, parameters = {} } = run;
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
    return {
      display_name: run.name,
      description: run.description,
      experiment_id: run.experimentId,
      ...source,
      runtime_config: { parameters }
    };
  }

  /** A run or recurring run with the spec of the version it names. */
  private async _withSpec<T extends IRun | IRecurringRun>(
    run: T,
    signal?: AbortSignal
  ): Promise<T> {
    const { pipelineId, pipelineVersionId } = run;
    if (!run.pipelineSpec && pipelineId && pipelineVersionId) {
      run.pipelineSpec = await this._specOf(pipelineId, pipelineVersionId, signal);
    }
    return run;
  }

  /** The spec of a version, which never changes; `undefined` when the version has been deleted. */
  private async _specOf(
    pipelineId: string,
    versionId: string,
    signal?: AbortSignal
  ): Promise<Json | undefined> {
    const { specs } = this._api.facts;
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

  private readonly _api: PipelinesApi;
  private readonly _transport: ITransport;
}

/** The KFP UI server's route of logs. */
const LOGS = '/k8s/pod/logs';

/** The pod whose log is the task's: its executor, else the driver, whose log says why there is none. */
function podOf(task: ITask): string | undefined {
  const executors = task.pods.filter(pod => pod.type === 'executor');
  return (executors.at(-1) ?? task.pods.at(-1))?.name;
}

/** Whether a server answered that it has no such route. */
function isUnknownRoute(error: unknown): boolean {
  return error instanceof ApiError && [404, 405, 501].includes(error.status);
}
