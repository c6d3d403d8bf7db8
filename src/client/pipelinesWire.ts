/** KFP's JSON (`v2beta1Run` and the like) and the models made from it. */
import type { GraphState } from '../graph/schema';
import { integer, object, text, time } from '../graph/wire';
import type { Json } from '../graph/wire';
import type {
  IExperiment,
  IPipeline,
  IPipelineVersion,
  IRecurringRun,
  IRun,
  ISchedule
} from './pipelines';

/** Whether a run or a task in this state changes no more. */
export function isEnded(state: GraphState): boolean {
  return state !== 'pending' && state !== 'running' && state !== 'paused';
}

/** The state that `v2beta1RuntimeState` stands for; a word unknown to us counts as pending. */
export function runState(raw: string): GraphState {
  return RUN_STATES[raw] ?? 'pending';
}

const RUN_STATES: Record<string, GraphState> = {
  PENDING: 'pending',
  RUNNING: 'running',
  // What is being cancelled still runs; `rawState` tells the difference.
  CANCELING: 'running',
  SUCCEEDED: 'succeeded',
  SKIPPED: 'skipped',
  FAILED: 'failed',
  CANCELED: 'cancelled',
  PAUSED: 'paused'
};

/** A run from `v2beta1Run`, as KFP 2 and 3 write it. */
export function runFrom(raw: Json): IRun {
  const rawState = text(raw.state) ?? 'RUNTIME_STATE_UNSPECIFIED';
  return {
    id: text(raw.run_id) ?? '',
    name: text(raw.display_name) ?? '',
    state: runState(rawState),
    rawState,
    archived: raw.storage_state === 'ARCHIVED',
    experimentId: text(raw.experiment_id),
    createdAt: text(raw.created_at) ?? '',
    finishedAt: time(raw.finished_at),
    recurringRunId: text(raw.recurring_run_id),
    scheduledAt: time(raw.scheduled_at),
    ...sourceFrom(raw),
    raw
  };
}

/** A recurring run from `v2beta1RecurringRun`. */
export function recurringRunFrom(raw: Json): IRecurringRun {
  return {
    id: text(raw.recurring_run_id) ?? '',
    name: text(raw.display_name) ?? '',
    description: text(raw.description),
    enabled: raw.status === 'ENABLED',
    schedule: scheduleFrom(object(raw.trigger)),
    maxConcurrency: integer(raw.max_concurrency) ?? 1,
    catchup: raw.no_catchup !== true,
    experimentId: text(raw.experiment_id),
    createdAt: text(raw.created_at) ?? '',
    ...sourceFrom(raw),
    raw
  };
}

/** `v2beta1Trigger` of a schedule; 64-bit numbers are strings in protobuf's JSON. */
export function triggerOf(schedule: ISchedule): Json {
  const times = { start_time: schedule.start, end_time: schedule.end };
  return schedule.kind === 'cron'
    ? { cron_schedule: { ...times, cron: schedule.cron } }
    : { periodic_schedule: { ...times, interval_second: String(schedule.seconds) } };
}

function scheduleFrom(trigger: Json): ISchedule | undefined {
  const cron = object(trigger.cron_schedule);
  const periodic = object(trigger.periodic_schedule);
  const expression = text(cron.cron);
  const seconds = integer(periodic.interval_second);
  const times = (from: Json) => ({ start: time(from.start_time), end: time(from.end_time) });
  if (expression !== undefined) {
    return { kind: 'cron', cron: expression, ...times(cron) };
  }
  return seconds === undefined ? undefined : { kind: 'interval', seconds, ...times(periodic) };
}

/** What runs and recurring runs say of what they run. */
function sourceFrom(raw: Json) {
  // KFP 3 calls it pipeline_reference.
  const version = object(raw.pipeline_version_reference ?? raw.pipeline_reference);
  return {
    error: text(object(raw.error).message),
    parameters: object(object(raw.runtime_config).parameters),
    pipelineId: text(version.pipeline_id),
    pipelineVersionId: text(version.pipeline_version_id) ?? text(raw.pipeline_version_id),
    pipelineSpec: optionalObject(raw.pipeline_spec)
  };
}

/** From `v2beta1Experiment`. */
export function experimentFrom(raw: Json): IExperiment {
  return {
    id: text(raw.experiment_id) ?? '',
    name: text(raw.display_name) ?? '',
    description: text(raw.description),
    createdAt: text(raw.created_at) ?? '',
    archived: raw.storage_state === 'ARCHIVED'
  };
}

/** From `v2beta1Pipeline`. */
export function pipelineFrom(raw: Json): IPipeline {
  return { id: text(raw.pipeline_id) ?? '', ...named(raw) };
}

/** From `v2beta1PipelineVersion`. */
export function versionFrom(raw: Json): IPipelineVersion {
  return {
    id: text(raw.pipeline_version_id) ?? '',
    pipelineId: text(raw.pipeline_id) ?? '',
    ...named(raw),
    pipelineSpec: optionalObject(raw.pipeline_spec)
  };
}

/** A copy of a spec in which no task, at any depth, takes its result from the cache. */
export function withoutCaching(spec: Json): Json {
  const copy = JSON.parse(JSON.stringify(spec)) as Json;
  // With a platform spec, KFP keeps the two side by side.
  const pipeline = optionalObject(copy.pipeline_spec) ?? copy;
  const dags = [
    object(pipeline.root).dag,
    ...Object.values(object(pipeline.components)).map(component => object(component).dag)
  ];
  for (const dag of dags) {
    for (const task of Object.values(object(object(dag).tasks))) {
      const options = object(task);
      options.cachingOptions = { ...object(options.cachingOptions), enableCache: false };
    }
  }
  return copy;
}

function named(raw: Json): Pick<IPipeline, 'name' | 'displayName' | 'description' | 'createdAt'> {
  const displayName = text(raw.display_name) ?? text(raw.name) ?? '';
  return {
    // Before KFP 2.4 there was only the display name.
    name: text(raw.name) ?? displayName,
    displayName,
    description: text(raw.description),
    createdAt: text(raw.created_at) ?? ''
  };
}

function optionalObject(value: unknown): Json | undefined {
  const known = object(value);
  return known === value ? known : undefined;
}
