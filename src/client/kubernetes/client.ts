/** The Kubernetes API, over any transport. */
import type { ITransport } from '../transport';
import { AccessReview } from './access';
import type { IAccess, IAccessAnswer } from './access';
import { Discovery } from './discovery';
import { compareTimes, lastSeen } from './eventTime';
import type { IGeneratedApis } from './generatedApis';
import type { IKind } from './kind';
import { events } from './kinds';
import type { Event } from './kinds';
import type { IKubernetesObject } from './object';
import { podLog } from './podLog';
import type { IPodLogOptions } from './podLog';
import { ResourceClient } from './resource';

/** One cluster, or Local Kubeflow. */
export class KubernetesClient {
  constructor(transport: ITransport) {
    this._transport = transport;
    this.discovery = new Discovery(transport);
    this._access = new AccessReview(transport);
  }

  /** Which kinds the server has, and in which versions. */
  readonly discovery: Discovery;

  /** The objects of a kind. */
  resource<T extends IKubernetesObject>(kind: IKind<T>): ResourceClient<T> {
    return new ResourceClient(kind, this._transport, this.discovery);
  }

  /** The events about an object, oldest first. */
  async eventsOf(object: IKubernetesObject, signal?: AbortSignal): Promise<Event[]> {
    const { name, namespace, uid } = object.metadata ?? {};
    const fields = { 'involvedObject.name': name, 'involvedObject.uid': uid };
    const found = await this.resource(events).list({
      namespace,
      fieldSelector: Object.entries(fields)
        .filter(([, value]) => value)
        .map(([field, value]) => `${field}=${value}`)
        .join(','),
      signal
    });
    return found.sort((one, other) => compareTimes(lastSeen(one) ?? '', lastSeen(other) ?? ''));
  }

  /** A pod's log as it arrives. */
  log(
    pod: { namespace: string; name: string },
    options: IPodLogOptions = {}
  ): AsyncIterable<string> {
    return podLog(this._transport, pod, options);
  }

  /** Whether the user may do something, with the reason when not. */
  may(access: IAccess, signal?: AbortSignal): Promise<IAccessAnswer> {
    return this._access.may(access, signal);
  }

  /** The generated APIs of `@kubernetes/client-node`, loaded when they are first asked for: for what the rest of this client does not do. */
  async apis(): Promise<IGeneratedApis> {
    const { generatedApis } = await import('./generatedApis');
    return generatedApis(this._transport);
  }

  private readonly _transport: ITransport;
  private readonly _access: AccessReview;
}
