import { HTMLSelect } from '@jupyterlab/ui-components';
import { useEffect, useMemo, useState } from 'react';

import { everything } from '../client/paging';
import type { IPipelineVersion } from '../client/pipelines';
import { graphFromSpec } from '../graph/adapters';
import { GraphView } from '../graph/react';
import type { IGraphDocument } from '../graph/schema';
import { DetailFrame } from '../ui/detailFrame';
import { typeWords } from '../ui/form/parameters';
import { formatValue } from '../ui/format';
import { pipelinesIcon } from '../ui/icons';
import { graphWords } from '../graph/translatedWords';
import { KeyValue } from '../ui/keyValue';
import { LiveModel, useLive, useModel } from '../ui/live';
import { LiveView } from '../ui/liveView';
import { RelativeTime, useNow } from '../ui/text';
import { ViewState } from '../ui/viewState';
import { YamlView } from '../ui/yamlView';
import { specParameters } from './artifacts';
import { CommandIDs, type IChange, type PipelinesContext } from './context';
import { useComponentProblem } from './problem';

const PAGE = 200;
const INTERVAL = 30_000;

/** The versions of a pipeline, newest first. */
function versionsModel(context: PipelinesContext, pipelineId: string) {
  return new LiveModel<IPipelineVersion[]>({
    read: (_, signal) => {
      const options = { pageSize: PAGE, sortBy: 'created_at desc', signal };
      return everything(options, page => context.client.listVersions(pipelineId, page));
    },
    interval: () => INTERVAL
  });
}

/** A pipeline's detail tab: the graph, parameters and YAML of one of its versions. */
export function PipelineDetail(props: {
  context: PipelinesContext;
  pipelineId: string;
  name: string;
  /** Called when the pipeline was deleted. */
  onGone: () => void;
}): JSX.Element {
  const { context, pipelineId, name } = props;
  const { trans, commands } = context;
  const model = useModel(() => versionsModel(context, pipelineId), [context, pipelineId]);
  const state = useLive(model);
  const problem = useComponentProblem(context, trans.__('pipelines'));
  const [versionId, setVersionId] = useState<string | null>(null);
  const [tab, setTab] = useState('graph');
  const version = state.data?.find(item => item.id === versionId) ?? state.data?.[0];
  const now = useNow(60_000);

  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (
        change.kind === 'refresh' ||
        change.kind === 'connection' ||
        change.kind === 'pipelines'
      ) {
        void model.refresh();
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
    };
  }, [context, model]);

  const args = { pipelineId, name, ...(version ? { versionId: version.id } : {}) };
  return (
    <LiveView state={state} trans={trans} retry={() => void model.refresh()} {...problem}>
      {versions =>
        !version ? (
          <ViewState
            kind="empty"
            trans={trans}
            message={trans.__('This pipeline has no version, or was deleted.')}
            action={{ label: trans.__('Close'), run: props.onGone }}
          />
        ) : (
          <DetailFrame
            trans={trans}
            icon={pipelinesIcon}
            name={name}
            words={
              <>
                {versions.length > 1 ? (
                  <HTMLSelect
                    className="jp-Kubeflow-select"
                    aria-label={trans.__('Version')}
                    value={version.id}
                    options={versions.map(item => ({ value: item.id, label: item.displayName }))}
                    onChange={event => setVersionId(event.currentTarget.value)}
                  />
                ) : (
                  trans.__('Version %1', version.displayName)
                )}
                {' · '}
                <RelativeTime iso={version.createdAt} now={now} />
              </>
            }
            primary={{
              label: trans.__('Run pipeline…'),
              run: () => void commands.execute(CommandIDs.runPipeline, args)
            }}
            menu={{
              commands,
              items: [
                { command: CommandIDs.schedulePipeline, args },
                { command: CommandIDs.deletePipeline, args }
              ]
            }}
            current={tab}
            onTab={setTab}
            tabs={[
              {
                id: 'graph',
                label: trans.__('Graph'),
                render: () => <SpecGraph context={context} version={version} />
              },
              {
                id: 'parameters',
                label: trans.__('Parameters'),
                render: () => <SpecParameters context={context} version={version} />
              },
              {
                id: 'yaml',
                label: trans.__('YAML'),
                render: () => (
                  <YamlView
                    trans={trans}
                    editors={context.editors}
                    value={version.pipelineSpec ?? {}}
                    name={name}
                  />
                )
              }
            ]}
          />
        )
      }
    </LiveView>
  );
}

interface IVersionProps {
  context: PipelinesContext;
  version: IPipelineVersion;
}

function SpecGraph({ context, version }: IVersionProps): JSX.Element {
  const { trans } = context;
  const [selected, setSelected] = useState<string | undefined>();
  const words = useMemo(() => graphWords(trans), [trans]);
  const graph = useMemo((): IGraphDocument | Error => {
    try {
      return graphFromSpec(version.pipelineSpec);
    } catch (error) {
      return error as Error;
    }
  }, [version]);
  if (graph instanceof Error) {
    return <ViewState kind="error" trans={trans} message={graph.message} error={graph} />;
  }
  return (
    <div className="jp-Kubeflow-split">
      <GraphView
        document={graph}
        words={words}
        selected={selected}
        onSelect={id => setSelected(id ?? undefined)}
      />
    </div>
  );
}

function SpecParameters({ context, version }: IVersionProps): JSX.Element {
  const { trans } = context;
  const parameters = specParameters(version.pipelineSpec);
  if (parameters.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('This pipeline has no parameters.')}
      />
    );
  }
  return (
    <div className="jp-Kubeflow-io">
      <KeyValue
        label={trans.__('Parameters')}
        rows={parameters.map(item => ({
          key: item.name,
          value: item.required
            ? trans.__('%1, required', typeWords(item.type, trans))
            : trans.__('%1, default %2', typeWords(item.type, trans), formatValue(item.default)),
          exact: item.description
        }))}
      />
    </div>
  );
}
