/** What all objects of the Kubernetes API have in common, as JSON. */
import type { V1ObjectMeta } from '@kubernetes/client-node';

/** A type of `@kubernetes/client-node` as it is on the wire: times are RFC 3339 texts. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer Each)[]
    ? Wire<Each>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

/** `metadata` of an object. */
export type ObjectMeta = Wire<V1ObjectMeta>;

/** An object of any kind. */
export interface IKubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}
