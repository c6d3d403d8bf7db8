import { useLayoutEffect, useRef } from 'react';

import type { ITrainJob } from '../client/kubernetes/kinds';
import { healthOf } from '../client/kubernetes/kind';
import { trainJobs } from '../client/kubernetes/kinds';
import { StateSection } from '../ui/kubernetes/conditions';
import { causeMessage, causeRemedy, retryWords } from './causeWords';
import type { TrainerContext } from './context';
import { causeOf, queueTitle } from './jobRow';
import { MetricsTab } from './metrics';
import { type IKnown, tellsCause } from './stateWords';

/** Whether it is learning: why not where it is not, its progress and metrics, its conditions. */
export function ProgressTab(props: {
  context: TrainerContext;
  job: ITrainJob;
  known: IKnown;
  /** Why the pods are not known, as a sentence. */
  unknown?: string;
  /** It was deleted, and is shown as it was last. */
  gone: boolean;
  /** Shows the log of the pod that is the cause. */
  onLog: () => void;
  visible: boolean;
}): JSX.Element {
  const { context, job, known, unknown, gone } = props;
  const { trans } = context;
  const { cause, queue } = known;
  const { phase } = healthOf(trainJobs, job);
  const failed = phase === 'failed' || cause?.kind === 'refused';
  const remedies = cause
    ? [retryWords(cause, trans), causeRemedy(cause, trans)].filter(each => each !== undefined)
    : [];
  const message = cause && causeMessage(cause, trans);
  const told = tellsCause(job, known, trans);
  return (
    <div className="jp-Kubeflow-overview">
      {cause && (remedies.length > 0 || message || !told) && (
        <section
          className={`jp-Kubeflow-cause jp-mod-${failed ? 'failed' : 'waiting'}`}
          role={failed ? 'alert' : 'status'}
        >
          {!told && (
            <p>
              <strong>{causeOf(cause, trans)}</strong>
            </p>
          )}
          {remedies.map(each => (
            <p key={each}>{each}</p>
          ))}
          {message && <Message text={message} fromEnd={cause.exitCode !== undefined} />}
          {cause.pod && cause.exitCode !== undefined && (
            <button type="button" className="jp-Kubeflow-link" onClick={props.onLog}>
              {trans.__('Show its log')}
            </button>
          )}
        </section>
      )}
      {unknown && phase !== 'succeeded' && phase !== 'suspended' && (
        <section className="jp-Kubeflow-cause jp-mod-waiting" role="status">
          <p>{trans.__('How its nodes are is not known here. %1', unknown)}</p>
        </section>
      )}
      {queue && (
        <section className="jp-Kubeflow-cause jp-mod-waiting" role="status">
          <p className="jp-Kubeflow-pre">{queueTitle(queue, trans)}</p>
        </section>
      )}
      <MetricsTab context={context} job={job} gone={gone} visible={props.visible} />
      <StateSection trans={trans} status={job.status} remedies={remedies.length === 0} />
    </div>
  );
}

/** What the cluster or the program itself has said; the end of a long log is what tells why it ended. */
function Message(props: { text: string; fromEnd: boolean }): JSX.Element {
  const { text, fromEnd } = props;
  const element = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    const pre = element.current;
    if (pre && fromEnd) {
      pre.scrollTop = pre.scrollHeight;
    }
  }, [text, fromEnd]);
  return (
    <pre ref={element} tabIndex={0}>
      {text}
    </pre>
  );
}
