/** Reading why a training failed, and when it ran. */
import { isForbidden, isNotFound } from '../client/errors';
import { healthOf } from '../client/kubernetes/kind';
import {
  type ITrainJob,
  jobs as jobKind,
  type Pod,
  pods as podKind,
  trainJobs
} from '../client/kubernetes/kinds';
import type { ISelection } from '../client/kubernetes/resource';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { deadlineOf, failureOf, type ICause } from './cause';
import { beganOf, JOB_SET } from './nodes';
import { type IRetry, retriesOf } from './retries';

/** Lines at a log's end in which a program tells why it ended. */
const TAIL = 40;

/** What the pods of a job tell that has ended; all undefined where they are gone. */
export interface IEnd {
  /** Why it failed. */
  cause?: ICause;
  /** When it began to run, ISO 8601. */
  began?: string;
}

/** Why a job failed, from itself or its pods, and when it began to run. */
export async function readEnd(
  kubernetes: IKubernetes,
  job: ITrainJob,
  signal?: AbortSignal
): Promise<IEnd> {
  const pods = await kubernetes.client.resource(podKind).list({ ...partsOf(job), signal });
  const failed = healthOf(trainJobs, job).phase === 'failed';
  const cause = failed
    ? (deadlineOf(job) ?? (await failureWithLog(kubernetes, pods, signal)))
    : undefined;
  return { cause, began: beganOf(pods) };
}

/** What has failed in a job that goes on, and is tried again. Its Jobs are read only where a pod has failed. */
export async function readRetries(
  kubernetes: IKubernetes,
  job: ITrainJob,
  signal?: AbortSignal
): Promise<IRetry[]> {
  const { client } = kubernetes;
  const fieldSelector = 'status.phase=Failed';
  const failed = await client.resource(podKind).list({ ...partsOf(job), fieldSelector, signal });
  if (failed.length === 0) {
    return [];
  }
  const jobs = await client.resource(jobKind).list({ ...partsOf(job), signal });
  const retries = retriesOf(jobs, failed);
  const causes = await Promise.all(
    retries.map(({ pod }) => failureWithLog(kubernetes, [pod], signal))
  );
  return retries.map((each, at) => ({ ...each, cause: { ...each.cause, ...causes[at] } }));
}

function partsOf({ metadata }: ITrainJob): ISelection {
  return { namespace: metadata?.namespace, labelSelector: `${JOB_SET}=${metadata?.name}` };
}

/** Why the first of these pods failed; where its container has left no message, the end of its log says. */
export async function failureWithLog(
  { client }: IKubernetes,
  pods: readonly Pod[],
  signal?: AbortSignal
): Promise<ICause | undefined> {
  const cause = failureOf(pods);
  const pod = pods.find(each => each.metadata?.name === cause?.pod);
  if (!cause || !pod || cause.message || !isTold(cause)) {
    return cause;
  }
  const { name = '', namespace = '' } = pod.metadata ?? {};
  const ended = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? [])
  ].find(each => (each.state?.terminated?.exitCode ?? 0) !== 0);
  try {
    let text = '';
    const options = { container: ended?.name, tailLines: TAIL, signal };
    for await (const part of client.log({ name, namespace }, options)) {
      text += part;
    }
    return failureOf([pod], new Map([[name, text]]));
  } catch (error) {
    if (signal?.aborted || !(isForbidden(error) || isNotFound(error))) {
      throw error;
    }
    return cause;
  }
}

/** Whether a log can tell more. */
function isTold({ kind }: ICause): boolean {
  return kind === 'exit' || kind === 'killed';
}
