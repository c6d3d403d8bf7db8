/** The commands of the plugin and how they name objects. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

export namespace CommandIDs {
  /** Opens an object's tab: `{group?, kind | plural, namespace?, name, section?}`. */
  export const open = 'kubeflow-objects:open';
  /** Opens the list of objects, on those of `{group?, kind | plural}` when they are given. */
  export const browse = 'kubeflow-objects:browse';
  /** Asks whether to delete the object of the tab in front, or what is selected in the list. */
  export const remove = 'kubeflow-objects:delete';
}

/** Which object; `kind` is the kind, plural or short name that the caller knows. */
export interface IObjectRef {
  /** API group, empty for the core group; any that has the kind when left out. */
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** Which kind: its plural, and its API group, empty for the core group or any. */
export interface IKindRef {
  group: string;
  plural: string;
}

/** The kind that a command's arguments name; undefined when they name none. */
export function kindOf(args: ReadonlyPartialJSONObject): IKindRef | undefined {
  const plural = text(args['plural']) ?? text(args['kind']);
  return plural ? { group: text(args['group']) ?? '', plural } : undefined;
}

/** The object that a command's arguments name; undefined when they name none. */
export function refOf(args: ReadonlyPartialJSONObject): IObjectRef | undefined {
  const kind = text(args['plural']) ?? text(args['kind']);
  const name = text(args['name']);
  return kind && name
    ? {
        group: typeof args['group'] === 'string' ? args['group'] : undefined,
        kind,
        namespace: text(args['namespace']),
        name
      }
    : undefined;
}

/** The arguments that open the object's tab. */
export function argsOf({ group, kind, namespace, name }: IObjectRef) {
  return {
    ...(group === undefined ? {} : { group }),
    plural: kind,
    ...(namespace ? { namespace } : {}),
    name
  };
}

/** The id of the object's tab. */
export function idOf({ group, kind, namespace, name }: IObjectRef): string {
  return `kubeflow-object-${[group ?? '*', kind.toLowerCase(), namespace ?? '', name].join('/')}`;
}

/** A text that is not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
