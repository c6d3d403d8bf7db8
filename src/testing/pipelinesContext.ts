import type { IStateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import type { IConnection, IConnectionState } from '../client/connection';
import type { IPipelinesClient } from '../client/pipelines';
import { PipelinesContext } from '../pipelines/context';
import { RunWatcher } from '../pipelines/watcher';
import type { IKubeflow } from '../ui/tokens';
import { makeClient } from './pipelines';

/** A connection to a server with Pipelines, whose state a spec may change. */
export function makeConnection(change: Partial<IConnectionState> = {}): IConnection & {
  set(next: Partial<IConnectionState>): void;
} {
  const listeners = new Set<() => void>();
  let state: IConnectionState = {
    active: 'cluster',
    namespace: 'team-a',
    profiles: [{ name: 'cluster', kind: 'kubeconfig', namespaces: ['team-a'] }],
    components: { pipelines: { available: true } },
    status: { ok: true },
    ...change
  };
  return {
    get state() {
      return state;
    },
    error: null,
    refresh: async () => undefined,
    select: async () => undefined,
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: next => {
      state = { ...state, ...next };
      listeners.forEach(listener => listener());
    }
  };
}

/** What the panel and the detail tabs are given, over a client with these operations; `state` outlives a reload. */
export function makeContext(
  operations: Partial<IPipelinesClient>,
  connection: IConnection = makeConnection(),
  state: IStateDB | null = null
): PipelinesContext {
  const client = makeClient(operations);
  const trans = nullTranslator.load('jupyterlab_kubeflow');
  const watcher = new RunWatcher({
    client,
    connection,
    trans,
    state: null,
    open: () => undefined
  });
  const kubeflow = { pipelines: client, connection } as unknown as IKubeflow;
  return new PipelinesContext(kubeflow, new CommandRegistry(), trans, watcher, state);
}
