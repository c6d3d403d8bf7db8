import { addIcon, refreshIcon, ToolbarButtonComponent } from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';

import { Tabs } from '../ui/tabs';
import { CommandIDs, type IChange, type PipelinesContext, type Section } from './context';
import { PipelinesSection } from './pipelinesSection';
import { RecurringSection } from './recurringSection';
import { RunsSection } from './runsSection';

/** The command that fills each section. */
const CREATE: Record<Section, string> = {
  runs: CommandIDs.runPipeline,
  pipelines: CommandIDs.uploadPipeline,
  recurring: CommandIDs.schedulePipeline
};

/** The sidebar panel: its toolbar, its sections and the lists in them. */
export function PipelinesPanel(props: { context: PipelinesContext }): JSX.Element {
  const { context } = props;
  const { trans, commands } = context;
  const [{ section, runsOf }, setView] = useState(context.view);
  const [generation, setGeneration] = useState(0);

  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'connection') {
        setGeneration(count => count + 1);
      } else if (change.kind === 'view') {
        setView(context.view);
      }
    };
    context.changed.connect(onChange);
    setView(context.view);
    return () => {
      context.changed.disconnect(onChange);
    };
  }, [context]);

  return (
    <section className="jp-Kubeflow-panel" aria-label={trans.__('Pipelines')}>
      <div className="jp-Kubeflow-panel-header jp-stack-panel-header">
        <h2>{trans.__('Pipelines')}</h2>
        <div role="toolbar" aria-label={trans.__('Pipelines')} className="jp-Kubeflow-toolbar">
          <ToolbarButtonComponent
            icon={refreshIcon}
            tooltip={trans.__('Refresh')}
            onClick={() => void commands.execute(CommandIDs.refresh)}
          />
          <ToolbarButtonComponent
            icon={addIcon}
            tooltip={commands.label(CREATE[section])}
            onClick={() => void commands.execute(CREATE[section])}
          />
        </div>
      </div>
      <Tabs
        label={trans.__('Sections')}
        current={section}
        onChange={id => context.show({ ...context.view, section: id as Section })}
        tabs={[
          {
            id: 'runs',
            label: trans.__('Runs'),
            render: () => (
              <RunsSection key={`${generation}/${runsOf?.id}`} context={context} of={runsOf} />
            )
          },
          {
            id: 'pipelines',
            label: trans.__('Pipelines'),
            render: () => <PipelinesSection key={generation} context={context} />
          },
          {
            id: 'recurring',
            label: trans.__('Recurring'),
            render: () => <RecurringSection key={generation} context={context} />
          }
        ]}
      />
    </section>
  );
}
