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
  /** The recurring run that has started it. */
  recurringRunId?: string;
  /** When it was due, for a run that a recurring run has started. */
  scheduledAt?: string;
  pipelineId?: string;
  pipelineVersionId?: string;
  /** The inline spec, or after `getRun` also that of the version it was created from. */
  pipelineSpec?: Record<string, unknown>;
  /** The answer as it came. */
  raw: Record<string, unknown>;
}

/** When a recurring run starts its runs (`v2beta1Trigger`). Times are ISO 8601. */
export type ISchedule = (
  | {
      kind: 'cron';
      /** Six fields, seconds first, as KFP's scheduler reads them (robfig/cron 1.2, `Parse`); or a word such as `@daily`. */
      cron: string;
    }
  | { kind: 'interval'; seconds: number }
) & {
  start?: string;
  end?: string;
};

/** A recurring run (`v2beta1RecurringRun`): what starts runs of a pipeline by itself. Times are ISO 8601. */
export interface IRecurringRun {
  id: string;
  name: string;
  description?: string;
  enabled: boolean;
  /** `undefined` where the server tells none, for example when it cannot read the recurring run. */
  schedule?: ISchedule;
  /** How many of its runs may go on at the same time, 1 to 10. */
  maxConcurrency: number;
  /** Whether each time that was missed is made up for, rather than only the last one. */
  catchup: boolean;
  experimentId?: string;
  createdAt: string;
  error?: string;
  parameters: Record<string, unknown>;
  pipelineId?: string;
  /** Without it, each run is of the version that is the pipeline's newest then. */
  pipelineVersionId?: string;
  /** The inline spec, or after `getRecurringRun` also that of the version it names. */
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

/** What a recurring run is created from. */
export interface ICreateRecurringRun extends ICreateRun {
  schedule: ISchedule;
  /** 1 to 10; 1 when left out. */
  maxConcurrency?: number;
  /** `true` when left out, as in KFP. */
  catchup?: boolean;
  /** Whether it is enabled at first; `true` when left out. */
  enabled?: boolean;
}

/** What a run is created from. */
export interface ICreateRun {
  name: string;
  description?: string;
  experimentId?: string;
  pipelineSpec?: Record<string, unknown>;
  version?: { pipelineId: string; versionId?: string };
  parameters?: Record<string, unknown>;
  /** `false` switches caching off in every task of the spec. */
  caching?: boolean;
}

/** How a task's log is to be read. */
export interface ITaskLogOptions {
  /** Goes on until the task has ended. */
  follow?: boolean;
  /** At most this many bytes from the log's end, where it is longer and the server gives ranges. */
  tail?: number;
  /** Called with the number of bytes that `tail` has left out. */
  onSkipped?: (bytes: number) => void;
  /** Called with each failure that is tried again, and with `undefined` once the log is heard again. */
  onTrouble?: (error: unknown) => void;
  signal?: AbortSignal;
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
  /**
   * Starts a failed or cancelled run again from the tasks that did not succeed (`POST /runs/{id}:retry`). The run keeps its id; a run in any
   * other state is refused.
   */
  retryRun(runId: string): Promise<void>;
  /** Puts a run into the archive (`POST /runs/{id}:archive`): nothing of it is lost, and `listRuns` still has it, with `archived` set. */
  archiveRun(runId: string): Promise<void>;
  /** Takes a run out of the archive (`POST /runs/{id}:unarchive`). */
  unarchiveRun(runId: string): Promise<void>;
  deleteRun(runId: string): Promise<void>;
  /** Recurring runs (`GET /recurringruns`); filter and order by `display_name`, `created_at`, `updated_at`, `description` and `recurring_run_id`. */
  listRecurringRuns(
    options?: IListOptions & { experimentId?: string }
  ): Promise<IPage<IRecurringRun>>;
  getRecurringRun(recurringRunId: string, signal?: AbortSignal): Promise<IRecurringRun>;
  /** Creates a recurring run (`POST /recurringruns`). `details` of a refusal tell which field is wrong where the server names it. */
  createRecurringRun(run: ICreateRecurringRun): Promise<IRecurringRun>;
  /** Lets a recurring run start runs again (`POST /recurringruns/{id}:enable`). */
  enableRecurringRun(recurringRunId: string): Promise<void>;
  /** Keeps a recurring run from starting further runs (`POST /recurringruns/{id}:disable`). */
  disableRecurringRun(recurringRunId: string): Promise<void>;
  /** Deletes a recurring run (`DELETE /recurringruns/{id}`); the runs it has started stay. */
  deleteRecurringRun(recurringRunId: string): Promise<void>;
  listExperiments(options?: IListOptions): Promise<IPage<IExperiment>>;
  createExperiment(name: string, description?: string): Promise<IExperiment>;
  listPipelines(options?: IListOptions): Promise<IPage<IPipeline>>;
  getPipeline(pipelineId: string, signal?: AbortSignal): Promise<IPipeline>;
  listVersions(pipelineId: string, options?: IListOptions): Promise<IPage<IPipelineVersion>>;
  getVersion(pipelineId: string, versionId: string): Promise<IPipelineVersion>;
  uploadPipeline(file: Blob, name: string, description?: string): Promise<IPipeline>;
  deletePipeline(pipelineId: string): Promise<void>;
  /**
   * A task's log from its start; with `tail` at most its last bytes where the server gives ranges. With `follow` it goes on until the task has ended; a server that answers only what is there so far is
   * asked again, and nothing is repeated. What may pass, such as a server that cannot be reached, is tried again for as long as it takes
   * and told to `onTrouble`, which is called with `undefined` once the log is heard again.
   */
  taskLog(run: IRun, task: ITask, options?: ITaskLogOptions): AsyncIterable<string>;
  /** A task's log as far as it is there now, as a file: it need not fit into the page's memory. */
  taskLogFile(run: IRun, task: ITask, signal?: AbortSignal): Promise<Blob>;
  /** An artifact's content (`/artifacts/get` of the KFP UI server). */
  artifactContent(uri: string, signal?: AbortSignal): Promise<Response>;
}
