/** The list of a panel's objects: what may be done to them, and what its commands ask of it. */
import type { ISignal } from '@lumino/signaling';
import { useCallback, useEffect } from 'react';

import type { Verb } from '../../client/kubernetes/access';
import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import type { Args } from '../commands';
import type { IListRequest, PanelContext } from '../panelContext';
import type { IRowAction } from '../resourceList';
import { useListRequests } from '../useListRequests';
import { useRefusals } from './access';
import { type IKubernetes, useKubernetes, useNamespace } from './connection';
import type { IObjectListProps } from './objectList';
import { useList } from './useList';

/** Does with a list what the panel's commands ask for; with what kinds the server has, it is read again. For the property `handle` of the `ObjectList`. */
export function useListHandle(
  { asked }: { asked: ISignal<unknown, IListRequest> },
  kubernetes: IKubernetes,
  list: { retry(): void }
): ReturnType<typeof useListRequests> {
  return useListRequests(asked, () => {
    kubernetes.client.discovery.forget();
    list.retry();
  });
}

/** The objects that a panel lists, and the commands for them. */
export interface IPanelObjects<T extends IKubernetesObject, Selected, Right> {
  kind: IKind<T>;
  /** Those that the commands need; the same at each render. */
  rights: readonly Right[];
  /** What the panel remembers of an object that is selected; the same function at each render. */
  selectedOf: (object: T) => Selected;
  /** The arguments by which commands are about an object. */
  argsOf: (object: T) => Args;
  /** Opens an object's tab. */
  open: string;
  /** Asks whether to delete: what is selected with `from: 'list'`. */
  remove: string;
}

/** Lists a kind in the active namespace, and tells the panel's context what is selected and what the user may not do. */
export function usePanelList<
  T extends IKubernetesObject,
  Selected,
  Section extends string,
  Right extends Verb
>(
  context: PanelContext<Selected, Section, Right>,
  { kind, rights, selectedOf, argsOf, open, remove }: IPanelObjects<T, Selected, Right>
) {
  const { trans, commands, kubeflow } = context;
  const kubernetes = useKubernetes(kubeflow);
  const namespace = useNamespace(kubeflow);
  const list = kubernetes.lists.list(kind, { namespace });
  const { data, error } = useList(list);
  // Rows do not wait for these questions.
  const asked = data || error != null ? namespace : null;
  const refusals = useRefusals(kubernetes.client, kind, asked, rights, trans);
  const handle = useListHandle(context, kubernetes, list);
  const onSelect = useCallback(
    (chosen: T[]) => context.select(chosen.map(selectedOf)),
    [context, selectedOf]
  );
  // What the context menu offers.
  useEffect(
    () => context.refuse(refusals),
    rights.map(right => refusals[right])
  );
  useEffect(() => () => context.select([]), [context, list]);
  return {
    kubernetes,
    namespace,
    /** The objects; undefined before they are known. */
    data,
    /** Makes the buttons of an object's row: the right that one needs, and why it does nothing although the user has that. */
    actionOn:
      (object: T) =>
      (
        id: string,
        icon: IRowAction['icon'],
        label: string,
        right?: Right,
        reason?: string
      ): IRowAction => ({
        id,
        icon,
        label,
        reason: (right && refusals[right]) ?? reason,
        run: () => void commands.execute(id, argsOf(object))
      }),
    /** For the `ObjectList`, whose key is the namespace. */
    props: {
      trans,
      kind,
      list,
      namespace,
      handle,
      onSelect,
      onOpen: object => void commands.execute(open, argsOf(object)),
      onDelete: () => {
        if (commands.isEnabled(remove, { from: 'list' })) {
          void commands.execute(remove, { from: 'list' });
        }
      }
    } satisfies Partial<IObjectListProps<T>>
  };
}
