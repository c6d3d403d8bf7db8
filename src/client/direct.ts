/** The transport over plain `fetch`, for Node and for pages that may talk to the services themselves. */
import { abortReason, ApiError } from './errors';
import { checked, HttpTransport, initOf, targetOf, textOf } from './http';
import type { IServiceRequest, IStreamRequest, ServiceName } from './transport';

/** Where the services are and what they ask for. */
export interface IDirectOptions {
  /** Base URL per service, for example `{pipelines: 'http://localhost:8888'}`. */
  services: Partial<Record<ServiceName, string>>;
  /** Bearer token, sent to each of them; a function is asked before each request. */
  token?: string | (() => string | Promise<string>);
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
}

/** Talks to the services directly. `pipelines-ui` is found below `pipelines` when it has no address of its own. */
export class DirectTransport extends HttpTransport {
  constructor(options: IDirectOptions) {
    super();
    this._options = options;
  }

  async *stream(service: ServiceName, request: IStreamRequest): AsyncGenerator<string> {
    const { format, path, query, signal, onOpen } = request;
    const hangUp = new AbortController();
    const onAbort = () => signal && hangUp.abort(abortReason(signal));
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) {
      onAbort();
    }
    try {
      const response = await this.response(service, {
        path,
        query,
        headers: { Accept: '*/*' },
        signal: hangUp.signal
      });
      onOpen?.();
      yield* textOf(service, response, format, hangUp.signal);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      hangUp.abort();
    }
  }

  async response(service: ServiceName, request: IServiceRequest): Promise<Response> {
    const target = targetOf(service, request);
    return checked(service, request.signal, () => this._send(service, target, initOf(request)));
  }

  private async _send(service: ServiceName, target: string, init: RequestInit): Promise<Response> {
    const { services, token } = this._options;
    const base = services[service] ?? (service === 'pipelines-ui' ? services.pipelines : undefined);
    if (!base) {
      throw new ApiError({
        service,
        status: 503,
        reason: 'NotConfigured',
        message: `No address is given for the service “${service}”.`
      });
    }
    const headers = new Headers(init.headers);
    const bearer = typeof token === 'function' ? await token() : token;
    if (bearer) {
      headers.set('Authorization', `Bearer ${bearer}`);
    }
    const send = this._options.fetch ?? fetch;
    return send(base.replace(/\/+$/, '') + target, { ...init, headers });
  }

  private readonly _options: IDirectOptions;
}
