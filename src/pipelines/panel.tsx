import { useEffect, useState } from 'react';

import { useKept } from '../ui/kept';
import { PanelFrame } from '../ui/panelFrame';
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
  const { trans, commands, view } = context;
  const { section, runsOf } = useKept(view);
  const [generation, setGeneration] = useState(0);

  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'connection') {
        setGeneration(count => count + 1);
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
    };
  }, [context]);

  return (
    <PanelFrame
      trans={trans}
      commands={commands}
      title={trans.__('Pipelines')}
      refresh={CommandIDs.refresh}
      create={CREATE[section]}
      current={section}
      onSection={id => view.set({ ...view.value, section: id })}
      sections={[
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
  );
}
