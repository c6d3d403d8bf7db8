/** The objects of a list-watch and what an event makes of them. Pure. */
import type { IKubernetesObject } from './object';
import type { WatchEvent } from './watch';

/** Objects by uid, and how far they are up to date. */
export interface IListState<T extends IKubernetesObject> {
  readonly items: ReadonlyMap<string, T>;
  readonly resourceVersion: string;
}

/** The state after a list. Objects that are as before stay the same values, so that what shows them need not draw them again. */
export function listed<T extends IKubernetesObject>(
  before: IListState<T> | undefined,
  objects: readonly T[],
  resourceVersion: string
): IListState<T> {
  const items = new Map<string, T>();
  let same = before?.items.size === objects.length;
  for (const object of objects) {
    const uid = uidOf(object);
    const known = before?.items.get(uid);
    const kept = known && versionOf(known) === versionOf(object) ? known : lean(object);
    same &&= kept === known;
    items.set(uid, kept);
  }
  return { items: same && before ? before.items : items, resourceVersion };
}

/** The state after events, in order. */
export function watched<T extends IKubernetesObject>(
  before: IListState<T>,
  events: readonly WatchEvent<T>[]
): IListState<T> {
  let items: Map<string, T> | undefined;
  let { resourceVersion } = before;
  for (const event of events) {
    if (event.type === 'BOOKMARK') {
      resourceVersion = event.resourceVersion || resourceVersion;
      continue;
    }
    const uid = uidOf(event.object);
    items ??= new Map(before.items);
    if (event.type === 'DELETED') {
      items.delete(uid);
    } else {
      items.set(uid, lean(event.object));
    }
    resourceVersion = versionOf(event.object) || resourceVersion;
  }
  return { items: items ?? before.items, resourceVersion };
}

/** The object without `managedFields`, which no view reads and which is often the larger part of it. */
export function lean<T extends IKubernetesObject>(object: T): T {
  if (!object.metadata?.managedFields) {
    return object;
  }
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}

function versionOf(object: IKubernetesObject): string {
  return object.metadata?.resourceVersion ?? '';
}

/** The uid; objects of servers that give none are told apart by their names. */
function uidOf({ metadata }: IKubernetesObject): string {
  return metadata?.uid ?? `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}
