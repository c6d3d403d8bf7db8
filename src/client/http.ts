/** What the HTTP transports share: addresses, bodies, failures and reading a body as it arrives. */
import { ApiError, abortReason, errorFromAnswer, invalidAnswer, unreachable } from './errors';
import type { IServiceRequest, IStreamRequest, ITransport, Query, ServiceName } from './transport';

/** A path of these segments, each percent-encoded: `pathOf('runs', id)` is `/runs/ID`. */
export function pathOf(...segments: string[]): string {
  return segments.map(segment => `/${encodeURIComponent(segment)}`).join('');
}

/** A query with its `?`; empty without a value. */
export function encodeQuery(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) {
        parameters.append(key, String(item));
      }
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

/**
 * A request's path and query. Throws an `ApiError` for a path that a URL parser would change, as that would leave the service.
 */
export function targetOf(service: string, request: { path: string; query?: Query }): string {
  const { path } = request;
  const dots = path.split('/').some(segment => /^(\.|%2e){1,2}$/i.test(segment));
  // eslint-disable-next-line no-control-regex
  if (!path.startsWith('/') || dots || /[\\?#\x00-\x20]/.test(path)) {
    throw new ApiError({
      service,
      status: 400,
      reason: 'BadRequest',
      message: `“${path}” is not a path that can be asked for: it has to start with “/” and its parts must be encoded.`
    });
  }
  return path + encodeQuery(request.query);
}

/** The `fetch` options of a request. */
export function initOf(request: Omit<IServiceRequest, 'path' | 'query'>): RequestInit {
  const { method = 'GET', json, body, headers, signal } = request;
  const content = json === undefined ? undefined : { 'Content-Type': 'application/json' };
  return {
    method,
    headers: { Accept: 'application/json', ...content, ...headers },
    body: json === undefined ? body : JSON.stringify(json),
    signal
  };
}

/** Awaits an answer; what is not 2xx is thrown as an `ApiError`, an abort as the signal's reason. */
export async function checked(
  service: string,
  signal: AbortSignal | undefined,
  send: () => Promise<Response>
): Promise<Response> {
  if (signal?.aborted) {
    throw abortReason(signal);
  }
  let response: Response;
  try {
    response = await send();
  } catch (error) {
    throw failure(service, signal, error);
  }
  if (response.ok) {
    return response;
  }
  let text = '';
  try {
    text = await response.text();
  } catch {
    if (signal?.aborted) {
      throw abortReason(signal);
    }
  }
  const asked = /^\d+$/.exec(response.headers.get('Retry-After') ?? '');
  throw errorFromAnswer(service, response.status, text, asked ? Number(asked[0]) : undefined);
}

/** An answer's JSON; `undefined` for an empty body. */
export async function jsonOf<T>(
  service: string,
  response: Response,
  signal?: AbortSignal
): Promise<T> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw failure(service, signal, error);
  }
  if (!text.trim()) {
    return undefined as T;
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw invalidAnswer(service, text, error);
  }
}

/** An answer's text as it arrives: chunks, or complete lines without their end for `ndjson`. */
export async function* textOf(
  service: string,
  response: Response,
  format: IStreamRequest['format'],
  signal?: AbortSignal
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const lines = new LineSplitter();
  const parts = (text: string) => (format === 'ndjson' ? lines.push(text) : text ? [text] : []);
  for await (const bytes of bytesOf(service, response, signal)) {
    yield* parts(decoder.decode(bytes, { stream: true }));
  }
  yield* parts(decoder.decode());
  yield* lines.end();
}

/** An answer's bytes as they arrive. Leaving the loop hangs up. */
export async function* bytesOf(
  service: string,
  response: Response,
  signal?: AbortSignal
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) {
    return;
  }
  try {
    for (;;) {
      let result: ReadableStreamReadResult<Uint8Array>;
      try {
        result = await reader.read();
      } catch (error) {
        throw failure(service, signal, error);
      }
      if (result.done) {
        return;
      }
      yield result.value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Cuts chunks into complete, non-empty lines. */
export class LineSplitter {
  /** The lines that `text` completes. */
  push(text: string): string[] {
    const lines = (this._rest + text).split('\n');
    this._rest = lines.pop() ?? '';
    return lines.map(line => line.replace(/\r$/, '')).filter(line => line);
  }

  /** The last line when it has no end. */
  end(): string[] {
    const rest = this._rest;
    this._rest = '';
    return rest ? [rest] : [];
  }

  private _rest = '';
}

/** What the transports have in common. */
export abstract class HttpTransport implements ITransport {
  async json<T>(service: ServiceName, request: IServiceRequest): Promise<T> {
    const response = await this.response(service, request);
    return jsonOf<T>(service, response, request.signal);
  }

  abstract response(service: ServiceName, request: IServiceRequest): Promise<Response>;

  abstract stream(service: ServiceName, request: IStreamRequest): AsyncIterable<string>;
}

function failure(service: string, signal: AbortSignal | undefined, error: unknown): unknown {
  if (signal?.aborted) {
    return abortReason(signal);
  }
  return error instanceof ApiError ? error : unreachable(service, error);
}
