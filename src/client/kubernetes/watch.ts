/** Events of a watch (`WatchEvent` of `meta/v1`), read from lines of JSON. */
import { errorFromAnswer, invalidAnswer } from '../errors';
import type { IKubernetesObject } from './object';

/** What happened to an object. A bookmark says only how far the watch has come. */
export type WatchEvent<T extends IKubernetesObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; resourceVersion: string };

/** The events. An `ERROR` event is thrown as the `ApiError` of its `Status`. */
export async function* watchEvents<T extends IKubernetesObject>(
  lines: AsyncIterable<string>
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines) {
    const event = parse(line);
    const object = event.object;
    if (event.type === 'ERROR') {
      throw errorFromAnswer('kubernetes', object.code ?? 500, JSON.stringify(object));
    }
    if (event.type === 'BOOKMARK') {
      yield { type: event.type, resourceVersion: object.metadata?.resourceVersion ?? '' };
    } else if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED') {
      yield { type: event.type, object: object as T };
    }
  }
}

interface IWireEvent {
  type: string;
  object: IKubernetesObject & { code?: number };
}

function parse(line: string): IWireEvent {
  try {
    const event = JSON.parse(line) as Partial<IWireEvent> | null;
    if (typeof event?.type === 'string' && typeof event.object === 'object' && event.object) {
      return event as IWireEvent;
    }
  } catch (error) {
    throw invalidAnswer('kubernetes', line, error);
  }
  throw invalidAnswer('kubernetes', line);
}
