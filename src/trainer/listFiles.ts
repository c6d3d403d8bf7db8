/** Running the pod that lists the files of a volume. */
import { ApiError } from '../client/errors';
import { type Pod, pods as podKind } from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { failureOf, waitOf } from './cause';
import { type IFiles, readFiles } from './files';

/**
 * Makes the pod, waits for its end, reads what it says and deletes it. Rejects with `ApiError`, and with the signal's reason when aborted.
 * @param onWait - called with why the pod does not start, or nothing when it is about to
 */
export async function listFiles(
  kubernetes: IKubernetes,
  pod: Pod,
  signal: AbortSignal,
  onWait: (why: string | undefined) => void
): Promise<IFiles> {
  const { client } = kubernetes;
  const resource = client.resource(podKind);
  const made = await resource.create(pod, { signal });
  const { name = '', namespace = '' } = made.metadata ?? {};
  try {
    const ended = await end(kubernetes, made, signal, onWait);
    if (ended.status?.phase !== 'Succeeded') {
      const cause = failureOf([ended]);
      throw new ApiError({
        service: 'kubernetes',
        status: 500,
        reason: 'ListingFailed',
        message: `The pod that lists the files has failed. ${cause?.message ?? ended.status?.message ?? ''}`,
        details: ended.status
      });
    }
    let log = '';
    for await (const text of client.log({ name, namespace }, { container: 'list', signal })) {
      log += text;
    }
    return readFiles(log);
  } finally {
    await resource
      .delete({ name, namespace }, { gracePeriodSeconds: 0, propagationPolicy: 'Background' })
      .catch((error: unknown) => console.warn('Kubeflow: a pod was not deleted.', name, error));
  }
}

/** The pod when it has ended. */
function end(
  { lists }: IKubernetes,
  { metadata }: Pod,
  signal: AbortSignal,
  onWait: (why: string | undefined) => void
): Promise<Pod> {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  const list = lists.list(podKind, { namespace, fieldSelector: `metadata.name=${name}` });
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
      const pod = items.get(uid);
      const { phase } = pod?.status ?? {};
      if (pod && (phase === 'Succeeded' || phase === 'Failed')) {
        finish(() => resolve(pod));
      } else if (pod) {
        seen = true;
        onWait(waitOf([pod])?.message);
      } else if (status === 'stopped') {
        finish(() => reject(error as Error));
      } else if (seen && status === 'live') {
        finish(() =>
          reject(
            new ApiError({
              service: 'kubernetes',
              status: 410,
              reason: 'Gone',
              message: 'The pod that lists the files was deleted before it had done so. Try again.'
            })
          )
        );
      }
    };
    const unsubscribe = list.subscribe(look);
    signal.addEventListener('abort', aborted);
    if (signal.aborted) {
      aborted();
    }
  });
}
