import type { TranslationBundle } from '@jupyterlab/translation';

import type { IHealth } from '../client/kubernetes/kind';
import type { ITrainJob } from '../client/kubernetes/kinds';
import { formatNumber } from '../ui/format';
import { useNow } from '../ui/text';
import { type ICause, isWait } from './cause';
import { attemptText, causeMessage, causeRemedy, causeText, retryWords } from './causeWords';
import { placeWords, runtimeRef, timesOf } from './nodes';
import type { IQueuePlace } from './queue';
import { tookWords } from './stateWords';

/** What a row tells of a job beside the job itself. */
export interface IJobFacts {
  /** Nodes that are ready, and all of them; undefined where their number is not known. */
  ready?: number;
  nodes?: number;
  /** Why it is not known how many are ready: the user may not list pods. */
  refusal?: string;
  /** When it began to run, ISO 8601; undefined where it has not, or that is not known. */
  began?: string;
  /** Why it failed or does not start. */
  cause?: ICause;
  queue?: IQueuePlace;
}

interface IFigureProps {
  trans: TranslationBundle;
  job: ITrainJob;
  health: IHealth;
  facts: IJobFacts;
}

/** The runtime of a job, and its key figure: how far it is, why it failed or what it waits for, else how long it took. */
export function JobFigure(props: IFigureProps): JSX.Element {
  const { name } = runtimeRef(props.job);
  return (
    <>
      <span className="jp-Kubeflow-figure jp-Kubeflow-job-runtime" title={name}>
        {name}
      </span>
      <KeyFigure {...props} />
    </>
  );
}

function KeyFigure(props: IFigureProps): JSX.Element | null {
  const { trans, job, health, facts } = props;
  const hover = (title: string | undefined) =>
    [title, runtimeWords(job, trans)].filter(Boolean).join('\n');
  const live = ['running', 'pending', 'degraded'].includes(health.phase);
  const now = useNow(1000, live);
  const { ran, waited } = tookWords(job, facts.began, now, trans);
  const { cause, queue } = facts;

  if (queue && health.phase !== 'failed' && health.phase !== 'succeeded') {
    return (
      <span className="jp-Kubeflow-job-note" title={hover(queueTitle(queue, trans))}>
        {trans.__('%1 of %2 in queue', queue.position, queue.waiting)}
      </span>
    );
  }
  if (health.phase === 'failed') {
    return (
      <span className="jp-Kubeflow-failure" title={hover(causeTitle(cause, health.message, trans))}>
        {cause ? shortCause(cause, facts.nodes, trans) : (health.message ?? health.reason)}
      </span>
    );
  }
  if (cause && health.phase === 'degraded') {
    return (
      <span className="jp-Kubeflow-failure" title={hover(causeTitle(cause, undefined, trans))}>
        {shortCause(cause, facts.nodes, trans)}
      </span>
    );
  }
  if (cause && (health.phase === 'pending' || isWait(cause))) {
    return (
      <span className="jp-Kubeflow-job-note" title={hover(causeTitle(cause, undefined, trans))}>
        {causeText(cause, trans)}
      </span>
    );
  }
  if (health.phase === 'running') {
    return <Running {...{ trans, health, facts, ran, waited, hover }} />;
  }
  if (health.phase === 'suspended' || health.phase === 'terminating') {
    const done = health.phase === 'suspended' ? doneOf(job) : undefined;
    return done === undefined ? null : (
      <span className="jp-Kubeflow-figure" title={hover(trans.__('%1 % done', formatNumber(done)))}>
        {formatNumber(Math.round(done))} %
      </span>
    );
  }
  const { end } = timesOf(job);
  const words = !end
    ? [trans.__('For %1', ran), facts.refusal]
    : facts.began
      ? [trans.__('Ran for %1', ran), waited]
      : [trans.__('Ended %1 after it was made, with what it waited', ran)];
  return (
    <span className="jp-Kubeflow-figure" title={hover(words.filter(Boolean).join(', '))}>
      {ran}
    </span>
  );
}

/** How far a job was when it last said so, in percent. */
function doneOf({ status }: ITrainJob): number | undefined {
  return status?.trainerStatus?.progressPercentage;
}

function Running(props: {
  trans: TranslationBundle;
  health: IHealth;
  facts: IJobFacts;
  ran: string;
  waited?: string;
  hover: (title: string | undefined) => string;
}): JSX.Element {
  const { trans, health, facts, ran, waited, hover } = props;
  const { ready, nodes, cause, refusal } = facts;
  const percent = health.progress?.done;
  const nodesText = nodes === undefined ? String(ready) : `${ready}/${nodes}`;
  const nodesTitle =
    ready === undefined
      ? ''
      : nodes === undefined
        ? trans._n('%1 node ready', '%1 nodes ready', ready)
        : trans.__('%1 of %2 nodes ready', ready, nodes);
  const spoken = percent === undefined ? '' : trans.__('%1 % done', formatNumber(percent));
  const told = [spoken, nodesTitle, trans.__('running for %1', ran), waited];
  const title = [told.filter(Boolean).join(', '), refusal].filter(Boolean).join('\n');
  if (cause) {
    return (
      <span className="jp-Kubeflow-failure" title={hover(causeTitle(cause, undefined, trans))}>
        {shortCause(cause, nodes, trans)}
      </span>
    );
  }
  return (
    <span className="jp-Kubeflow-job-running" title={hover(title)}>
      {ready !== undefined && (
        <span className="jp-Kubeflow-figure jp-Kubeflow-job-nodes">
          {trans.__('%1 nodes', nodesText)}
        </span>
      )}
      {percent === undefined ? (
        <span className="jp-Kubeflow-figure">{ran}</span>
      ) : (
        <span className="jp-Kubeflow-progress">
          <span className="jp-Kubeflow-figure">{formatNumber(Math.round(percent))} %</span>
          <progress value={percent} max={100} aria-label={spoken} />
        </span>
      )}
    </span>
  );
}

/** `Runtime: torch-distributed`, for where there is no room to show it. */
export function runtimeWords(job: ITrainJob, trans: TranslationBundle): string {
  return trans.__('Runtime: %1', runtimeRef(job).name);
}

/** `node 1: exit code 1`, `node 1: attempt 2 of 7, last: exit code 1`. */
export function causeOf(cause: ICause, trans: TranslationBundle): string {
  const text = attemptText(cause, trans);
  return cause.place?.step ? trans.__('%1: %2', placeWords(cause.place, trans), text) : text;
}

/** The same for a row, where room is short: the node only where there are several, the error without its exit code. */
function shortCause(cause: ICause, nodes: number | undefined, trans: TranslationBundle): string {
  const short = cause.kind === 'exit' && cause.subject ? cause.subject : causeText(cause, trans);
  const text = attemptText(cause, trans, short);
  return cause.place?.step && (nodes !== 1 || cause.place.step !== 'node')
    ? trans.__('%1: %2', placeWords(cause.place, trans), text)
    : text;
}

function causeTitle(
  cause: ICause | undefined,
  message: string | undefined,
  trans: TranslationBundle
): string | undefined {
  return cause
    ? [
        causeOf(cause, trans),
        causeMessage(cause, trans),
        retryWords(cause, trans),
        causeRemedy(cause, trans)
      ]
        .filter(Boolean)
        .join('\n')
    : message;
}

/** Why there is no use in resuming a job that waits in a queue. */
export function queuedReason({ queue }: IQueuePlace, trans: TranslationBundle): string {
  return trans.__('It waits in the queue %1, and is resumed when its turn comes.', queue);
}

/** Where a job stands and how that is counted. */
export function queueTitle(
  { queue, position, waiting, message }: IQueuePlace,
  trans: TranslationBundle
): string {
  return [
    trans.__(
      'Place %1 of %2 in the queue %3, by priority, then age. Other queues with the same quota may go first.',
      position,
      waiting,
      queue
    ),
    message
  ]
    .filter(Boolean)
    .join('\n');
}
