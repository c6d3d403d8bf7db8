/** Conditions of objects in words: what each says, whether that is good, and what to do about it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICondition } from '../../client/kubernetes/conditions';
import type { Phase } from '../../client/kubernetes/kind';
import { words } from './words';

/** A condition as a person reads it. */
export interface IConditionSentence {
  phase: Phase;
  /** `Ready`, `Not ready: revision missing`. */
  text: string;
  /** The controller's own sentence. */
  message?: string;
  /** What to do, where that is known. */
  remedy?: string;
  /** ISO 8601: since when. */
  since?: string;
  condition: ICondition;
}

/** Conditions that tell something bad when they are true. */
const BAD =
  /^(Failed|FailureTarget|Failure|Stalled|Degraded|Error|.*Pressure|NetworkUnavailable|ReplicaFailure|DisruptionTarget|.*Failed)$/;
/** Conditions that tell of a rest when they are true, and of nothing when they are not. */
const RESTING = /^(Suspended|Paused|StartupPolicyInProgress|Evicted|Preempted)$/;
/** Conditions that tell of something done when they are true, and that it is yet to come when they are not. */
const DONE = /^(Created|Complete|Completed|Succeeded|SuccessCriteriaMet|Finished)$/;
/** Conditions that tell of work under way. */
const WORKING = /^(Running|Progressing|Reconciling|Restarting|.*InProgress)$/;
/** Conditions that are over when another one has come true; controllers such as Katib's leave their message as it was. */
const PASSING = /^(Running|Restarting)$/;

/** Conditions that say beforehand what another one then says. */
const FORESHADOWS: Readonly<Record<string, string>> = {
  FailureTarget: 'Failed',
  SuccessCriteriaMet: 'Complete'
};

/** The conditions as sentences: what is wrong first, then what waits, then the rest, each newest first. */
export function conditionSentences(
  conditions: readonly ICondition[],
  trans: TranslationBundle
): IConditionSentence[] {
  const holding = new Set(conditions.filter(each => each.status === 'True').map(each => each.type));
  const isOver = ({ type, status }: ICondition) =>
    status === 'False' && PASSING.test(type) && [...holding].some(each => each !== 'Created');
  const sentences = conditions
    .filter(each => !holding.has(FORESHADOWS[each.type] ?? '') && !isOver(each))
    .map(each => sentence(each, trans));
  return sentences.sort(
    (one, other) =>
      URGENCY[one.phase] - URGENCY[other.phase] ||
      (other.since ?? '').localeCompare(one.since ?? '')
  );
}

const URGENCY: Readonly<Record<Phase, number>> = {
  failed: 0,
  degraded: 1,
  terminating: 2,
  suspended: 3,
  pending: 4,
  running: 5,
  unknown: 6,
  ready: 7,
  succeeded: 8
};

function sentence(condition: ICondition, trans: TranslationBundle): IConditionSentence {
  const { type, reason, message, lastTransitionTime } = condition;
  const name = words(type);
  const text = {
    True: name,
    False: trans.__('Not %1', lower(name)),
    Unknown: trans.__('%1: not known yet', name)
  }[condition.status as 'True'];
  const phase = phaseOf(condition);
  const tells = reason && !says(reason, type) && phase !== 'succeeded' && phase !== 'ready';
  return {
    phase,
    text: tells ? trans.__('%1: %2', text ?? name, lower(words(reason))) : (text ?? name),
    ...(message && { message }),
    ...(reason && remedyOf(reason, trans) && { remedy: remedyOf(reason, trans) }),
    ...(lastTransitionTime && { since: lastTransitionTime }),
    condition
  };
}

/** What a condition tells of the object. */
export function phaseOf({ type, status, reason }: ICondition): Phase {
  if (status !== 'True' && status !== 'False') {
    return 'pending';
  }
  const holds = status === 'True';
  if (BAD.test(type)) {
    return holds ? 'failed' : 'ready';
  }
  if (RESTING.test(type)) {
    return holds ? 'suspended' : 'ready';
  }
  if (DONE.test(type)) {
    return holds ? 'succeeded' : 'pending';
  }
  if (WORKING.test(type)) {
    return holds ? 'running' : 'pending';
  }
  return holds ? 'ready' : reason === 'PodCompleted' ? 'succeeded' : 'degraded';
}

/** What to do about a reason that a controller, the scheduler or the kubelet gives; undefined where nothing general can be said. */
export function remedyOf(reason: string, trans: TranslationBundle): string | undefined {
  switch (reason) {
    case 'Unschedulable':
      return trans.__(
        'No node has room for it. Ask for less CPU, memory or GPUs, or wait until others have ended.'
      );
    case 'ImagePullBackOff':
    case 'ErrImagePull':
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return trans.__(
        'The image cannot be pulled. Check its name and tag, and that the cluster may read its registry.'
      );
    case 'CrashLoopBackOff':
      return trans.__(
        'The container ends again and again. Read the log of its previous run for the reason.'
      );
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
      return trans.__(
        'Something that the container refers to is missing, such as a config map, a secret or a volume.'
      );
    case 'OOMKilled':
      return trans.__('It used more memory than its limit. Raise the limit, or use less.');
    case 'DeadlineExceeded':
      return trans.__('It took longer than its deadline allows. Raise the deadline, or do less.');
    case 'BackoffLimitExceeded':
    case 'PodFailurePolicy':
    case 'ReachedMaxRestarts':
    case 'FailedJobs':
      return trans.__('Read the logs of the pods that failed for the reason.');
    case 'Evicted':
      return trans.__(
        'The node ran short of memory or disk. Ask for what it needs, and start again.'
      );
    case 'QuotaReserved':
    case 'Pending':
    case 'Inadmissible':
      return trans.__('It waits for quota in its queue.');
    case 'ContainersNotReady':
      return trans.__('Its readiness probe does not succeed yet. Its log and its events say more.');
    case 'RevisionMissing':
    case 'PredictorNotReady':
      return trans.__('The predictor is not up. The events and the logs of its pods say more.');
    case 'TrainingRuntimeNotSupported':
      return trans.__('Choose a training runtime that this cluster has.');
    case 'InvalidSpec':
    case 'InvalidStorageSpec':
    case 'ModelLoadFailed':
      return trans.__('Check the model’s address and that the service account may read it.');
    default:
      return undefined;
  }
}

/** Whether a reason repeats what the type says. */
function says(reason: string, type: string): boolean {
  const [a, b] = [reason.toLowerCase(), type.toLowerCase()];
  return a.includes(b) || b.includes(a);
}

function lower(sentence: string): string {
  return /^[A-Z]{2}/.test(sentence)
    ? sentence
    : sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
