/** The active connection, its namespace and the components that it has. */
import type { IJupyterServer } from './jupyter';

/** A profile of the user (`GET /kubeflow/connection`). */
export interface IProfile {
  name: string;
  kind: 'local' | 'kubeconfig' | 'in-cluster' | 'configured';
  /** Those to offer: all that are known and allowed; of a profile that is not active those that its configuration names. */
  namespaces: string[];
}

/** Whether a component can be reached and how it was found. */
export interface IComponent {
  available: boolean;
  version?: string;
  /** `configured`, `in-cluster`, `route`, `service-proxy`, `port-forward` or `local`. */
  via?: string;
  /** Why it is not available and what to do. */
  reason?: string;
  /** Those that there are, of a component of which a connection can have several (`registry`); the one in use is among them. */
  choices?: IComponentChoice[];
  /** The name of the one in use. */
  choice?: string;
}

/** One of several components of a kind. */
export interface IComponentChoice {
  /** Names it in `select`: `NAMESPACE/SERVICE` of one that was found, else the name that it has in the configuration. */
  name: string;
  /** What to call it: the name that its Service is annotated with, else its own. */
  displayName: string;
  description?: string;
}

/** What can be chosen; what is left out stays. */
export interface IConnectionChange {
  active?: string;
  namespace?: string;
  /** A name among `components.registry.choices`; kept for each connection. */
  registry?: string;
}

/** What `GET /kubeflow/connection` answers (docs/architecture.md, Routes). */
export interface IConnectionState {
  active: string;
  /** The active profile's, empty only when the configuration cannot be read; the client of a KFP for a single user does not send it. */
  namespace: string;
  profiles: IProfile[];
  components: Record<string, IComponent>;
  status: { ok: boolean; reason?: string; message?: string };
}

/** Reads and switches the connection, and tells its listeners. The implementation is `Connection` below. */
export interface IConnection {
  /** The last state that the server told; `null` before the first answer. */
  readonly state: IConnectionState | null;
  /** The error of the last read, when it failed; the state before it stays. */
  readonly error: Error | null;
  /** Reads the state again. Never rejects: a failure is in `error`. */
  refresh(): Promise<void>;
  /** Switches to a profile, or within it to a namespace or another registry. Rejects with `ApiError`. */
  select(change: IConnectionChange): Promise<void>;
  /** Calls `listener` after each change; returns the function that ends this. */
  subscribe(listener: () => void): () => void;
}

/** Reads and switches the connection over the extension's `connection` route. */
export class Connection implements IConnection {
  constructor(server: Pick<IJupyterServer, 'json'>) {
    this._server = server;
  }

  get state(): IConnectionState | null {
    return this._state;
  }

  get error(): Error | null {
    return this._error;
  }

  /** Whether a component can be used; `false` before the first answer. */
  isAvailable(component: string): boolean {
    return this._state?.components[component]?.available ?? false;
  }

  /** Reads the state again. Calls during a read share it. Never rejects: a failure is in `error`. */
  refresh(): Promise<void> {
    this._refreshing ??= this._read().finally(() => {
      this._refreshing = undefined;
    });
    return this._refreshing;
  }

  async select(change: IConnectionChange): Promise<void> {
    const state = await this._server.json<IConnectionState>({
      method: 'PUT',
      path: PATH,
      json: change
    });
    this._settle(++this._turn, state, null);
  }

  subscribe(listener: () => void): () => void {
    const entry = { listener };
    this._listeners.add(entry);
    return () => {
      this._listeners.delete(entry);
    };
  }

  private async _read(): Promise<void> {
    const turn = ++this._turn;
    try {
      this._settle(turn, await this._server.json<IConnectionState>({ path: PATH }), null);
    } catch (error) {
      this._settle(turn, this._state, asError(error));
    }
  }

  /** Takes an answer unless the connection was switched while it was on its way. */
  private _settle(turn: number, state: IConnectionState | null, error: Error | null): void {
    if (turn !== this._turn) {
      return;
    }
    this._state = state;
    this._error = error;
    for (const { listener } of [...this._listeners]) {
      listener();
    }
  }

  private readonly _server: Pick<IJupyterServer, 'json'>;
  private readonly _listeners = new Set<{ listener: () => void }>();
  private _state: IConnectionState | null = null;
  private _error: Error | null = null;
  private _refreshing: Promise<void> | undefined;
  private _turn = 0;
}

const PATH = '/connection';

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
