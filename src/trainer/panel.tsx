import { useSyncExternalStore } from 'react';

import { useKept } from '../ui/kept';
import { PanelFrame } from '../ui/panelFrame';
import { Skeleton } from '../ui/viewState';
import { CommandIDs, type TrainerContext } from './context';
import { JobsSection } from './jobsSection';
import { RuntimesSection } from './runtimesSection';

/** The sidebar panel: its toolbar, its sections and the lists in them. */
export function TrainerPanel(props: { context: TrainerContext }): JSX.Element {
  const { context } = props;
  const { trans, commands, kubeflow, section } = context;
  // Before the connection is known, so is no namespace, and all of them were listed.
  const connected = useSyncExternalStore(
    listener => kubeflow.connection.subscribe(listener),
    () => kubeflow.connection.state !== null
  );
  return (
    <PanelFrame
      trans={trans}
      commands={commands}
      title={trans.__('Trainer')}
      refresh={CommandIDs.refresh}
      create={CommandIDs.createJob}
      current={useKept(section)}
      onSection={section.set}
      sections={[
        {
          id: 'jobs',
          label: trans.__('Jobs'),
          render: () => (connected ? <JobsSection context={context} /> : <Skeleton trans={trans} />)
        },
        {
          id: 'runtimes',
          label: trans.__('Runtimes'),
          render: () =>
            connected ? <RuntimesSection context={context} /> : <Skeleton trans={trans} />
        }
      ]}
    />
  );
}
