/**
 * One WebSocket that carries all streams (docs/architecture.md, Stream socket): a browser allows about six connections a host over all
 * tabs, so log follows and watches must not hold one each.
 */
import { delay } from './delay';
import { abortReason, ApiError, invalidAnswer, unreachable } from './errors';
import type { IApiErrorBody } from './errors';
import { LineSplitter } from './http';
import type { IStreamRequest, ServiceName } from './transport';

/** The part of a browser's `WebSocket` that is used. */
export interface IWebSocket {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(data: string): void;
  close(): void;
}

/** Makes a socket, as the browser's `WebSocket` does. */
export type WebSocketConstructor = new (url: string) => IWebSocket;

/** How a `StreamSocket` connects. Times are in milliseconds. */
export interface IStreamSocketOptions {
  /** The address, asked before each connection. */
  url: () => string;
  WebSocket: WebSocketConstructor;
  /** UTF-8 bytes that may be on their way and unread on one stream. 256 KiB when left out. */
  window?: number;
  /** How long a socket without streams stays open. 30 s when left out. */
  idleTimeout?: number;
  /** How long a connection may take to open. 20 s when left out. */
  connectTimeout?: number;
  /** The wait before the next connection after `failures` in a row; jittered, 0.5 s to 30 s when left out. */
  backoff?: (failures: number) => number;
}

/**
 * Streams over one socket, which opens with the first stream and closes when it has been idle. Streams that are open when the socket
 * drops fail with a retryable `ApiError` (`isRetryable`), for only their readers know how to resume; the next stream connects again.
 */
export class StreamSocket {
  constructor(options: IStreamSocketOptions) {
    this._options = {
      window: 256 * 1024,
      idleTimeout: 30_000,
      connectTimeout: 20_000,
      backoff: defaultBackoff,
      ...options
    };
  }

  /** A streamed GET. Leaving the loop or aborting the signal cancels it upstream. */
  async *stream(service: ServiceName, request: IStreamRequest): AsyncGenerator<string> {
    const { path, query, format, signal, onOpen } = request;
    const id = String(++this._lastId);
    const channel = new Channel(onOpen);
    const lines = new LineSplitter();
    const onAbort = () => channel.fail(signal && abortReason(signal));
    if (signal?.aborted) {
      throw abortReason(signal);
    }
    signal?.addEventListener('abort', onAbort);
    this._channels.set(id, channel);
    clearTimeout(this._idleTimer);
    let unread = 0;
    try {
      await Promise.race([this._connect(), channel.failed]);
      const credit = this._options.window;
      this._send({ op: 'subscribe', id, service, path, query, format, credit });
      channel.subscribed = true;
      for (;;) {
        const text = await channel.next();
        if (text === undefined) {
          break;
        }
        if (format === 'ndjson') {
          yield* lines.push(text);
        } else {
          yield text;
        }
        unread += utf8Length(text);
        if (!channel.done && (channel.empty || unread * 4 > credit)) {
          this._send({ op: 'credit', id, bytes: unread });
          unread = 0;
        }
      }
      yield* lines.end();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this._channels.delete(id);
      if (channel.subscribed && !channel.done) {
        this._send({ op: 'cancel', id });
      }
      this._closeWhenIdle();
    }
  }

  /** Closes the socket for good; open streams fail, new ones are refused. */
  dispose(): void {
    this._disposed = true;
    clearTimeout(this._idleTimer);
    this._disposal.abort(unreachable('jupyter'));
    this._drop(unreachable('jupyter'));
  }

  /** Resolves when the socket is open. One attempt is shared by all who wait. */
  private _connect(): Promise<void> {
    if (this._disposed) {
      return Promise.reject(unreachable('jupyter'));
    }
    this._connecting ??= this._open();
    return this._connecting;
  }

  private async _open(): Promise<void> {
    if (this._failures) {
      await delay(this._options.backoff(this._failures), this._disposal.signal);
    }
    let socket: IWebSocket;
    try {
      socket = new this._options.WebSocket(this._options.url());
    } catch (error) {
      throw this._lost(unreachable('jupyter', error));
    }
    this._socket = socket;
    await new Promise<void>((resolve, reject) => {
      const lose = () => {
        clearTimeout(timer);
        if (this._socket === socket) {
          reject(this._lost(unreachable('jupyter')));
        }
      };
      const timer = setTimeout(lose, this._options.connectTimeout);
      socket.onopen = () => {
        clearTimeout(timer);
        this._failures = 0;
        this._closeWhenIdle();
        resolve();
      };
      socket.onclose = lose;
      socket.onerror = lose;
      socket.onmessage = (event: { data: unknown }) => {
        if (this._socket === socket) {
          this._receive(event.data);
        }
      };
    });
  }

  private _receive(data: unknown): void {
    let frame: Frame;
    try {
      frame = JSON.parse(String(data)) as Frame;
    } catch (error) {
      this._lost(invalidAnswer('jupyter', String(data), error));
      return;
    }
    const channel = this._channels.get(frame.id);
    switch (frame.op) {
      case 'open':
        channel?.open();
        break;
      case 'data':
        channel?.push(frame.data);
        break;
      case 'end':
        channel?.end();
        break;
      case 'error':
        channel?.end(new ApiError(frame.error));
        break;
    }
  }

  /** The connection failed or dropped: all streams fail, and the next connection waits a little. */
  private _lost(error: ApiError): ApiError {
    this._failures += 1;
    this._drop(error);
    return error;
  }

  private _drop(error: ApiError): void {
    const socket = this._socket;
    this._socket = undefined;
    this._connecting = undefined;
    for (const channel of this._channels.values()) {
      channel.end(error);
    }
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
    }
  }

  private _send(frame: unknown): void {
    this._socket?.send(JSON.stringify(frame));
  }

  private _closeWhenIdle(): void {
    clearTimeout(this._idleTimer);
    if (this._channels.size === 0 && this._socket) {
      this._idleTimer = setTimeout(
        () => this._drop(unreachable('jupyter')),
        this._options.idleTimeout
      );
    }
  }

  private readonly _options: Required<IStreamSocketOptions>;
  private readonly _channels = new Map<string, Channel>();
  private readonly _disposal = new AbortController();
  private _socket: IWebSocket | undefined;
  private _connecting: Promise<void> | undefined;
  private _failures = 0;
  private _lastId = 0;
  private _idleTimer: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;
}

type Frame =
  | { op: 'open'; id: string; status: number; contentType?: string }
  | { op: 'data'; id: string; data: string }
  | { op: 'end'; id: string }
  | { op: 'error'; id: string; error: IApiErrorBody };

/** What has arrived on one stream and has not been read. */
class Channel {
  constructor(private readonly _onOpen?: () => void) {
    this.failed = new Promise((_, reject) => (this._reject = reject));
    this.failed.catch(() => undefined);
  }

  /** Whether the server knows of the stream. */
  subscribed = false;

  /** Rejects when the stream fails. */
  readonly failed: Promise<never>;

  /** Whether the server has nothing more to say, so that there is nothing to cancel. */
  get done(): boolean {
    return this._done;
  }

  get empty(): boolean {
    return this._texts.length === 0;
  }

  /** The service has accepted the stream. */
  open(): void {
    if (!this._aborted) {
      this._onOpen?.();
    }
  }

  push(text: string): void {
    this._texts.push(text);
    this._wake?.();
  }

  /** The server ended the stream; with an error it fails after what arrived before. */
  end(error?: ApiError): void {
    if (!this._done) {
      this._done = true;
      this._error = error;
      if (error) {
        this._reject?.(error);
      }
      this._wake?.();
    }
  }

  /** Its reader does not want it any more: fails at once. */
  fail(reason: unknown): void {
    this._texts = [];
    this._aborted = { reason };
    this._reject?.(reason);
    this._wake?.();
  }

  /** The next text; `undefined` at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (this._aborted) {
        throw this._aborted.reason;
      }
      const text = this._texts.shift();
      if (text !== undefined) {
        return text;
      }
      if (this._error) {
        throw this._error;
      }
      if (this._done) {
        return undefined;
      }
      await new Promise<void>(resolve => (this._wake = resolve));
      this._wake = undefined;
    }
  }

  private _texts: string[] = [];
  private _done = false;
  private _error: ApiError | undefined;
  private _aborted: { reason: unknown } | undefined;
  private _reject: ((reason: unknown) => void) | undefined;
  private _wake: (() => void) | undefined;
}

function defaultBackoff(failures: number): number {
  const longest = Math.min(30_000, 500 * 2 ** (failures - 1));
  return longest * (0.5 + Math.random() / 2);
}

function utf8Length(text: string): number {
  return ENCODER.encode(text).length;
}

const ENCODER = new TextEncoder();
