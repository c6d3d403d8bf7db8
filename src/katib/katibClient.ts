/** The client of what no object of the Kubernetes API holds: series and kept logs of trials. */
import { KatibClient } from '../client/katib';
import type { IKubeflow } from '../ui/tokens';

const made = new WeakMap<IKubeflow, KatibClient>();

/** The same one for all views, since it remembers which component did not answer. */
export function katibOf(kubeflow: IKubeflow): KatibClient {
  const client = made.get(kubeflow) ?? new KatibClient(kubeflow);
  made.set(kubeflow, client);
  return client;
}
