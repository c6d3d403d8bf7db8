import { useSyncExternalStore } from 'react';

import type { PipelinesContext } from './context';

/** What views say when Kubeflow Pipelines is not there or what they show may not be read. */
export interface IComponentProblem {
  forbidden: string;
  absent: { message?: string; link: { label: string; href: string } };
  isAbsent: boolean;
}

/** The words for `LiveView`, after what the active connection has. `what` is the plural of what is shown. */
export function useComponentProblem(context: PipelinesContext, what: string): IComponentProblem {
  const { trans, connection } = context;
  const state = useSyncExternalStore(
    listener => connection.subscribe(listener),
    () => connection.state
  );
  const component = state?.components['pipelines'];
  return {
    forbidden: state?.namespace
      ? trans.__(
          'You may not list %1 in %2. Ask for the role kubeflow-pipelines-edit there.',
          what,
          state.namespace
        )
      : trans.__('You may not list %1. Ask for the role kubeflow-pipelines-edit.', what),
    absent: {
      message: component?.reason,
      link: {
        label: trans.__('How to install Kubeflow Pipelines'),
        href: 'https://www.kubeflow.org/docs/components/pipelines/operator-guides/installation/'
      }
    },
    isAbsent: component?.available === false
  };
}
