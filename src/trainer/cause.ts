/** Why a training failed or does not start, from its pods and events. Pure. */
import type { V1ContainerStatus } from '@kubernetes/client-node';

import { conditionOf, trueCondition } from '../client/kubernetes/conditions';
import { compareTimes, lastSeen } from '../client/kubernetes/eventTime';
import type { Event, ITrainJob, Pod } from '../client/kubernetes/kinds';
import type { Wire } from '../client/kubernetes/object';
import { type IPlace, isNodeStep, isUnfinished, placeOf } from './nodes';

/** What went wrong, as far as a person would do something else about it. */
export type CauseKind =
  | 'missing-module'
  | 'memory'
  | 'gpu-memory'
  | 'exit'
  | 'killed'
  | 'start'
  | 'image'
  | 'configuration'
  | 'evicted'
  | 'deadline'
  | 'no-room'
  | 'unschedulable'
  | 'claim'
  | 'quota'
  | 'refused';

/** Why a training failed or waits. */
export interface ICause {
  kind: CauseKind;
  place?: IPlace;
  /** The pod's name. */
  pod?: string;
  exitCode?: number;
  /** The module, the image or the volume claim that is missing, the error that Python has told. */
  subject?: string;
  /** The API's own sentence. */
  message?: string;
  /** What failed is tried again: which attempt this is, from 1, and how many there may be. */
  retry?: { attempt: number; of: number };
}

/** Whether it is only a matter of time or of others, rather than something that went wrong. */
export function isWait({ kind }: ICause): boolean {
  return kind === 'no-room' || kind === 'quota';
}

type Status = Wire<V1ContainerStatus>;

/** Why a container waits, when that does not mend itself soon. */
const WAITING: Readonly<Record<string, CauseKind>> = {
  CrashLoopBackOff: 'exit',
  CreateContainerConfigError: 'configuration',
  CreateContainerError: 'configuration',
  ErrImageNeverPull: 'image',
  ErrImagePull: 'image',
  ImagePullBackOff: 'image',
  InvalidImageName: 'image',
  RunContainerError: 'start'
};
/** Ends by signals: mostly of pods that were ended because another one had failed. */
const SIGNALLED = new Set([137, 143]);

/** The deadline, when that is why a job failed. */
export function deadlineOf(job: ITrainJob): ICause | undefined {
  const { reason, message } = trueCondition(job, 'Failed') ?? {};
  return reason === 'DeadlineExceeded'
    ? { kind: 'deadline', ...(message && { message }) }
    : undefined;
}

/**
 * Why a training failed: what the first of its containers to fail tells, one that was only ended with the others last.
 * @param said - the end of a pod's log by its name, where its container has left no message about its end
 */
export function failureOf(
  pods: readonly Pod[],
  said: ReadonlyMap<string, string> = new Map()
): ICause | undefined {
  const ends = pods.flatMap(pod => endsOf(pod, said)).sort(bySignificance);
  return ends[0]?.cause;
}

interface IEnd {
  cause: ICause;
  at: string;
}

function bySignificance(one: IEnd, other: IEnd): number {
  const rank = ({ cause }: IEnd) => (cause.kind === 'killed' ? 1 : 0);
  return rank(one) - rank(other) || (one.at < other.at ? -1 : one.at > other.at ? 1 : 0);
}

function endsOf(pod: Pod, said: ReadonlyMap<string, string>): IEnd[] {
  const { name = '' } = pod.metadata ?? {};
  const { reason, message, containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const about = { place: placeOf(pod), pod: name };
  const ends: IEnd[] = [];
  for (const each of [...initContainerStatuses, ...containerStatuses]) {
    const ended = each.state?.terminated ?? each.lastState?.terminated;
    if (ended && ended.exitCode !== 0) {
      const text = ended.message || said.get(name) || '';
      ends.push({ cause: { ...about, ...endOf(ended, text) }, at: ended.finishedAt ?? '' });
    }
  }
  if (reason === 'Evicted' || reason === 'DeadlineExceeded') {
    const kind = reason === 'Evicted' ? 'evicted' : 'deadline';
    return [{ cause: { ...about, kind, ...(message && { message }) }, at: '' }];
  }
  return ends;
}

function endOf(
  ended: NonNullable<NonNullable<Status['state']>['terminated']>,
  text: string
): Omit<ICause, 'place' | 'pod'> {
  const { exitCode, reason } = ended;
  const message = text.trim();
  const told = { exitCode, ...(message && { message }) };
  if (reason === 'OOMKilled') {
    return { kind: 'memory', ...told };
  }
  if (reason === 'StartError' || reason === 'ContainerCannotRun') {
    return { kind: 'start', ...told };
  }
  const module = /No module named ['"]?([\w.]+)/.exec(text)?.[1];
  if (module) {
    return { kind: 'missing-module', subject: module, ...told };
  }
  if (/CUDA out of memory|HIP out of memory|torch\.OutOfMemoryError/.test(text)) {
    return { kind: 'gpu-memory', ...told };
  }
  const error = errorLine(text);
  if (error?.startsWith('MemoryError')) {
    return { kind: 'memory', ...told };
  }
  const kind = SIGNALLED.has(exitCode) && !error ? 'killed' : 'exit';
  return { kind, ...(error && { subject: error }), ...told };
}

/** The error that a Python program ended with, from the end of its log: its last `SomeError: why`, but not what a launcher says of it. */
export function errorLine(log: string): string | undefined {
  return log
    .split('\n')
    .map(line => line.replace(/^\s*\[rank\d+\]:\s?/, '').trimEnd())
    .filter(
      line =>
        /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Timeout)(?::.*)?$/.test(
          line
        ) && !/ChildFailedError|^SystemExit/.test(line)
    )
    .map(line => line.replace(/^(?:[a-z_]\w*\.)+(?=[A-Z])/, ''))
    .pop();
}

/** Why a pod has no machine: only where the scheduler says no more than that there is too little of something, time may help. */
function unscheduled(message: string): Pick<ICause, 'kind' | 'subject' | 'message'> {
  const claim = /persistentvolumeclaim "([^"]+)" not found/.exec(message)?.[1];
  if (claim) {
    return { kind: 'claim', subject: claim, message };
  }
  return { kind: tellsRemedy(message) ? 'unschedulable' : 'no-room', message };
}

/** Whether a sentence itself ends with what to do, as those of Local Kubeflow about what it cannot do. */
export function tellsRemedy(message: string): boolean {
  return /\bor run (?:it|the pipeline) on a cluster\.|\. Use an? [^.]+\.$/.test(message);
}

/** What tells whether a refusal still holds. */
export interface IExpected {
  /** How many nodes there are to be. */
  nodes?: number;
  /** Since when they are to be made: what was refused before is over. ISO 8601. */
  since?: string;
}

/** Why a training that is to run does not: what keeps one of its pods, else why those that are missing are not made. */
export function waitOf(
  pods: readonly Pod[],
  events: readonly Event[] = [],
  expected: IExpected = {}
): ICause | undefined {
  for (const pod of pods) {
    const about = { place: placeOf(pod), pod: pod.metadata?.name ?? '' };
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
    for (const each of [...initContainerStatuses, ...containerStatuses]) {
      const { reason = '', message } = each.state?.waiting ?? {};
      const kind = WAITING[reason];
      const ended = each.lastState?.terminated;
      if (kind === 'exit' && ended) {
        return { ...about, ...endOf(ended, ended.message ?? '') };
      }
      if (kind) {
        const subject = kind === 'image' ? each.image : undefined;
        return { ...about, kind, ...(subject && { subject }), ...(message && { message }) };
      }
    }
    const scheduled = conditionOf(pod, 'PodScheduled');
    if (scheduled?.status === 'False' && scheduled.reason !== 'SchedulingGated') {
      return { ...about, ...unscheduled(scheduled.message ?? '') };
    }
  }
  const message = refusalOf(pods, events, expected)?.message ?? '';
  return message
    ? { kind: /exceeded quota/.test(message) ? 'quota' : 'refused', message }
    : undefined;
}

/** The last refusal to make pods that no pod has been made after. */
function refusalOf(
  pods: readonly Pod[],
  events: readonly Event[],
  { nodes = Infinity, since = '' }: IExpected
): Event | undefined {
  const there = pods.filter(pod => isNodeStep(placeOf(pod).step) && isUnfinished(pod));
  if (there.length >= nodes) {
    return undefined;
  }
  const times = [since, ...pods.map(({ metadata }) => metadata?.creationTimestamp ?? '')];
  const made = times.sort(compareTimes).pop()!;
  return events
    .filter(
      event =>
        event.type === 'Warning' &&
        event.involvedObject?.kind !== 'Pod' &&
        (pods.length > 0 ? /^FailedCreate/ : /Failed/).test(event.reason ?? '') &&
        compareTimes(lastSeen(event) ?? made, made) >= 0
    )
    .sort((one, other) => compareTimes(lastSeen(one) ?? '', lastSeen(other) ?? ''))
    .pop();
}
