/**
 * Client of the KFP API v2beta1 (`backend/api/v2beta1/swagger` of kubeflow/pipelines) and of the KFP UI server's log and artifact routes.
 */
import type { GraphState } from '../graph/schema';
import type { ITask } from '../graph/tasks';

/** A run (`v2beta1Run`). Times are ISO 8601. */
export interface IRun {
  id: string;
  name: string;
  state: GraphState;
  /** KFP's own word, for example `CANCELING`. */
  rawState: string;
  archived: boolean;
  experimentId?: string;
  createdAt: string;
  finishedAt?: string;
  error?: string;
  parameters: Record<string, unknown>;
  pipelineId?: string;
  pipelineVersionId?: string;
  /** The inline spec, or after `getRun` also that of the version it was created from. */
  pipelineSpec?: Record<string, unknown>;
  /** The answer as it came. */
  raw: Record<string, unknown>;
}

/** A pipeline experiment (`v2beta1Experiment`). */
export interface IExperiment {
  id: string;
  name: string;
  description?: string;
  createdAt: string;
  archived: boolean;
}

/** A pipeline (`v2beta1Pipeline`). */
export interface IPipeline {
  id: string;
  name: string;
  displayName: string;
  description?: string;
  createdAt: string;
}

/** A pipeline version (`v2beta1PipelineVersion`). */
export interface IPipelineVersion {
  id: string;
  pipelineId: string;
  name: string;
  displayName: string;
  description?: string;
  createdAt: string;
  pipelineSpec?: Record<string, unknown>;
}

/** One page of a list. */
export interface IPage<T> {
  items: T[];
  /** All items that match, when the server says. */
  total?: number;
  nextPageToken?: string;
}

/** How a list is to be read. */
export interface IListOptions {
  /** At most this many a page; the server's default when left out. */
  pageSize?: number;
  pageToken?: string;
  /** `created_at desc`. */
  sortBy?: string;
  /** KFP's filter (`v2beta1Filter`). */
  filter?: { predicates: Record<string, unknown>[] };
  signal?: AbortSignal;
}

/** What a run is created from. */
export interface ICreateRun {
  name: string;
  experimentId?: string;
  pipelineSpec?: Record<string, unknown>;
  version?: { pipelineId: string; versionId?: string };
  parameters?: Record<string, unknown>;
  /** `false` switches caching off in every task of the spec. */
  caching?: boolean;
}

/** The KFP operations that the suite uses. All reject with `ApiError`. */
export interface IPipelinesClient {
  listRuns(options?: IListOptions & { experimentId?: string }): Promise<IPage<IRun>>;
  /** All pages of `listRuns`, one after the other. */
  runs(options?: IListOptions & { experimentId?: string }): AsyncIterable<IPage<IRun>>;
  getRun(runId: string, signal?: AbortSignal): Promise<IRun>;
  /** The tasks of a run in one shape, from native tasks where the server has them, else from `run_details`. */
  getTasks(run: IRun, signal?: AbortSignal): Promise<ITask[]>;
  createRun(run: ICreateRun): Promise<IRun>;
  terminateRun(runId: string): Promise<void>;
  deleteRun(runId: string): Promise<void>;
  listExperiments(options?: IListOptions): Promise<IPage<IExperiment>>;
  createExperiment(name: string, description?: string): Promise<IExperiment>;
  listPipelines(options?: IListOptions): Promise<IPage<IPipeline>>;
  listVersions(pipelineId: string, options?: IListOptions): Promise<IPage<IPipelineVersion>>;
  getVersion(pipelineId: string, versionId: string): Promise<IPipelineVersion>;
  uploadPipeline(file: Blob, name: string, description?: string): Promise<IPipeline>;
  deletePipeline(pipelineId: string): Promise<void>;
  /**
   * A task's log from its start. With `follow` it goes on until the task has ended; a server that answers only what is there so far is
   * asked again, and nothing is repeated. What may pass, such as a server that cannot be reached, is tried again for as long as it takes
   * and told to `onTrouble`, which is called with `undefined` once the log is heard again.
   */
  taskLog(
    run: IRun,
    task: ITask,
    options?: { follow?: boolean; signal?: AbortSignal; onTrouble?: (error: unknown) => void }
  ): AsyncIterable<string>;
  /** An artifact's content (`/artifacts/get` of the KFP UI server). */
  artifactContent(uri: string, signal?: AbortSignal): Promise<Response>;
}
