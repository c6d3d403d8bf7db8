/** Following a task's log where the server may answer only what is there so far. */
import { delay } from './delay';
import { ApiError, isNotFound, isRetryable } from './errors';

/** What `followLog` needs of the server. */
export interface ILogSource {
  /** The log from its start, as far as the server goes in one answer; `undefined` when there is none to read yet. */
  read(signal?: AbortSignal): AsyncIterable<string> | undefined;
  /** Whether the task has ended, so that its log is complete; looks again. */
  ended(signal?: AbortSignal): Promise<boolean>;
}

/** Times of `followLog`, in milliseconds. */
export interface IFollowOptions {
  /** Whether the task is known to have ended already. */
  ended: boolean;
  signal?: AbortSignal;
  /** The first wait before asking again; it grows to `maxInterval` while nothing new comes. */
  minInterval?: number;
  maxInterval?: number;
}

/** How often in a row a read may fail before the failure is passed on. */
const PATIENCE = 5;

/**
 * A log until its task has ended, each part once. A read that breaks off is taken up again where it stopped.
 */
export async function* followLog(
  source: ILogSource,
  options: IFollowOptions
): AsyncGenerator<string> {
  const { signal, minInterval = 1000, maxInterval = 5000 } = options;
  const cursor = new LogCursor();
  let { ended } = options;
  let interval = minInterval;
  let failures = 0;
  for (;;) {
    let news = false;
    let complete = false;
    try {
      const log = source.read(signal);
      if (log) {
        for await (const text of cursor.advance(log)) {
          news = true;
          yield text;
        }
      }
      complete = ended;
      failures = 0;
    } catch (error) {
      if (!isWaiting(error) || ended) {
        failures = news ? 1 : failures + 1;
        if (!isRetryable(error) || failures > PATIENCE) {
          throw error;
        }
      }
    }
    if (complete) {
      return;
    }
    interval = news ? minInterval : Math.min(interval * 1.5, maxInterval);
    if (!ended) {
      // Looked at before the next read: only what is read after the end is complete.
      try {
        ended = await source.ended(signal);
      } catch (error) {
        failures += 1;
        if (!isRetryable(error) || failures > PATIENCE) {
          throw error;
        }
      }
    }
    if (!ended || failures) {
      await delay(interval, signal);
    }
  }
}

/** Whether there is no log yet, or a gateway gave up on one to which nothing was added for long. */
function isWaiting(error: unknown): boolean {
  return isNotFound(error) || (error instanceof ApiError && error.status === 504);
}

/** How much of the beginning is kept to recognise the log again. */
const HEAD = 1024;

/** Says in the log's place that its beginning is gone. */
export const ROTATED = '\n[The log was rotated: what came before this line may not follow on.]\n';

/** Remembers how much of a log has been delivered, and skips it when the log is read again. */
export class LogCursor {
  /** What is new in a log that is read from its start. */
  async *advance(log: AsyncIterable<string>): AsyncGenerator<string> {
    const known = this._length;
    let unsure = known > 0 ? '' : undefined;
    let position = 0;
    for await (const chunk of log) {
      let text = chunk;
      if (unsure !== undefined) {
        unsure += text;
        if (unsure.length < this._head.length) {
          continue;
        }
        text = unsure;
        unsure = undefined;
        if (!text.startsWith(this._head)) {
          this._head = '';
          this._length = 0;
          position = 0;
          yield ROTATED;
        }
      }
      const start = position;
      position += text.length;
      const fresh = text.slice(Math.max(0, this._length - start));
      if (fresh) {
        this._head += fresh.slice(0, Math.max(0, HEAD - this._head.length));
        this._length = position;
        yield fresh;
      }
    }
    if (unsure && !this._head.startsWith(unsure)) {
      this._head = unsure.slice(0, HEAD);
      this._length = unsure.length;
      yield ROTATED;
      yield unsure;
    }
  }

  private _head = '';
  private _length = 0;
}
