/** Deleting objects, after naming what goes with them. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isForbidden, isNotFound } from '../client/errors';
import type { IKind } from '../client/kubernetes/kind';
import { confirmDestructive } from '../ui/confirm';
import { kubernetesOf, type IKubernetes } from '../ui/kubernetes/connection';
import { type IOwned, ownedBy, ownedKinds } from '../ui/kubernetes/owned';
import { forbiddenWords } from '../ui/kubernetes/problem';
import { pluralKind } from '../ui/kubernetes/words';
import { errorMessage } from '../ui/viewState';
import type { IObjectRef } from './commands';
import type { IObjectsContext } from './context';
import { kindNamed } from './kinds';

/** Asks, deletes, and says what could not be deleted. Answers what the server has taken for deletion. Rejects when it cannot be asked. */
export async function deleteObjects(
  context: IObjectsContext,
  refs: readonly IObjectRef[]
): Promise<readonly IObjectRef[]> {
  const { trans } = context;
  const kubernetes = kubernetesOf(context.kubeflow);
  const found = await Promise.all(
    refs.map(async ref => {
      const kind = await kindNamed(kubernetes, ref.kind, ref.group);
      return { ref, kind, object: await kubernetes.client.resource(kind).get(ref) };
    })
  );
  const [first] = found;
  if (!first) {
    return [];
  }
  const owned = (
    await Promise.all(found.map(({ kind, object }) => readOwned(kubernetes, kind, object)))
  ).flat();
  const one = found.length === 1;
  const agreed = await confirmDestructive(trans, {
    title: one
      ? trans.__('Delete %1 “%2”?', first.kind.kind, first.ref.name)
      : trans.__('Delete %1 objects?', found.length),
    body: [
      ...(one ? [] : [`${found.map(({ ref }) => ref.name).join(', ')}.`]),
      consequences(owned, trans)
    ].join(' '),
    action: one ? trans.__('Delete %1', first.kind.kind) : trans.__('Delete objects')
  });
  if (!agreed) {
    return [];
  }
  const done: IObjectRef[] = [];
  for (const { ref, kind, object } of found) {
    try {
      await kubernetes.client.resource(kind).delete(ref, {
        propagationPolicy: 'Background',
        preconditions: { uid: object.metadata?.uid }
      });
      done.push(ref);
    } catch (error) {
      if (isNotFound(error)) {
        done.push(ref);
        continue;
      }
      const access = { verb: 'delete', kind, namespace: ref.namespace } as const;
      const why = isForbidden(error) ? forbiddenWords(access, error, trans) : errorMessage(error);
      Notification.error(trans.__('%1 “%2” was not deleted. %3', kind.kind, ref.name, why), {
        autoClose: false
      });
    }
  }
  return done;
}

/** What goes with objects, in a sentence: `Its 1 JobSet, 2 Jobs and 4 Pods are deleted with it.` */
export function consequences(owned: readonly IOwned[], trans: TranslationBundle): string {
  if (owned.length === 0) {
    return trans.__('Nothing that it is known to own is deleted with it. This cannot be undone.');
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
  return trans.__('What it owns is deleted with it: %1. This cannot be undone.', all);
}

/** What an object owns, as far as it may be read. */
async function readOwned(
  { client }: IKubernetes,
  kind: IKind,
  object: { metadata?: { uid?: string; namespace?: string } }
): Promise<IOwned[]> {
  const { uid = '', namespace } = object.metadata ?? {};
  const lists = await Promise.all(
    ownedKinds(kind).map(async each => {
      try {
        const items = await client.resource(each).list({ namespace });
        return items.map(item => ({ kind: each, object: item }));
      } catch (error) {
        if (isForbidden(error) || isNotFound(error)) {
          return [];
        }
        throw error;
      }
    })
  );
  return ownedBy(uid, lists.flat());
}
