/** Following a task's log where the server may answer only what is there so far. */
import { delay } from './delay';
import { ApiError, isNotFound, isRetryable } from './errors';

/** What `followLog` needs of the server. */
export interface ILogSource {
  /** The log from its start, as far as the server goes in one answer; `undefined` when there is none to read yet. */
  read(signal?: AbortSignal): AsyncIterable<string> | undefined;
  /** Whether each `read` goes on where the last one stopped instead. */
  resumes?: boolean;
  /** Whether the task has ended, so that its log is complete; looks again. */
  ended(signal?: AbortSignal): Promise<boolean>;
}

/** Times of `followLog`, in milliseconds. */
export interface IFollowOptions {
  /** Whether the task is known to have ended already. */
  ended: boolean;
  signal?: AbortSignal;
  /** The first wait before asking again; it grows to `maxInterval` while nothing new comes, to twice that while reads fail. */
  minInterval?: number;
  maxInterval?: number;
  /** Called with the failure of each read that is tried again, and with `undefined` once the log is heard again. */
  onTrouble?: (error: unknown) => void;
}

/**
 * A log until its task has ended, each part once. A read that breaks off is taken up again where it stopped, for as long as the failure
 * may pass (`isRetryable`); any other failure is thrown.
 */
export async function* followLog(
  source: ILogSource,
  options: IFollowOptions
): AsyncGenerator<string> {
  const { signal, minInterval = 1000, maxInterval = 5000 } = options;
  const cursor = new LogCursor();
  let { ended } = options;
  let looked = true;
  let interval = minInterval;
  let trouble: unknown;
  const tell = (error: unknown) => {
    if (error !== undefined || trouble !== undefined) {
      trouble = error;
      options.onTrouble?.(error);
    }
  };
  const heard = () => tell(undefined);
  for (;;) {
    let news = false;
    let failed = false;
    try {
      if (!looked) {
        // Before the read: only what is read after the end is complete.
        ended = (await source.ended(signal)) || ended;
        looked = true;
      }
      const log = source.read(signal);
      if (log) {
        const parts = eachHeard(log, heard);
        for await (const text of source.resumes ? parts : cursor.advance(parts)) {
          news = true;
          yield text;
        }
      }
      heard();
      if (ended) {
        return;
      }
    } catch (error) {
      if (looked && !ended && isWaiting(error)) {
        heard();
      } else if (isRetryable(error)) {
        failed = true;
        tell(error);
      } else {
        throw error;
      }
    }
    looked = false;
    interval = news
      ? minInterval
      : Math.min(interval * 1.5, failed ? 2 * maxInterval : maxInterval);
    await delay(interval, signal);
  }
}

async function* eachHeard(log: AsyncIterable<string>, heard: () => void): AsyncGenerator<string> {
  for await (const chunk of log) {
    heard();
    yield chunk;
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
