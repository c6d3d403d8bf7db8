/** The active connection, its namespace and the components that it has. */

/** A profile of the user (`GET /kubeflow/connection`). */
export interface IProfile {
  name: string;
  kind: 'local' | 'kubeconfig' | 'in-cluster';
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
}

/** What `GET /kubeflow/connection` answers (docs/architecture.md, Routes). */
export interface IConnectionState {
  active: string;
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
  /** Switches to a profile, or within it to a namespace. Rejects with `ApiError`. */
  select(change: { active?: string; namespace?: string }): Promise<void>;
  /** Calls `listener` after each change; returns the function that ends this. */
  subscribe(listener: () => void): () => void;
}
