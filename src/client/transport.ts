/**
 * How the clients reach a service: one interface, implemented over the Jupyter server's proxy (`JupyterTransport`) and over plain fetch
 * (`DirectTransport`, for Node and tests).
 */

/** The services behind `/kubeflow/proxy/SERVICE` (docs/architecture.md, Routes). */
export type ServiceName =
  | 'kubernetes'
  | 'pipelines'
  | 'pipelines-ui'
  | 'registry'
  | 'feast'
  | 'feast-online'
  | 'inference'
  | 'katib-ui';

/** A query: `undefined` values are left out, arrays repeat the key. */
export type Query = Record<string, string | number | boolean | string[] | undefined>;

/** One request to a service. */
export interface IServiceRequest {
  /** HTTP method; GET when left out. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path within the service, starting with `/`; segments already percent-encoded. */
  path: string;
  query?: Query;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; not together with `json`. */
  body?: BodyInit;
  /** Cancels the request, also upstream. */
  signal?: AbortSignal;
}

/** A streamed GET. */
export interface IStreamRequest {
  path: string;
  query?: Query;
  /** `text`: chunks as they come; `ndjson`: one complete line a value. */
  format: 'text' | 'ndjson';
  signal?: AbortSignal;
  /** Called once, when the service has accepted it; what it says may come much later. */
  onOpen?: () => void;
}

/**
 * Sends requests. Every failure is thrown as an `ApiError`; an aborted request throws the signal's `AbortError`.
 */
export interface ITransport {
  /** The answer's JSON (`undefined` for an empty body). */
  json<T>(service: ServiceName, request: IServiceRequest): Promise<T>;
  /** The answer itself, for content that is not JSON. Its status is always 2xx. */
  response(service: ServiceName, request: IServiceRequest): Promise<Response>;
  /** The answer's text as it arrives. Leaving the loop cancels upstream. */
  stream(service: ServiceName, request: IStreamRequest): AsyncIterable<string>;
}
