import { deleteIcon, runIcon } from '@jupyterlab/ui-components';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { everything } from '../client/paging';
import type { IPipeline } from '../client/pipelines';
import { FilterBar } from '../ui/filterBar';
import { Footer } from '../ui/footer';
import { pipelinesIcon } from '../ui/icons';
import { LiveModel, useLive, useModel } from '../ui/live';
import { LiveView } from '../ui/liveView';
import { type IResourceList, ResourceList } from '../ui/resourceList';
import { Name, RelativeTime, useNow } from '../ui/text';
import { ViewState } from '../ui/viewState';
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
      new LiveModel<IPipeline[]>({
        read: (_, signal) => readPipelines(context.client, signal),
        interval: () => INTERVAL
      }),
    [context]
  );
  const state = useLive(model);
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<IResourceList>(null);
  const now = useNow(60_000);
  const problem = useComponentProblem(context, trans.__('pipelines'));
  const onSelect = useCallback(
    (pipelines: IPipeline[]) => context.select({ pipelines }),
    [context]
  );

  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'filter') {
        input.current?.focus();
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

  const wanted = text.trim().toLowerCase();
  const shown = useMemo(
    () => state.data?.filter(item => item.displayName.toLowerCase().includes(wanted)) ?? [],
    [state.data, wanted]
  );
  const upload = () => void commands.execute(CommandIDs.uploadPipeline);
  return (
    <div className="jp-Kubeflow-section">
      <FilterBar
        trans={trans}
        label={trans.__('Filter pipelines')}
        text={text}
        onText={setText}
        onLeave={() => list.current?.focus()}
        input={input}
      />
      <LiveView state={state} trans={trans} retry={() => void model.refresh()} {...problem}>
        {all =>
          shown.length > 0 ? (
            <ResourceList
              label={trans.__('Pipelines')}
              kind="pipeline"
              items={shown}
              itemKey={pipelineKey}
              itemLabel={item => item.displayName}
              renderRow={item => (
                <>
                  <pipelinesIcon.react
                    tag="span"
                    className="jp-Kubeflow-icon"
                    width="16px"
                    height="16px"
                  />
                  <Name text={item.displayName} />
                  <RelativeTime iso={item.createdAt} now={now} />
                </>
              )}
              actions={item => [
                {
                  id: 'run',
                  icon: runIcon,
                  label: trans.__('Run pipeline…'),
                  run: () =>
                    void commands.execute(CommandIDs.runPipeline, {
                      pipelineId: item.id,
                      name: item.displayName
                    })
                },
                {
                  id: 'delete',
                  icon: deleteIcon,
                  label: trans.__('Delete pipeline…'),
                  run: () =>
                    void commands.execute(CommandIDs.deletePipeline, {
                      pipelineId: item.id,
                      name: item.displayName
                    })
                }
              ]}
              onOpen={item =>
                void commands.execute(CommandIDs.openPipeline, {
                  pipelineId: item.id,
                  name: item.displayName
                })
              }
              onDelete={() => void commands.execute(CommandIDs.deletePipeline)}
              onSelect={onSelect}
              onFilter={() => input.current?.focus()}
              handle={list}
            />
          ) : all.length > 0 ? (
            <ViewState
              kind="no-match"
              trans={trans}
              message={trans.__('No pipeline matches.')}
              action={{ label: trans.__('Clear filter'), run: () => setText('') }}
            />
          ) : (
            <ViewState
              kind="empty"
              trans={trans}
              message={trans.__(
                'No pipelines yet. Upload a compiled pipeline to run it from here.'
              )}
              action={{ label: trans.__('Upload pipeline…'), run: upload }}
            />
          )
        }
      </LiveView>
      {state.data && (
        <Footer
          trans={trans}
          state={state}
          count={
            shown.length < state.data.length
              ? trans.__('%1 of %2 pipelines', shown.length, state.data.length)
              : trans._n('%1 pipeline', '%1 pipelines', shown.length, shown.length)
          }
        />
      )}
    </div>
  );
}
