/** Whether the active connection has a component, known by its kinds. */
import type { IKindName } from '../../client/kubernetes/kind';
import { type IPresence, isLocal } from '../sidePanel';
import type { IKubeflow } from '../tokens';

/**
 * Tells whether the API server of the active connection has one of some kinds: it is asked once for each connection, and again after each look
 * at the connection while it has none. Local Kubeflow has them also while it is not started.
 */
export class ServedKind implements IPresence {
  private readonly kinds: readonly IKindName[];

  constructor(
    private readonly kubeflow: IKubeflow,
    ...kinds: IKindName[]
  ) {
    this.kinds = kinds;
    kubeflow.connection.subscribe(() => void this.look());
    void this.look();
  }

  /** Whether one is there. */
  get found(): boolean {
    return this._found;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private async look(): Promise<void> {
    const { state } = this.kubeflow.connection;
    const active = state?.active;
    if (active !== this.active) {
      this.active = active;
      this.set(isLocal(state));
    }
    if (!this._found && state?.components['kubernetes']?.available) {
      const { kubernetesOf } = await import('./connection');
      const { discovery } = kubernetesOf(this.kubeflow).client;
      const has = this.kinds.map(kind => discovery.has(kind).catch(() => false));
      const found = (await Promise.all(has)).includes(true);
      if (this.active === active) {
        this.set(found);
      }
    }
  }

  private set(found: boolean): void {
    if (found !== this._found) {
      this._found = found;
      this.listeners.forEach(listener => listener());
    }
  }

  private active: string | undefined;
  private _found = false;
  private readonly listeners = new Set<() => void>();
}
