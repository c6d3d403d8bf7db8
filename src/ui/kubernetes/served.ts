/** Whether the active connection has a component, known by one of its kinds. */
import type { IConnection } from '../../client/connection';
import type { IKindName } from '../../client/kubernetes/kind';
import { isLocal } from '../sidePanel';
import type { IKubeflow } from '../tokens';

/**
 * The connection, as one that also tells whether its API server has a kind: it is asked once for each connection, and again after each look
 * at the connection while it has not. Local Kubeflow has it also while it is not started.
 */
export class ServedKind implements Pick<IConnection, 'state' | 'subscribe'> {
  constructor(
    private readonly kubeflow: IKubeflow,
    private readonly kind: IKindName
  ) {
    kubeflow.connection.subscribe(() => void this.look());
    void this.look();
  }

  get state(): IConnection['state'] {
    return this.kubeflow.connection.state;
  }

  /** Whether it is there. */
  get found(): boolean {
    return this._found;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private async look(): Promise<void> {
    const { state } = this;
    const active = state?.active;
    if (active !== this.active) {
      this.active = active;
      this.set(isLocal(state));
    }
    if (!this._found && state?.components['kubernetes']?.available) {
      const { kubernetesOf } = await import('./connection');
      const { discovery } = kubernetesOf(this.kubeflow).client;
      const found = await discovery.has(this.kind).catch(() => false);
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
