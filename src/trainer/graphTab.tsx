import { closeIcon } from '@jupyterlab/ui-components';
import { useMemo } from 'react';

import type { ITrainJob } from '../client/kubernetes/kinds';
import { graphFromTrainJob } from '../graph/adapters';
import { GraphView } from '../graph/react';
import { graphWords } from '../graph/translatedWords';
import { IconButton } from '../ui/iconButton';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { PodLogs } from '../ui/kubernetes/podLogs';
import { StateIcon } from '../ui/state';
import { Name } from '../ui/text';
import { ViewState } from '../ui/viewState';
import type { TrainerContext } from './context';
import { placeLabel, placeOf } from './nodes';
import type { IJobParts } from './parts';
import { noPodsWords } from './stateWords';

/** A step of more nodes than these is drawn closed at first. */
const OPEN = 32;

/** The steps of a job and their nodes, and the log of the one that is selected. */
export function GraphTab(props: {
  context: TrainerContext;
  kubernetes: IKubernetes;
  job: ITrainJob;
  parts: IJobParts;
  /** Why the pods are not known, as a sentence. */
  unknown?: string;
  selected: string | null;
  onSelect: (id: string | null) => void;
}): JSX.Element {
  const { context, kubernetes, job, parts, unknown, selected, onSelect } = props;
  const { trans } = context;
  const words = useMemo(() => graphWords(trans), [trans]);
  const document = useMemo(() => graphFromTrainJob(job, parts), [job, parts]);
  const collapsed = useMemo(
    () =>
      document.nodes
        .filter(
          ({ id, kind }) =>
            kind === 'dag' && document.nodes.filter(each => each.parent === id).length > OPEN
        )
        .map(({ id }) => id),
    [document]
  );
  const node = document.nodes.find(({ id }) => id === selected);
  const { step, index } = node?.refs ?? {};
  const pods = parts.pods.filter(pod => {
    const place = placeOf(pod);
    return place.step === step && (index === undefined || place.index === Number(index));
  });
  if (document.nodes.length === 0) {
    const message = unknown ?? trans.__('No step is known yet.');
    return <ViewState kind="empty" trans={trans} message={message} />;
  }
  return (
    <div className="jp-Kubeflow-split">
      <GraphView
        document={document}
        words={words}
        collapsed={collapsed}
        selected={node?.id}
        onSelect={onSelect}
      />
      {node && (
        <aside className="jp-Kubeflow-pane" aria-label={node.label}>
          <header className="jp-Kubeflow-pane-header">
            {node.state && <StateIcon state={node.state} trans={trans} />}
            <h2>
              <Name text={node.label} />
            </h2>
            <IconButton icon={closeIcon} label={trans.__('Close')} onClick={() => onSelect(null)} />
          </header>
          {node.detail && <p className="jp-Kubeflow-pane-message">{node.detail}</p>}
          <PodLogs
            key={node.id}
            trans={trans}
            kubernetes={kubernetes}
            pods={pods}
            name={`${job.metadata?.name} ${node.label}`}
            none={unknown ?? noPodsWords(job, trans)}
            labelOf={each => placeLabel(each, trans)}
            ready={parts.ready}
          />
        </aside>
      )}
    </div>
  );
}
