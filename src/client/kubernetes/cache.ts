/** Lists that stay up to date, one for each kind, namespace and selector, shared by all who look. */
import type { KubernetesClient } from './client';
import type { IKind } from './kind';
import { ListWatch } from './listWatch';
import type { IListWatchOptions } from './listWatch';
import type { IKubernetesObject } from './object';
import type { ISelection } from './resource';

/** Of how many lists that nobody looks at the objects are kept, for coming back to a view. */
const KEPT = 20;

/** The lists of one connection. */
export class ListWatchCache {
  constructor(
    private readonly _client: KubernetesClient,
    private readonly _options: IListWatchOptions = {}
  ) {}

  /** The list of a selection: the same one for the same selection. It does nothing until somebody subscribes. */
  list<T extends IKubernetesObject>(kind: IKind<T>, selection: ISelection = {}): ListWatch<T> {
    const asked: ISelection = {
      namespace: (kind.namespaced && selection.namespace) || undefined,
      labelSelector: selection.labelSelector || undefined,
      fieldSelector: selection.fieldSelector || undefined
    };
    const key = JSON.stringify([kind.group, kind.plural, ...Object.values(asked)]);
    const known = this._lists.get(key) as ListWatch<T> | undefined;
    const found = known ?? new ListWatch(this._client.resource(kind), asked, this._options);
    this._lists.delete(key);
    this._lists.set(key, found as unknown as ListWatch<IKubernetesObject>);
    this._forget();
    return found;
  }

  /** A list itself stays, for whoever holds it: there is never a second one of the same selection. */
  private _forget(): void {
    const unread = [...this._lists.values()].filter(each => each.readers === 0);
    for (const list of unread.slice(0, -KEPT)) {
      list.forget();
    }
  }

  private readonly _lists = new Map<string, ListWatch<IKubernetesObject>>();
}
