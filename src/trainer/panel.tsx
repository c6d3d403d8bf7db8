import { addIcon, refreshIcon, ToolbarButtonComponent } from '@jupyterlab/ui-components';
import { useSyncExternalStore } from 'react';

import { Tabs } from '../ui/tabs';
import { Skeleton } from '../ui/viewState';
import { CommandIDs, type Section, type TrainerContext } from './context';
import { JobsSection } from './jobsSection';
import { RuntimesSection } from './runtimesSection';

/** The sidebar panel: its toolbar, its sections and the lists in them. */
export function TrainerPanel(props: { context: TrainerContext }): JSX.Element {
  const { context } = props;
  const { trans, commands, kubeflow } = context;
  const section = useSyncExternalStore(
    listener => {
      context.changed.connect(listener);
      return () => context.changed.disconnect(listener);
    },
    () => context.section
  );
  // Before the connection is known, so is no namespace, and all of them were listed.
  const connected = useSyncExternalStore(
    listener => kubeflow.connection.subscribe(listener),
    () => kubeflow.connection.state !== null
  );
  return (
    <div className="jp-Kubeflow-panel">
      <div className="jp-Kubeflow-panel-header jp-stack-panel-header">
        <h2>{trans.__('Trainer')}</h2>
        <div role="toolbar" aria-label={trans.__('Trainer')} className="jp-Kubeflow-toolbar">
          <ToolbarButtonComponent
            icon={refreshIcon}
            tooltip={trans.__('Refresh')}
            onClick={() => void commands.execute(CommandIDs.refresh)}
          />
          <ToolbarButtonComponent
            icon={addIcon}
            tooltip={trans.__('Create training job…')}
            onClick={() => void commands.execute(CommandIDs.createJob)}
          />
        </div>
      </div>
      <Tabs
        label={trans.__('Sections')}
        current={section}
        onChange={id => context.show(id as Section)}
        tabs={[
          {
            id: 'jobs',
            label: trans.__('Jobs'),
            render: () =>
              connected ? <JobsSection context={context} /> : <Skeleton trans={trans} />
          },
          {
            id: 'runtimes',
            label: trans.__('Runtimes'),
            render: () =>
              connected ? <RuntimesSection context={context} /> : <Skeleton trans={trans} />
          }
        ]}
      />
    </div>
  );
}
