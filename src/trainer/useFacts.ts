/** What the list tells of jobs beside the jobs: live where it changes, read once for those that failed. */
import { useContext, useEffect, useMemo, useState } from 'react';

import { healthOf, type IKind } from '../client/kubernetes/kind';
import {
  clusterTrainingRuntimes,
  type Event,
  events as eventKind,
  type ITrainJob,
  pods as podKind,
  trainingRuntimes,
  trainJobs,
  workloads as workloadKind
} from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { useList } from '../ui/kubernetes/useList';
import { RowCache } from '../ui/rowCache';
import { VisibleContext } from '../ui/text';
import { type ICause, waitOf } from './cause';
import type { IJobFacts } from './jobRow';
import { JOB_SET, nodesReady, nodesWanted, runtimeOf, trainJobOf } from './nodes';
import { queuePlaces } from './queue';
import { readFailure } from './readFailure';
import { healthWith } from './stateWords';

const UNFINISHED = 'status.phase!=Succeeded,status.phase!=Failed';

/** The facts of each job. Of pods only those are watched that have not ended, of events only warnings while a job waits. */
export function useFacts(
  kubernetes: IKubernetes,
  namespace: string,
  jobs: readonly ITrainJob[]
): {
  of: (job: ITrainJob) => IJobFacts;
  show: (jobs: ITrainJob[]) => void;
  /** The kind of the jobs, which tells with their pods and events how they are. */
  kind: IKind<ITrainJob>;
} {
  const { lists } = kubernetes;
  const where = { namespace };
  const phases = useMemo(() => new Set(jobs.map(job => healthOf(trainJobs, job).phase)), [jobs]);
  const goesOn = phases.has('running') || phases.has('pending');
  const waits = phases.has('pending') || phases.has('suspended');
  const runtimes = useRuntimes(kubernetes, namespace, jobs.length > 0);
  const unfinished = { ...where, labelSelector: JOB_SET, fieldSelector: UNFINISHED };
  const pods = useList(goesOn ? lists.list(podKind, unfinished) : undefined).data;
  const warnings = { ...where, fieldSelector: 'type=Warning' };
  const events = useList(phases.has('pending') ? lists.list(eventKind, warnings) : undefined).data;
  const workloads = useList(waits ? lists.list(workloadKind, where) : undefined).data;
  const failures = useFailures(kubernetes);

  const podsOf = useMemo(() => group(pods ?? [], trainJobOf), [pods]);
  const eventsOf = useMemo(() => group(events ?? [], trainJobOfEvent), [events]);
  const places = useMemo(() => queuePlaces(workloads ?? []), [workloads]);
  const { wait, kind } = useMemo(() => {
    const wait = (job: ITrainJob) => {
      const { name = '', uid = '' } = job.metadata ?? {};
      const { phase } = healthOf(trainJobs, job);
      const about = ({ involvedObject }: Event) =>
        involvedObject?.kind !== 'TrainJob' || involvedObject.uid === uid;
      return phase === 'pending' || phase === 'running'
        ? waitOf(
            podsOf.get(name) ?? [],
            phase === 'pending' ? eventsOf.get(name)?.filter(about) : []
          )
        : undefined;
    };
    const health = (job: ITrainJob) => healthWith(job, wait(job));
    return { wait, kind: { ...trainJobs, health } };
  }, [podsOf, eventsOf]);
  return {
    show: failures.show,
    kind,
    of: job => {
      const { name = '', uid = '' } = job.metadata ?? {};
      const failed = healthOf(trainJobs, job).phase === 'failed';
      return {
        ready: nodesReady(podsOf.get(name) ?? []),
        nodes: nodesWanted(job, runtimeOf(job, runtimes)),
        cause: failed ? failures.get(job) : wait(job),
        queue: places.get(uid)
      };
    }
  };
}

/** All runtimes that jobs of a namespace can refer to; none of those that the user may not list. */
function useRuntimes(kubernetes: IKubernetes, namespace: string, wanted: boolean) {
  const { lists } = kubernetes;
  const own = useList(wanted ? lists.list(trainingRuntimes, { namespace }) : undefined).data;
  const shared = useList(wanted ? lists.list(clusterTrainingRuntimes) : undefined).data;
  return useMemo(() => [...(own ?? []), ...(shared ?? [])], [own, shared]);
}

/** Why jobs failed: read when their rows come into sight, and kept. */
function useFailures(kubernetes: IKubernetes): {
  get: (job: ITrainJob) => ICause | undefined;
  show: (jobs: ITrainJob[]) => void;
} {
  const visible = useContext(VisibleContext);
  const [, setTurn] = useState(0);
  const [shown, show] = useState<ITrainJob[]>([]);
  const cache = useMemo(
    () =>
      new RowCache<ITrainJob, ICause | undefined>({
        key: keyOf,
        read: (job, signal) => readFailure(kubernetes, job, signal),
        isWanted: job => healthOf(trainJobs, job).phase === 'failed',
        isFinal: () => true,
        onChange: () => setTurn(turn => turn + 1)
      }),
    [kubernetes]
  );
  useEffect(() => cache.show(visible ? shown : []), [cache, shown, visible]);
  useEffect(() => () => cache.clear(), [cache]);
  return { get: job => cache.get(keyOf(job)), show };
}

/** A job in the state that it failed in. */
function keyOf(job: ITrainJob): string {
  return `${job.metadata?.uid}/${job.metadata?.resourceVersion}`;
}

/** The TrainJob of an event about it, or about its JobSet or a Job, whose names begin with its own. */
function trainJobOfEvent({ involvedObject }: Event): string {
  const { kind = '', name = '' } = involvedObject ?? {};
  return kind === 'TrainJob' || kind === 'JobSet'
    ? name
    : kind === 'Job'
      ? name.replace(/-[a-z]+(-initializer)?-\d+$/, '')
      : '';
}

function group<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const found = groups.get(key(item));
    if (found) {
      found.push(item);
    } else {
      groups.set(key(item), [item]);
    }
  }
  return groups;
}
