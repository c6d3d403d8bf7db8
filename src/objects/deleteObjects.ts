/** Deleting the objects that commands name. */
import { type IKubernetes, kubernetesOf } from '../ui/kubernetes/connection';
import { deleteObjects as deleteKnown, type IKnownObject } from '../ui/kubernetes/deleteObjects';
import type { IObjectRef } from './commands';
import type { IObjectsContext } from './context';
import { kindNamed } from './kinds';

/** More objects of one kind and namespace than these are read with a list of all. */
const ONE_BY_ONE = 10;

interface INamedObject extends IKnownObject {
  ref: IObjectRef;
}

/** Asks, deletes, and says what could not be deleted. Answers what the server has taken for deletion. Rejects when it cannot be asked. */
export async function deleteObjects(
  context: IObjectsContext,
  refs: readonly IObjectRef[]
): Promise<readonly IObjectRef[]> {
  const kubernetes = kubernetesOf(context.kubeflow);
  const groups = new Map<string, IObjectRef[]>();
  for (const ref of refs) {
    const key = JSON.stringify([ref.group, ref.kind, ref.namespace]);
    const group = groups.get(key) ?? [];
    group.push(ref);
    groups.set(key, group);
  }
  const found = (
    await Promise.all([...groups.values()].map(each => read(kubernetes, each)))
  ).flat();
  const done = new Set<unknown>(await deleteKnown(kubernetes, context.trans, found));
  return found.filter(each => done.has(each)).map(({ ref }) => ref);
}

/** The objects of one kind and namespace; of many, those that are still there. */
async function read(kubernetes: IKubernetes, refs: readonly IObjectRef[]): Promise<INamedObject[]> {
  const [{ kind: name, group, namespace }] = refs as [IObjectRef];
  const kind = await kindNamed(kubernetes, name, group);
  const resource = kubernetes.client.resource(kind);
  if (refs.length <= ONE_BY_ONE) {
    return Promise.all(refs.map(async ref => ({ ref, kind, object: await resource.get(ref) })));
  }
  const objects = await resource.list({ namespace });
  const byName = new Map(objects.map(object => [object.metadata?.name, object]));
  return refs.flatMap(ref => {
    const object = byName.get(ref.name);
    return object ? [{ ref, kind, object }] : [];
  });
}
