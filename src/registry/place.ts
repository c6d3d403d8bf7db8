/** Which registry the views show, and what they say where there is none. */
import { useEffect, useSyncExternalStore } from 'react';

import type { IComponent, IConnectionState } from '../client/connection';
import type { IChange, RegistryContext } from './context';

/** What the active connection tells of its registries; null before it is known. */
export function useConnectionState(context: RegistryContext): IConnectionState | null {
  const { connection } = context.kubeflow;
  return useSyncExternalStore(
    listener => connection.subscribe(listener),
    () => connection.state
  );
}

/** The registry component of a connection. */
export function registryOf(state: IConnectionState | null): IComponent | undefined {
  return state?.components['registry'];
}

/** What changes with the registry that is in use: views of one show nothing of another. */
export function usePlace(context: RegistryContext): string {
  const state = useConnectionState(context);
  return state ? `${state.active}/${registryOf(state)?.choice ?? ''}` : '';
}

/** What views say when there is no registry or what they show may not be read. */
export interface IRegistryProblem {
  forbidden: string;
  absent: { message?: string; link: { label: string; href: string } };
  isAbsent: boolean;
}

/** The words for `LiveView`. `what` is the plural of what is shown. */
export function useRegistryProblem(context: RegistryContext, what: string): IRegistryProblem {
  const { trans } = context;
  const state = useConnectionState(context);
  const component = registryOf(state);
  return {
    forbidden: trans.__(
      'You may not read %1 of this registry. Ask its administrator for access, for example the role registry-user-%2.',
      what,
      component?.choice?.split('/').pop() ?? 'REGISTRY'
    ),
    absent: {
      message: component?.reason,
      link: {
        label: trans.__('How to install the Model Registry'),
        href: 'https://www.kubeflow.org/docs/components/model-registry/installation/'
      }
    },
    isAbsent: component?.available === false
  };
}

/** Hears what the user has changed. */
export function useChanges(context: RegistryContext, onChange: (change: IChange) => unknown): void {
  useEffect(() => {
    const listener = (_: RegistryContext, change: IChange) => onChange(change);
    context.changed.connect(listener);
    return () => {
      context.changed.disconnect(listener);
    };
  });
}
