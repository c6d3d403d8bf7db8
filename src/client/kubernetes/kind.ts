/** What the client knows of a kind of object: where the API serves it and how it is. */
import type { IKubernetesObject } from './object';

/** How an object is, in one word for an icon and a filter. */
export type Phase =
  | 'pending'
  | 'running'
  | 'suspended'
  | 'succeeded'
  | 'failed'
  | 'ready'
  | 'degraded'
  | 'terminating'
  | 'unknown';

/** How an object is. */
export interface IHealth {
  phase: Phase;
  /** The API's word for why, in CamelCase. */
  reason?: string;
  /** The API's sentence on it. */
  message?: string;
  /** How much of it is done or there: completed pods, ready replicas, ended trials. */
  progress?: { done: number; total: number };
}

/** What the API calls a kind, and where it serves it. */
export interface IKindName {
  /** API group; empty for the core group. */
  readonly group: string;
  /** Versions that the types describe, in order of preference; discovery picks the first that the server has. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A kind of object. */
export interface IKind<T extends IKubernetesObject = IKubernetesObject> extends IKindName {
  /** How an object is, from its own fields alone. An object that is being deleted is `terminating` whatever this says (`healthOf`). */
  readonly health: (object: T) => IHealth;
}

/** How `object` is. */
export function healthOf<T extends IKubernetesObject>(kind: IKind<T>, object: T): IHealth {
  if (object.metadata?.deletionTimestamp) {
    const finalizers = object.metadata.finalizers ?? [];
    return {
      phase: 'terminating',
      ...(finalizers.length > 0 && { message: `Waits for ${finalizers.join(', ')}.` })
    };
  }
  return kind.health(object);
}

/** An object that has no state of its own: it is there. */
export function there(): IHealth {
  return { phase: 'ready' };
}
