/** A job's state as a sentence. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { healthOf, type IHealth } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds';
import { elapsed } from '../ui/format';
import { words } from '../ui/kubernetes/words';
import { type ICause, isWait } from './cause';
import { attemptText, causeText } from './causeWords';
import { placeWords, timesOf } from './nodes';
import type { IQueuePlace } from './queue';

/** The sentence; `place` stands between its halves and is emphasised. `after` begins with what parts it from what goes before. */
export interface IStateWords {
  before: string;
  place?: string;
  after: string;
}

/** What is known of a job beside itself. */
export interface IKnown {
  cause?: ICause;
  queue?: IQueuePlace;
  /** Nodes that are ready; undefined where the pods are not known. */
  ready?: number;
  nodes?: number;
  /** When it began to run, ISO 8601; undefined where it has not, or the pods are not known. */
  began?: string;
}

/** A wait that is told beside how long a job ran, in milliseconds. */
const TOLD = 5000;

/** How long a job ran, and how long it had waited before; all in one where it is not known when it began to run. */
export function tookWords(
  job: ITrainJob,
  began: string | undefined,
  now: number,
  trans: TranslationBundle
): { ran: string; waited?: string } {
  const { start, end } = timesOf(job);
  const wait = Date.parse(began ?? '') - Date.parse(start ?? '');
  return {
    ran: elapsed(wait > 0 ? began : start, end, now),
    ...(wait >= TOLD && { waited: trans.__('having waited for %1', elapsed(start, began, now)) })
  };
}

/** How a job is with what its pods and events tell: it is not well while something other than time keeps it from starting. */
export function healthWith(job: ITrainJob, cause: ICause | undefined): IHealth {
  const health = healthOf(trainJobs, job);
  return health.phase === 'pending' && cause && !isWait(cause)
    ? {
        ...health,
        phase: 'degraded',
        reason: cause.retry ? 'TryingAgain' : 'CannotStart',
        message: cause.message
      }
    : health;
}

/** Why there is no log where a job has no pods; undefined where they are yet to come. */
export function noPodsWords(job: ITrainJob, trans: TranslationBundle): string | undefined {
  const { phase } = healthOf(trainJobs, job);
  const name = job.metadata?.name;
  const ended = phase === 'succeeded' || phase === 'failed';
  if (ended || (phase === 'suspended' && job.status?.trainerStatus)) {
    return trans.__('The pods of %1 are gone, and their logs with them.', name);
  }
  return phase === 'suspended'
    ? trans.__(
        '%1 is suspended and has no pods. If it has run before, its logs went with them.',
        name
      )
    : undefined;
}

/** Whether the sentence tells the cause, so that what stands below need not say it again. */
export function tellsCause(job: ITrainJob, known: IKnown, trans: TranslationBundle): boolean {
  const { cause } = known;
  const { before, after } = stateWords(job, known, 0, trans);
  return cause !== undefined && `${before}${after}`.includes(causeText(cause, trans));
}

/** `Failed in node 1 after 41 s: exit code 1`, `Running for 12 s on 2 of 4 nodes`, `Waits for room: 3 Insufficient cpu`. */
export function stateWords(
  job: ITrainJob,
  { cause, queue, ready, nodes, began }: IKnown,
  now: number,
  trans: TranslationBundle
): IStateWords {
  const health = healthOf(trainJobs, job);
  const { ran, waited } = tookWords(job, began, now, trans);
  const took = [ran, waited].filter(Boolean).join(', ');
  const why = cause && causeText(cause, trans);
  const place = cause?.place?.step ? placeWords(cause.place, trans) : undefined;
  switch (health.phase) {
    case 'failed': {
      // `FailedJobs` says no more than that it has failed.
      const told = health.reason === 'FailedJobs' ? undefined : health.reason;
      const reason = why ?? (told && words(told).toLowerCase());
      return {
        before: place ? trans.__('Failed in') : trans.__('Failed'),
        place,
        after: ` ${reason ? trans.__('after %1: %2', took, reason) : trans.__('after %1', took)}`
      };
    }
    case 'succeeded':
      return { before: trans.__('Succeeded after %1', took), after: '' };
    case 'terminating':
      return { before: trans.__('Being deleted'), after: '' };
    case 'running':
      if (cause) {
        const what = cause.retry
          ? trans.__('is tried again: %1', attemptText(cause, trans))
          : isWait(cause)
            ? trans.__('waits: %1', why)
            : trans.__('fails: %1', why);
        return {
          before: trans.__('Running for %1, but', ran),
          place: place ?? trans.__('it'),
          after: ` ${what}`
        };
      }
      return {
        before:
          nodes === undefined || nodes === 1
            ? trans.__('Running for %1', ran)
            : ready === undefined
              ? trans.__('Running for %1 on %2 nodes', ran, nodes)
              : trans.__('Running for %1 on %2 of %3 nodes', ran, ready, nodes),
        after: waited ? `, ${waited}` : ''
      };
    default:
  }
  if (queue) {
    return {
      before: trans.__('Waits in the queue'),
      place: queue.queue,
      after: ` ${trans.__('as %1 of %2', queue.position, queue.waiting)}`
    };
  }
  if (health.phase === 'suspended') {
    return { before: trans.__('Suspended'), after: '' };
  }
  const { start } = timesOf(job);
  const since = elapsed(start, undefined, now);
  if (!cause) {
    return { before: trans.__('Starting for %1', since), after: '' };
  }
  if (cause.retry) {
    const after = `: ${attemptText(cause, trans)}`;
    return { before: place ? trans.__('Trying again in') : trans.__('Trying again'), place, after };
  }
  if (cause.kind === 'refused') {
    return cause.message === why
      ? { before: trans.__('Cannot start: the cluster refuses to make its pods'), after: '' }
      : { before: trans.__('Cannot start:'), after: ` ${why}` };
  }
  if (isWait(cause) && ready && nodes !== undefined) {
    return {
      before: trans.__('Waits for %1 with %2 of %3 nodes: %4', since, ready, nodes, why),
      after: ''
    };
  }
  return isWait(cause) || !place
    ? { before: trans.__('Waits for %1: %2', since, why), after: '' }
    : { before: trans.__('Waits for %1 in', since), place, after: `: ${why}` };
}
