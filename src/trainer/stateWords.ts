/** A job's state as a sentence. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { healthOf, type IHealth } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds';
import { elapsed } from '../ui/format';
import { words } from '../ui/kubernetes/words';
import { type ICause, isWait } from './cause';
import { causeText } from './causeWords';
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
  ready: number;
  nodes?: number;
}

/** How a job is with what its pods and events tell: it is not well while something other than time keeps it from starting. */
export function healthWith(job: ITrainJob, cause: ICause | undefined): IHealth {
  const health = healthOf(trainJobs, job);
  return health.phase === 'pending' && cause && !isWait(cause)
    ? { ...health, phase: 'degraded', reason: 'CannotStart', message: cause.message }
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
  return (
    cause !== undefined && stateWords(job, known, 0, trans).after.includes(causeText(cause, trans))
  );
}

/** `Failed in node 1 after 41 s: exit code 1`, `Running for 12 s on 2 of 4 nodes`, `Waits for room: 3 Insufficient cpu`. */
export function stateWords(
  job: ITrainJob,
  { cause, queue, ready, nodes }: IKnown,
  now: number,
  trans: TranslationBundle
): IStateWords {
  const health = healthOf(trainJobs, job);
  const { start, end } = timesOf(job);
  const took = elapsed(start, end, now);
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
      if (why) {
        const what = isWait(cause!) ? trans.__('waits: %1', why) : trans.__('fails: %1', why);
        return { before: trans.__('Running for %1, but', took), place, after: ` ${what}` };
      }
      return {
        before:
          nodes === undefined || nodes === 1
            ? trans.__('Running for %1', took)
            : trans.__('Running for %1 on %2 of %3 nodes', took, ready, nodes),
        after: ''
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
  if (!why) {
    return { before: trans.__('Starting for %1', took), after: '' };
  }
  if (cause!.kind === 'refused') {
    return { before: trans.__('Cannot start: the cluster refuses to make its pods'), after: '' };
  }
  return isWait(cause!) || !place
    ? { before: trans.__('Waits for %1: %2', took, why), after: '' }
    : { before: trans.__('Waits for %1 in', took), place, after: `: ${why}` };
}
