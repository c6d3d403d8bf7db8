/** Deleting the objects that commands name. */
import { kubernetesOf } from '../ui/kubernetes/connection';
import { deleteObjects as deleteKnown } from '../ui/kubernetes/deleteObjects';
import type { IObjectRef } from './commands';
import type { IObjectsContext } from './context';
import { kindNamed } from './kinds';

/** Asks, deletes, and says what could not be deleted. Answers what the server has taken for deletion. Rejects when it cannot be asked. */
export async function deleteObjects(
  context: IObjectsContext,
  refs: readonly IObjectRef[]
): Promise<readonly IObjectRef[]> {
  const kubernetes = kubernetesOf(context.kubeflow);
  const found = await Promise.all(
    refs.map(async ref => {
      const kind = await kindNamed(kubernetes, ref.kind, ref.group);
      return { ref, kind, object: await kubernetes.client.resource(kind).get(ref) };
    })
  );
  const done = new Set<unknown>(await deleteKnown(kubernetes, context.trans, found));
  return found.filter(each => done.has(each)).map(({ ref }) => ref);
}
