/**
 * One shape for every failure: our server's typed body, Kubernetes' `Status`, KFP's gRPC status, plain text and web pages.
 */

import { list, object, text } from '../graph/wire';
import type { Json } from '../graph/wire';

/** What an `ApiError` is made of; the JSON that the server extension sends (docs/architecture.md, Routes). */
export interface IApiErrorBody {
  /** Who failed: a service of the proxy, or `jupyter`. */
  service: string;
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** A word of the Kubernetes style: `NotFound`, `Forbidden`, `Invalid`, `Unreachable` … */
  reason: string;
  /** What happened and what to do, in words. */
  message: string;
  /** JSON for a form or a details section. */
  details?: unknown;
  /** Seconds after which the server wants to be asked again (`Retry-After`, or `retryAfterSeconds` of a `Status`). */
  retryAfter?: number;
}

/** A request that did not succeed. */
export class ApiError extends Error implements IApiErrorBody {
  readonly service: string;
  readonly status: number;
  readonly reason: string;
  readonly details?: unknown;
  readonly retryAfter?: number;

  constructor(body: IApiErrorBody, options?: { cause?: unknown }) {
    super(body.message, options);
    this.name = 'ApiError';
    this.service = body.service;
    this.status = body.status;
    this.reason = body.reason;
    this.details = body.details;
    const asked = object(body.details).retryAfterSeconds;
    this.retryAfter = body.retryAfter ?? (typeof asked === 'number' ? asked : undefined);
  }
}

/** Whether the credentials do not allow it (401 and 403). */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}

/** Whether the thing is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Whether something of the same name is there already, or has changed meanwhile. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

/** Whether nothing could be reached: the Jupyter server from here, or the service from there. */
export function isOffline(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.reason === 'Unreachable' || error.reason === 'UpstreamUnreachable')
  );
}

/** Whether the same request may succeed later without anybody changing anything. */
export function isRetryable(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.reason !== 'NotConfigured' &&
    [0, 408, 429, 502, 503, 504].includes(error.status)
  );
}

/** Whether it is the `AbortError` of a cancelled request. */
export function isAborted(error: unknown): boolean {
  return object(error).name === 'AbortError';
}

/** What an aborted signal makes its readers throw. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException('The request was cancelled.', 'AbortError');
}

/** The error of an answer that could not be had at all. */
export function unreachable(service: string, cause?: unknown): ApiError {
  return new ApiError(
    {
      service,
      status: 0,
      reason: 'Unreachable',
      message: `${serviceLabel(service)} cannot be reached. Check the network and that the server runs.`
    },
    { cause }
  );
}

/** A service's name for people. */
export function serviceLabel(service: string): string {
  return LABELS[service] ?? service;
}

/** The error that an answer with a status outside 2xx stands for. `content` is its body, `retryAfter` its header in seconds. */
export function errorFromAnswer(
  service: string,
  status: number,
  content: string,
  retryAfter?: number
): ApiError {
  const body = parseObject(content);
  const known = { service, status, reason: REASONS[status] ?? defaultReason(status), retryAfter };
  if (!body) {
    return new ApiError({ ...known, message: messageFromText(service, status, content) });
  }
  const said = text(body.message) ?? text(body.error) ?? text(body.detail);
  const message = said ?? messageFromText(service, status, '');
  if (typeof body.service === 'string' && typeof body.reason === 'string') {
    return new ApiError({
      ...known,
      service: body.service,
      reason: body.reason,
      message,
      details: body.details
    });
  }
  if (body.kind === 'Status') {
    return new ApiError({
      ...known,
      reason: text(body.reason) ?? known.reason,
      message,
      details: body.details
    });
  }
  if (typeof body.code === 'number') {
    return new ApiError({
      ...known,
      reason: GRPC_REASONS[body.code] ?? known.reason,
      message: userMessage(body.details) ?? message,
      details: body.details
    });
  }
  return new ApiError({
    ...known,
    message,
    details: body.details ?? body.detail
  });
}

/** The error of a 2xx answer whose content is not what the API promises. */
export function invalidAnswer(service: string, content: string, cause?: unknown): ApiError {
  const what = looksLikeHtml(content)
    ? 'a web page, perhaps a login page,'
    : 'something that is not JSON';
  return new ApiError(
    {
      service,
      status: 502,
      reason: 'UpstreamInvalid',
      message: `${serviceLabel(service)} answered with ${what} where its API was expected. Check the address of the connection.`
    },
    { cause }
  );
}

const LABELS: Record<string, string> = {
  jupyter: 'The Jupyter server',
  kubernetes: 'The Kubernetes API',
  pipelines: 'Kubeflow Pipelines',
  'pipelines-ui': 'The Kubeflow Pipelines UI server',
  registry: 'The model registry',
  feast: 'The Feast registry',
  'feast-online': 'The Feast feature server',
  inference: 'The inference service',
  'katib-ui': 'Katib’s UI server',
  'katib-db-manager': 'Katib’s db-manager'
};

const REASONS: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'Timeout',
  409: 'Conflict',
  410: 'Expired',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  501: 'NotImplemented',
  502: 'UpstreamInvalid',
  503: 'ServiceUnavailable',
  504: 'UpstreamTimeout'
};

/** `google.rpc.Code`. */
const GRPC_REASONS: Record<number, string> = {
  1: 'Cancelled',
  3: 'Invalid',
  4: 'Timeout',
  5: 'NotFound',
  6: 'AlreadyExists',
  7: 'Forbidden',
  8: 'TooManyRequests',
  9: 'Conflict',
  10: 'Conflict',
  12: 'NotImplemented',
  13: 'InternalError',
  14: 'ServiceUnavailable',
  16: 'Unauthorized'
};

const PHRASES: Record<number, string> = {
  400: 'does not accept the request',
  401: 'asks for credentials: sign in again',
  403: 'does not allow this',
  404: 'has no such thing',
  405: 'does not offer this operation',
  409: 'says that it conflicts with what is there',
  413: 'says that the request is too large',
  429: 'is asked too often: wait a moment',
  501: 'does not offer this operation',
  502: 'is behind a gateway that got no valid answer from it',
  503: 'is not available now',
  504: 'did not answer in time'
};

function defaultReason(status: number): string {
  return status >= 500 ? 'InternalError' : 'BadRequest';
}

function messageFromText(service: string, status: number, content: string): string {
  const phrase = PHRASES[status] ?? (status >= 500 ? 'failed' : 'does not accept the request');
  const said = content.trim();
  const quote = said && said.length <= 500 && !looksLikeHtml(said) ? `: ${said}` : '.';
  return `${serviceLabel(service)} ${phrase} (${status})${quote}`;
}

/** KFP puts the sentence for people into a detail of type `api.Error`. */
function userMessage(details: unknown): string | undefined {
  return list(details)
    .map(detail => text(object(detail).error_message))
    .find(message => message !== undefined);
}

function parseObject(body: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const known = object(value);
    return known === value ? known : undefined;
  } catch {
    return undefined;
  }
}

function looksLikeHtml(body: string): boolean {
  return /^\s*</.test(body);
}
