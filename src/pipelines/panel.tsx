import { addIcon, refreshIcon, ToolbarButtonComponent } from '@jupyterlab/ui-components';
import { useCallback, useEffect, useState } from 'react';

import { Tabs } from '../ui/tabs';
import { CommandIDs, type PipelinesContext, type Section } from './context';
import { PipelinesSection } from './pipelinesSection';
import { RunsSection } from './runsSection';

const STATE_KEY = 'jupyterlab-kubeflow:pipelines-panel';

/** The sidebar panel: its toolbar, its sections and the lists in them. */
export function PipelinesPanel(props: { context: PipelinesContext }): JSX.Element {
  const { context } = props;
  const { trans, commands } = context;
  const [section, setSection] = useState<Section>(context.selection.section);
  const [generation, setGeneration] = useState(0);

  useEffect(() => {
    let open = true;
    void context.state?.fetch(STATE_KEY).then(saved => {
      const last = (saved as { section?: Section } | undefined)?.section;
      if (open && (last === 'runs' || last === 'pipelines')) {
        setSection(last);
      }
    });
    return () => {
      open = false;
    };
  }, [context]);
  useEffect(() => context.select({ section }), [context, section]);
  useEffect(() => {
    const onChange = (_: PipelinesContext, change: { kind: string }) => {
      if (change.kind === 'connection') {
        setGeneration(count => count + 1);
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
    };
  }, [context]);

  const choose = useCallback(
    (id: string) => {
      setSection(id as Section);
      void context.state?.save(STATE_KEY, { section: id });
    },
    [context]
  );
  const create = section === 'runs' ? CommandIDs.runPipeline : CommandIDs.uploadPipeline;

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
            tooltip={commands.label(create)}
            onClick={() => void commands.execute(create)}
          />
        </div>
      </div>
      <Tabs
        label={trans.__('Sections')}
        current={section}
        onChange={choose}
        tabs={[
          {
            id: 'runs',
            label: trans.__('Runs'),
            render: () => <RunsSection key={generation} context={context} />
          },
          {
            id: 'pipelines',
            label: trans.__('Pipelines'),
            render: () => <PipelinesSection key={generation} context={context} />
          }
        ]}
      />
    </section>
  );
}
