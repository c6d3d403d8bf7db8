import { useState } from 'react';

import {
  clusterTrainingRuntimes,
  type IClusterTrainingRuntime,
  trainingRuntimes
} from '../client/kubernetes/kinds';
import { useKubernetes, useNamespace } from '../ui/kubernetes/connection';
import { ObjectList } from '../ui/kubernetes/objectList';
import { useListHandle } from '../ui/kubernetes/usePanelList';
import type { TrainerContext } from './context';
import { frameworkOf, isDeprecated, type Runtime } from './nodes';

/** The section *Runtimes* of the panel: those of the cluster, or those of the namespace. */
export function RuntimesSection(props: { context: TrainerContext }): JSX.Element {
  const { context } = props;
  const { trans, commands, kubeflow } = context;
  const kubernetes = useKubernetes(kubeflow);
  const namespace = useNamespace(kubeflow);
  const [own, setOwn] = useState(false);
  const list = own
    ? kubernetes.lists.list(trainingRuntimes, { namespace })
    : kubernetes.lists.list(clusterTrainingRuntimes);
  const handle = useListHandle(context, kubernetes, list);

  const kind = own ? trainingRuntimes : clusterTrainingRuntimes;
  return (
    <>
      <div className="jp-Kubeflow-choice" role="group" aria-label={trans.__('Whose runtimes')}>
        {[false, true].map(value => (
          <button
            key={String(value)}
            type="button"
            className="jp-Kubeflow-choice-button"
            aria-pressed={own === value}
            onClick={() => setOwn(value)}
          >
            {value ? trans.__('Of %1', namespace) : trans.__('Of the cluster')}
          </button>
        ))}
      </div>
      <ObjectList
        key={`${own}/${namespace}`}
        trans={trans}
        kind={kind as typeof clusterTrainingRuntimes}
        rowKind="training-runtime"
        list={list as ReturnType<typeof kubernetes.lists.list<IClusterTrainingRuntime>>}
        namespace={own ? namespace : undefined}
        phases={[]}
        figure={runtime => <RuntimeFigure context={context} runtime={runtime} />}
        onOpen={({ metadata }) =>
          void commands.execute('kubeflow-objects:open', {
            group: kind.group,
            plural: kind.plural,
            ...(own ? { namespace } : {}),
            name: metadata?.name ?? ''
          })
        }
        empty={{
          message: own
            ? trans.__('%1 has no runtimes of its own. Jobs use those of the cluster.', namespace)
            : trans.__(
                'The cluster has no training runtimes. Ask its administrator to install them.'
              )
        }}
        handle={handle}
      />
    </>
  );
}

/** What a runtime trains with and on how many nodes, and whether it should not be used any more. */
function RuntimeFigure(props: { context: TrainerContext; runtime: Runtime }): JSX.Element {
  const { runtime } = props;
  const { trans } = props.context;
  const nodes = runtime.spec.mlPolicy?.numNodes ?? 1;
  return (
    <>
      {isDeprecated(runtime) && (
        <span
          className="jp-Kubeflow-tag"
          title={trans.__('It may be removed. Choose another runtime for new jobs.')}
        >
          {trans.__('deprecated')}
        </span>
      )}
      <span className="jp-Kubeflow-figure">{frameworkOf(runtime)}</span>
      <span className="jp-Kubeflow-figure" title={trans.__('Nodes unless the job says otherwise')}>
        {trans._n('%1 node', '%1 nodes', nodes)}
      </span>
    </>
  );
}
