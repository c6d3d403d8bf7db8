/** Deleting objects, after naming what goes with them. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isForbidden, isNotFound } from '../../client/errors';
import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import { confirmDestructive } from '../confirm';
import { errorMessage } from '../viewState';
import type { IKubernetes } from './connection';
import { type IOwned, ownedBy, ownedKinds } from './owned';
import { forbiddenWords } from './problem';
import { pluralKind } from './words';

/** How many objects are deleted at the same time. */
const PARALLEL = 4;
/** How many objects are named before they are asked about. */
const NAMED = 10;

/** An object and its kind. */
export interface IKnownObject {
  kind: IKind;
  object: IKubernetesObject;
}

/**
 * Asks, deletes, and says what could not be deleted. Answers what the server has taken for deletion. Rejects when it cannot be asked.
 * @param note - what else there is to know before, as a sentence
 */
export async function deleteObjects(
  kubernetes: IKubernetes,
  trans: TranslationBundle,
  objects: readonly IKnownObject[],
  note = ''
): Promise<readonly IKnownObject[]> {
  const [first] = objects;
  if (!first) {
    return [];
  }
  const owned = await readOwned(kubernetes, objects);
  const one = objects.length === 1;
  const same = objects.every(({ kind }) => kind === first.kind);
  const agreed = await confirmDestructive(trans, {
    title: one
      ? trans.__('Delete %1 “%2”?', first.kind.kind, nameOf(first))
      : trans.__(
          'Delete %1 %2?',
          objects.length.toLocaleString(),
          same ? pluralKind(first.kind) : trans.__('objects')
        ),
    body: [...(one ? [] : [names(objects, trans)]), consequences(owned, one, trans), note]
      .filter(Boolean)
      .join(' '),
    action: trans.__(
      'Delete %1',
      one ? first.kind.kind : same ? pluralKind(first.kind) : trans.__('objects')
    )
  });
  if (!agreed) {
    return [];
  }
  const done: IKnownObject[] = [];
  const waiting = [...objects];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (await deleteOne(kubernetes, trans, next)) {
        done.push(next);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return done;
}

async function deleteOne(
  { client }: IKubernetes,
  trans: TranslationBundle,
  each: IKnownObject
): Promise<boolean> {
  const { kind, object } = each;
  const { name, namespace, uid } = object.metadata ?? {};
  try {
    await client.resource(kind).delete(
      { name: name ?? '', namespace },
      {
        propagationPolicy: 'Background',
        preconditions: { uid }
      }
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) {
      return true;
    }
    const access = { verb: 'delete', kind, namespace } as const;
    const why = isForbidden(error) ? forbiddenWords(access, error, trans) : errorMessage(error);
    Notification.error(trans.__('%1 “%2” was not deleted. %3', kind.kind, name, why), {
      autoClose: false
    });
    return false;
  }
}

function nameOf({ object }: IKnownObject): string {
  return object.metadata?.name ?? '';
}

function names(objects: readonly IKnownObject[], trans: TranslationBundle): string {
  const more = objects.length - NAMED;
  const named = objects.slice(0, NAMED).map(nameOf).join(', ');
  return more > 0 ? trans.__('%1 and %2 more.', named, more.toLocaleString()) : `${named}.`;
}

/** What goes with objects, in a sentence: `What it owns is deleted with it: 1 JobSet, 2 Jobs and 4 Pods. This cannot be undone.` */
function consequences(owned: readonly IOwned[], one: boolean, trans: TranslationBundle): string {
  if (owned.length === 0) {
    return one
      ? trans.__('Nothing that it is known to own is deleted with it. This cannot be undone.')
      : trans.__('Nothing that they are known to own is deleted with them. This cannot be undone.');
  }
  const counts = new Map<IKind, number>();
  for (const { kind } of owned) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const parts = [...counts].map(
    ([kind, count]) => `${count.toLocaleString()} ${count === 1 ? kind.kind : pluralKind(kind)}`
  );
  const last = parts.pop()!;
  const all = parts.length > 0 ? trans.__('%1 and %2', parts.join(', '), last) : last;
  return one
    ? trans.__('What it owns is deleted with it: %1. This cannot be undone.', all)
    : trans.__('What they own is deleted with them: %1. This cannot be undone.', all);
}

/** What the objects own, as far as it may be read: each kind is read once for each namespace. */
async function readOwned(
  { client }: IKubernetes,
  objects: readonly IKnownObject[]
): Promise<IOwned[]> {
  const wanted = new Map<string, { kind: IKind; namespace: string | undefined }>();
  for (const { kind, object } of objects) {
    const { namespace } = object.metadata ?? {};
    for (const each of ownedKinds(kind)) {
      wanted.set(`${each.plural}.${each.group}/${namespace ?? ''}`, { kind: each, namespace });
    }
  }
  const lists = await Promise.all(
    [...wanted.values()].map(async ({ kind, namespace }) => {
      try {
        const items = await client.resource(kind).list({ namespace });
        return items.map(object => ({ kind, object }));
      } catch (error) {
        if (isForbidden(error) || isNotFound(error)) {
          return [];
        }
        throw error;
      }
    })
  );
  const candidates = lists.flat();
  const found = new Map<string, IOwned>();
  for (const { object } of objects) {
    for (const each of ownedBy(object.metadata?.uid ?? '', candidates)) {
      found.set(each.object.metadata?.uid ?? '', each);
    }
  }
  return [...found.values()];
}
