import { deleteIcon, historyIcon, runIcon } from '@jupyterlab/ui-components';
import { useCallback, useEffect, useRef } from 'react';

import { everything } from '../client/paging';
import type { IPipeline } from '../client/pipelines';
import { pipelinesIcon } from '../ui/icons';
import { type IListSection, ListSection, nameHas } from '../ui/listSection';
import { LiveModel, useModel } from '../ui/live';
import { Name, RelativeTime, useNow } from '../ui/text';
import { CommandIDs, type IChange, type PipelinesContext } from './context';
import { useComponentProblem } from './problem';

const PAGE = 200;
const INTERVAL = 15_000;
const pipelineKey = (pipeline: IPipeline) => pipeline.id;

/** All pipelines of the connection, newest first. */
export function readPipelines(
  client: PipelinesContext['client'],
  signal?: AbortSignal
): Promise<IPipeline[]> {
  const options = { pageSize: PAGE, sortBy: 'created_at desc', signal };
  return everything(options, page => client.listPipelines(page));
}

/** The section *Pipelines* of the panel. */
export function PipelinesSection(props: { context: PipelinesContext }): JSX.Element {
  const { context } = props;
  const { trans, commands } = context;
  const model = useModel(
    () =>
      new LiveModel<readonly IPipeline[]>({
        read: (_, signal) => readPipelines(context.client, signal),
        interval: () => INTERVAL
      }),
    [context]
  );
  const section = useRef<IListSection>(null);
  const now = useNow(60_000);
  const problem = useComponentProblem(context, trans.__('pipelines'));
  const onSelect = useCallback(
    (pipelines: IPipeline[]) => context.select({ pipelines }),
    [context]
  );

  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'filter') {
        section.current?.focusFilter();
      } else if (change.kind === 'refresh' || change.kind === 'pipelines') {
        void model.refresh();
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
      context.select({ pipelines: [] });
    };
  }, [context, model]);

  const about = (item: IPipeline) => ({ pipelineId: item.id, name: item.displayName });
  return (
    <ListSection
      trans={trans}
      model={model}
      problem={problem}
      handle={section}
      words={{
        list: trans.__('Pipelines'),
        filter: trans.__('Filter pipelines'),
        noMatch: () => trans.__('No pipeline matches.'),
        count: (shown, all) =>
          shown < all
            ? trans.__('%1 of %2 pipelines', shown, all)
            : trans._n('%1 pipeline', '%1 pipelines', shown, shown)
      }}
      empty={{
        message: trans.__('No pipelines yet. Upload a compiled pipeline to run it from here.'),
        action: {
          label: trans.__('Upload pipeline…'),
          run: () => void commands.execute(CommandIDs.uploadPipeline)
        }
      }}
      kind="pipeline"
      itemKey={pipelineKey}
      holds={(item, text) => nameHas(item.displayName, text)}
      itemLabel={item => item.displayName}
      renderRow={item => (
        <>
          <pipelinesIcon.react tag="span" className="jp-Kubeflow-icon" width="16px" height="16px" />
          <Name text={item.displayName} />
          <RelativeTime iso={item.createdAt} now={now} />
        </>
      )}
      actions={item => [
        {
          id: 'run',
          icon: runIcon,
          label: trans.__('Run pipeline…'),
          run: () => void commands.execute(CommandIDs.runPipeline, about(item))
        },
        {
          id: 'schedule',
          icon: historyIcon,
          label: trans.__('Schedule pipeline…'),
          run: () => void commands.execute(CommandIDs.schedulePipeline, about(item))
        },
        {
          id: 'delete',
          icon: deleteIcon,
          label: trans.__('Delete pipeline…'),
          run: () => void commands.execute(CommandIDs.deletePipeline, about(item))
        }
      ]}
      onOpen={item => void commands.execute(CommandIDs.openPipeline, about(item))}
      onDelete={() => void commands.execute(CommandIDs.deletePipeline, { from: 'list' })}
      onSelect={onSelect}
    />
  );
}
