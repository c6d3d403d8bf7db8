import type { ITrainJob } from '../client/kubernetes/kinds';
import type { ICondition } from '../client/kubernetes/conditions';
import { healthOf } from '../client/kubernetes/kind';
import { trainJobs } from '../client/kubernetes/kinds';
import { Conditions } from '../ui/kubernetes/conditions';
import type { ICause } from './cause';
import { causeMessage, causeRemedy } from './causeWords';
import type { TrainerContext } from './context';
import { causeOf, queueTitle } from './jobRow';
import { MetricsTab } from './metrics';
import type { IQueuePlace } from './queue';
import { tellsCause } from './stateWords';

/** Whether it is learning: why not where it is not, its progress and metrics, its conditions. */
export function ProgressTab(props: {
  context: TrainerContext;
  job: ITrainJob;
  cause?: ICause;
  queue?: IQueuePlace;
  /** Shows the log of the pod that is the cause. */
  onLog: () => void;
  visible: boolean;
}): JSX.Element {
  const { context, job, cause, queue } = props;
  const { trans } = context;
  const conditions = (job.status?.conditions ?? []) as readonly ICondition[];
  const failed = healthOf(trainJobs, job).phase === 'failed' || cause?.kind === 'refused';
  const remedy = cause && causeRemedy(cause, trans);
  const message = cause && causeMessage(cause, trans);
  const told = tellsCause(job, { cause, queue, ready: 0 }, trans);
  return (
    <div className="jp-Kubeflow-overview">
      {cause && (remedy || message || !told) && (
        <section
          className={`jp-Kubeflow-cause jp-mod-${failed ? 'failed' : 'waiting'}`}
          role={failed ? 'alert' : 'status'}
        >
          {!told && (
            <p>
              <strong>{causeOf(cause, trans)}</strong>
            </p>
          )}
          {remedy && <p>{remedy}</p>}
          {message && <pre tabIndex={0}>{message}</pre>}
          {cause.pod && cause.exitCode !== undefined && (
            <button type="button" className="jp-Kubeflow-link" onClick={props.onLog}>
              {trans.__('Show its log')}
            </button>
          )}
        </section>
      )}
      {queue && (
        <section className="jp-Kubeflow-cause jp-mod-waiting" role="status">
          <p className="jp-Kubeflow-pre">{queueTitle(queue, trans)}</p>
        </section>
      )}
      <MetricsTab context={context} job={job} visible={props.visible} />
      <section>
        <h2>{trans.__('State')}</h2>
        <Conditions trans={trans} conditions={conditions} />
      </section>
    </div>
  );
}
