/** What failed in a training and is tried again, from its Jobs and their ended pods. Pure. */
import { conditionOf } from '../client/kubernetes/conditions';
import { compareTimes } from '../client/kubernetes/eventTime';
import { healthOf } from '../client/kubernetes/kind';
import {
  type Event,
  type ITrainJob,
  type Job,
  jobs as jobKind,
  type Pod
} from '../client/kubernetes/kinds';
import { failureOf, type ICause, waitOf } from './cause';
import { placeOf, timesOf } from './nodes';

/** How many times a Job is tried again that does not say it. */
const BACKOFF_LIMIT = 6;

/** A Job that goes on after pods of it have failed. */
export interface IRetry {
  /** The Job's uid. */
  job: string;
  /** How many of its pods have to be ready for it to run. */
  wanted: number;
  /** The pod that failed last, when it was made (ISO 8601), and why it failed. */
  pod: Pod;
  made: string;
  cause: ICause;
}

/** The Jobs that go on after pods of theirs have failed. */
export function retriesOf(jobs: readonly Job[], pods: readonly Pod[]): IRetry[] {
  return jobs.flatMap(job => {
    const { phase } = healthOf(jobKind, job);
    const failed = pods.filter(pod => pod.status?.phase === 'Failed' && isOf(pod, job));
    const pod = lastOf(failed);
    const cause = pod && failureOf([pod]);
    const retry = pod && retryOf(job, failed, pod);
    if (!cause || !retry || (phase !== 'pending' && phase !== 'running')) {
      return [];
    }
    const { parallelism = 1, completions } = job.spec ?? {};
    const left = (completions ?? Infinity) - (job.status?.succeeded ?? 0);
    return [
      {
        job: job.metadata?.uid ?? '',
        wanted: Math.min(parallelism, left),
        pod,
        made: pod.metadata?.creationTimestamp ?? '',
        cause: { ...cause, retry }
      }
    ];
  });
}

/** The first of these Jobs whose pods are not all ready (again). */
export function retryNow(retries: readonly IRetry[], pods: readonly Pod[]): IRetry | undefined {
  return retries.find(({ job, wanted }) => {
    const ready = pods.filter(
      pod => ownerOf(pod) === job && conditionOf(pod, 'Ready')?.status === 'True'
    );
    return ready.length < wanted;
  });
}

/** What keeps a job that is to run from it: what waits, else what has failed and is tried again. */
export function waitNow(
  job: ITrainJob,
  known: {
    pods: readonly Pod[];
    events: readonly Event[];
    retries: readonly IRetry[];
    nodes: number | undefined;
  }
): ICause | undefined {
  const { pods, events, retries, nodes } = known;
  const times = [timesOf(job).start ?? '', ...retries.map(({ made }) => made)];
  const since = times.sort(compareTimes).pop();
  return waitOf(pods, events, { nodes, since }) ?? retryNow(retries, pods)?.cause;
}

/** Which attempt runs; undefined when there is none left. A Job counts the failures of all its pods together, unless it has a limit for each index. */
function retryOf(job: Job, failed: readonly Pod[], last: Pod): ICause['retry'] {
  const { backoffLimit, backoffLimitPerIndex } = job.spec ?? {};
  const each = backoffLimitPerIndex != null;
  const { index } = placeOf(last);
  const failures = each
    ? failed.filter(pod => placeOf(pod).index === index).length
    : Math.max(failed.length, job.status?.failed ?? 0);
  const attempt = failures + 1;
  const of = (each ? backoffLimitPerIndex : (backoffLimit ?? BACKOFF_LIMIT)) + 1;
  return attempt > of ? undefined : { attempt, of };
}

/** The pod that failed last; one that was only ended with the others where there is no other. */
function lastOf(pods: readonly Pod[]): Pod | undefined {
  const killed = (pod: Pod) => failureOf([pod])?.kind === 'killed';
  const made = ({ metadata }: Pod) => metadata?.creationTimestamp ?? '';
  return [...pods]
    .sort(
      (one, other) =>
        Number(killed(other)) - Number(killed(one)) || compareTimes(made(one), made(other))
    )
    .pop();
}

function isOf(pod: Pod, { metadata }: Job): boolean {
  return ownerOf(pod) === metadata?.uid;
}

function ownerOf({ metadata }: Pod): string | undefined {
  return metadata?.ownerReferences?.find(({ kind }) => kind === 'Job')?.uid;
}
