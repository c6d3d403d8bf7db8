/** Running the Job that lists the files of a volume. */
import { ApiError } from '../client/errors';
import { type Job, jobs as jobKind, type Pod, pods as podKind } from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { failureOf, waitOf } from './cause';
import { type IFiles, readFiles } from './files';

/**
 * Makes the Job, waits for the end of its pod, reads what that says and deletes the Job. Rejects with `ApiError`, and with the signal's reason
 * when aborted.
 * @param onWait - called with why the pod does not start, or nothing when it is about to
 */
export async function listFiles(
  kubernetes: IKubernetes,
  job: Job,
  signal: AbortSignal,
  onWait: (why: string | undefined) => void
): Promise<IFiles> {
  const { client } = kubernetes;
  const resource = client.resource(jobKind);
  const made = await resource.create(job, { signal });
  const ref = { name: made.metadata?.name ?? '', namespace: made.metadata?.namespace ?? '' };
  try {
    const pod = await ended(kubernetes, ref, signal, onWait);
    if (pod.status?.phase !== 'Succeeded') {
      const why = failureOf([pod])?.message ?? pod.status?.message ?? '';
      throw failed(500, `The pod that lists the files has failed. ${why}`.trim());
    }
    const name = pod.metadata?.name ?? '';
    let log = '';
    for await (const text of client.log({ ...ref, name }, { container: 'list', signal })) {
      log += text;
    }
    return readFiles(log);
  } finally {
    await resource
      .delete(ref, { propagationPolicy: 'Background' })
      .catch((error: unknown) => console.warn('Kubeflow: a Job was not deleted.', ref, error));
  }
}

/** The Job's pod when it has ended. */
function ended(
  { lists }: IKubernetes,
  { name, namespace }: { name: string; namespace: string },
  signal: AbortSignal,
  onWait: (why: string | undefined) => void
): Promise<Pod> {
  const labelSelector = `batch.kubernetes.io/job-name=${name}`;
  const list = lists.list(podKind, { namespace, labelSelector });
  return new Promise((resolve, reject) => {
    let seen = false;
    const finish = (act: () => void) => {
      unsubscribe();
      signal.removeEventListener('abort', aborted);
      act();
    };
    const aborted = () => finish(() => reject(signal.reason as Error));
    const look = () => {
      const { items, status, error } = list.snapshot;
      const [pod] = items.values();
      const phase = pod?.status?.phase;
      if (pod && (phase === 'Succeeded' || phase === 'Failed')) {
        finish(() => resolve(pod));
      } else if (status === 'stopped' || status === 'unwatched') {
        finish(() => reject(error as Error));
      } else if (pod) {
        seen = true;
        onWait(waitOf([pod])?.message);
      } else if (seen && status === 'live') {
        const message = 'The pod that lists the files was ended before it had done so. Try again.';
        finish(() => reject(failed(410, message)));
      }
    };
    const unsubscribe = list.subscribe(look);
    signal.addEventListener('abort', aborted);
    if (signal.aborted) {
      aborted();
    }
  });
}

function failed(status: number, message: string): ApiError {
  return new ApiError({ service: 'kubernetes', status, reason: 'ListingFailed', message });
}
