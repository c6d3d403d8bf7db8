import { useEffect, useState, useSyncExternalStore } from 'react';

import type { IConnectionState } from '../client/connection';
import { optimizationJobs, tuningExperiments } from '../client/kubernetes/kinds';
import { useKept } from '../ui/kept';
import { useKubernetes } from '../ui/kubernetes/connection';
import { PanelFrame } from '../ui/panelFrame';
import { useListRequests } from '../ui/useListRequests';
import { Skeleton } from '../ui/viewState';
import { CommandIDs, CreateCommandIDs, type KatibContext, type StudyKind } from './context';
import { ExperimentsSection, OptimizationJobsSection } from './experimentsSection';

/** The sidebar panel: a section for each kind of tuning experiment that the connection has. */
export function KatibPanel(props: { context: KatibContext }): JSX.Element {
  const { context } = props;
  const { trans, commands, kubeflow, section } = context;
  const state = useSyncExternalStore(
    listener => kubeflow.connection.subscribe(listener),
    () => kubeflow.connection.state
  );
  const served = useServed(context, state);
  const current = useKept(section);
  const waiting = <Skeleton trans={trans} />;
  const all = {
    Experiment: {
      id: 'Experiment' as const,
      label: trans.__('Experiments'),
      render: () => (served ? <ExperimentsSection context={context} /> : waiting)
    },
    OptimizationJob: {
      id: 'OptimizationJob' as const,
      label: trans.__('Optimization jobs'),
      render: () =>
        served ? (
          <OptimizationJobsSection context={context} areMade={!served.includes('Experiment')} />
        ) : (
          waiting
        )
    }
  };
  return (
    <PanelFrame
      trans={trans}
      commands={commands}
      title={trans.__('Katib')}
      refresh={CommandIDs.refresh}
      create={
        commands.hasCommand(CreateCommandIDs.createExperiment)
          ? CreateCommandIDs.createExperiment
          : undefined
      }
      current={current}
      onSection={section.set}
      sections={(served ?? [current]).map(kind => all[kind])}
    />
  );
}

/**
 * The kinds that the API server has, asked again after each look at the connection; Experiments where it has neither, whose list then says
 * what to install. Undefined until it has answered, and before the connection is known: so is no namespace then.
 */
function useServed(
  context: KatibContext,
  state: IConnectionState | null
): readonly StudyKind[] | undefined {
  const { client } = useKubernetes(context.kubeflow);
  const [served, setServed] = useState<readonly StudyKind[]>();
  const [turn, setTurn] = useState(0);
  useListRequests(context.asked, () => {
    client.discovery.forget();
    setTurn(last => last + 1);
  });
  useEffect(() => {
    if (!state) {
      return;
    }
    let over = false;
    const has = (kind: typeof tuningExperiments | typeof optimizationJobs) =>
      client.discovery.has(kind).catch(() => false);
    void Promise.all([has(tuningExperiments), has(optimizationJobs)]).then(
      ([experiments, jobs]) => {
        if (!over) {
          setServed([
            ...(experiments || !jobs ? (['Experiment'] as const) : []),
            ...(jobs ? (['OptimizationJob'] as const) : [])
          ]);
        }
      }
    );
    return () => {
      over = true;
    };
  }, [client, state, turn]);
  return served;
}
