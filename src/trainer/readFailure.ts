/** Reading why a training failed. */
import { isForbidden, isNotFound } from '../client/errors';
import { type ITrainJob, type Pod, pods as podKind } from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { failureOf, type ICause } from './cause';
import { JOB_SET } from './nodes';

/** Lines at a log's end in which a program tells why it ended. */
const TAIL = 40;

/** Why a job failed, from its pods; `undefined` where they are gone. */
export async function readFailure(
  kubernetes: IKubernetes,
  job: ITrainJob,
  signal?: AbortSignal
): Promise<ICause | undefined> {
  const { name, namespace } = job.metadata ?? {};
  const pods = await kubernetes.client
    .resource(podKind)
    .list({ namespace, labelSelector: `${JOB_SET}=${name}`, signal });
  return failureWithLog(kubernetes, pods, signal);
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
