/**
 * The transport over a Jupyter server with this extension. `ServerConnection` of `@jupyterlab/services` is injected, so that the client
 * layer can be imported where that package is not: `new JupyterServer({settings, makeRequest: ServerConnection.makeRequest})`.
 */
import { isOffline, unreachable } from './errors';
import { checked, HttpTransport, initOf, jsonOf, targetOf } from './http';
import { StreamSocket } from './streams';
import type { WebSocketConstructor } from './streams';
import type { IServiceRequest, IStreamRequest, ServiceName } from './transport';

/** The part of `ServerConnection.ISettings` that is used. */
export interface IJupyterSettings {
  /** Ends with `/`. */
  readonly baseUrl: string;
  /** Ends with `/`. */
  readonly wsUrl: string;
  readonly token: string;
  /** Whether the token goes into a socket's address, where no cookie identifies the user. */
  readonly appendToken?: boolean;
  readonly WebSocket: WebSocketConstructor;
}

/** How a Jupyter server is reached. */
export interface IJupyterOptions<S extends IJupyterSettings> {
  settings: S;
  /** `ServerConnection.makeRequest`: adds the token or the XSRF header. */
  makeRequest: (url: string, init: RequestInit, settings: S) => Promise<Response>;
  /** Called after each request: whether it got through, to the Jupyter server and to the service behind it. */
  onReached?: (reached: boolean) => void;
}

/** Requests to the extension's own routes, `kubeflow/…` below the server's base URL. */
export interface IJupyterServer {
  /** The answer's JSON; rejects with `ApiError`. `path` starts with `/` and is below `kubeflow`. */
  json<T>(request: IServiceRequest): Promise<T>;
  /** The answer itself, always 2xx. */
  response(request: IServiceRequest, service?: string): Promise<Response>;
  /** The socket that carries all streams. */
  readonly streams: StreamSocket;
}

/** A Jupyter server that has this extension. */
export class JupyterServer<S extends IJupyterSettings> implements IJupyterServer {
  constructor(options: IJupyterOptions<S>) {
    this._options = options;
    const { settings } = options;
    this.streams = new StreamSocket({
      WebSocket: settings.WebSocket,
      url: () => {
        const url = `${settings.wsUrl}kubeflow/streams`;
        return settings.appendToken && settings.token
          ? `${url}?token=${encodeURIComponent(settings.token)}`
          : url;
      }
    });
  }

  readonly streams: StreamSocket;

  async json<T>(request: IServiceRequest): Promise<T> {
    return jsonOf<T>('jupyter', await this.response(request), request.signal);
  }

  async response(request: IServiceRequest, service = 'jupyter'): Promise<Response> {
    const { settings, makeRequest, onReached } = this._options;
    const url = `${settings.baseUrl}kubeflow${targetOf(service, request)}`;
    // Under `no-store`, its default, makeRequest adds a timestamp to the query, which the services would refuse or misread. Under `no-cache`
    // Chromium lets a request wait for another one to the same address: behind one that hangs, as after a switch of the connection.
    const init: RequestInit = { ...initOf(request), cache: 'reload' };
    try {
      const answer = await checked(service, request.signal, () =>
        makeRequest(url, init, settings).catch((error: unknown) => {
          // Whatever service was asked for: it is the Jupyter server that did not answer.
          throw unreachable('jupyter', error);
        })
      );
      onReached?.(true);
      return answer;
    } catch (error) {
      if (isOffline(error)) {
        onReached?.(false);
      }
      throw error;
    }
  }

  private readonly _options: IJupyterOptions<S>;
}

/** Reaches the services of the active connection through the Jupyter server, which adds the credentials. */
export class JupyterTransport extends HttpTransport {
  constructor(server: IJupyterServer) {
    super();
    this._server = server;
  }

  async response(service: ServiceName, request: IServiceRequest): Promise<Response> {
    targetOf(service, request);
    const path = `/proxy/${service}${request.path}`;
    return this._server.response({ ...request, path }, service);
  }

  stream(service: ServiceName, request: IStreamRequest): AsyncIterable<string> {
    targetOf(service, request);
    return this._server.streams.stream(service, request);
  }

  private readonly _server: IJupyterServer;
}
