/** Logs of pods (`GET /api/v1/namespaces/NS/pods/NAME/log`). */
import { pathOf } from '../http';
import type { ITransport } from '../transport';

/** Which part of a log. */
export interface IPodLogOptions {
  /** Needed when the pod has several containers. */
  container?: string;
  /** Goes on until the container ends. */
  follow?: boolean;
  /** Of the container's run before its last restart. */
  previous?: boolean;
  /** Only so many lines from the end. */
  tailLines?: number;
  /** Only what is not older than this. */
  sinceSeconds?: number;
  /** Only what was written from this time (RFC 3339) on. */
  sinceTime?: string;
  /** Each line begins with its time. */
  timestamps?: boolean;
  /** At most so many bytes. */
  limitBytes?: number;
  signal?: AbortSignal;
}

/** A pod's log as it arrives. Leaving the loop ends it. */
export function podLog(
  transport: ITransport,
  pod: { namespace: string; name: string },
  options: IPodLogOptions = {}
): AsyncIterable<string> {
  const { signal, ...query } = options;
  return transport.stream('kubernetes', {
    path: pathOf('api', 'v1', 'namespaces', pod.namespace, 'pods', pod.name, 'log'),
    query,
    format: 'text',
    signal
  });
}
