import { useMemo, useState } from 'react';

import { GraphView } from '../graph/react';
import { graphWords } from '../graph/translatedWords';
import { TextButton, ViewState } from '../ui/viewState';
import { CommandIDs, type RegistryContext } from './context';
import type { IVersionData } from './data';
import { lineageGraph, SERVICE_NODE, SOURCE_NODE, VERSION_NODE } from './model/lineage';
import { type ISource, modelArtifactOf, sourceOf } from './model/source';

/** The commands of other panels that open what a model was made by. */
const OPEN: Partial<
  Record<ISource['kind'], (source: ISource) => [string, Record<string, string>]>
> = {
  run: ({ id = '', name }) => ['kubeflow-pipelines:open-run', { runId: id, name }],
  'train-job': ({ name, namespace = '' }) => ['kubeflow-trainer:open-job', { name, namespace }],
  trial: ({ name, namespace = '', class: of }) => [
    'kubeflow-katib:open-trial',
    { name, namespace, kind: of === 'optimizationjob' ? 'OptimizationJob' : 'Experiment' }
  ],
  notebook: ({ name, id }) => ['docmanager:open', { path: id ?? name }]
};

/** Where a version came from and where it runs, as a graph; what is selected can be opened. */
export function LineageTab(props: { context: RegistryContext; data: IVersionData }): JSX.Element {
  const { context, data } = props;
  const { trans, commands } = context;
  const { version, model, artifacts, deployments } = data;
  const [selected, setSelected] = useState<string>();
  const words = useMemo(() => graphWords(trans), [trans]);
  const document = useMemo(
    () =>
      lineageGraph(
        {
          model: model.name,
          version,
          artifacts,
          services: deployments.map(({ service }) => service)
        },
        {
          run: trans.__('pipeline run'),
          'train-job': trans.__('training job'),
          trial: trans.__('trial'),
          notebook: trans.__('notebook'),
          catalog: trans.__('model catalog'),
          other: '',
          'data-set': trans.__('data set'),
          deployed: trans.__('deployed'),
          undeployed: trans.__('not deployed any more')
        }
      ),
    [data, trans]
  );
  if (document.nodes.length === 1) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__(
          'Nothing is known of where this version came from or where it runs. Models that are registered from a run, a training job or a trial tell it.'
        )}
      />
    );
  }
  const source = sourceOf(version, modelArtifactOf(artifacts));
  const open =
    selected === SOURCE_NODE && source
      ? OPEN[source.kind]?.(source)
      : selected === VERSION_NODE
        ? ([CommandIDs.openModel, { modelId: model.id, name: model.name }] as const)
        : undefined;
  const label = document.nodes.find(({ id }) => id === selected)?.label;
  return (
    <div className="jp-Kubeflow-split jp-Kubeflow-lineage">
      <GraphView
        document={document}
        words={words}
        selected={selected}
        onSelect={id => setSelected(id ?? undefined)}
      />
      {label && (
        <p className="jp-Kubeflow-notice" role="status">
          <bdi>{label}</bdi>{' '}
          {open && commands.hasCommand(open[0]) ? (
            <TextButton onClick={() => void commands.execute(open[0], open[1])}>
              {trans.__('Open')}
            </TextButton>
          ) : selected?.startsWith(SERVICE_NODE) ? (
            trans.__('An inference service, as the registry knows it.')
          ) : null}
        </p>
      )}
    </div>
  );
}
