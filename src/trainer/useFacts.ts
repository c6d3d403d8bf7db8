/** What the list tells of jobs beside the jobs. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo, useState } from 'react';

import { healthOf, type IKind, type Phase } from '../client/kubernetes/kind';
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
import { forbiddenWords } from '../ui/kubernetes/problem';
import { useList } from '../ui/kubernetes/useList';
import { errorKind } from '../ui/viewState';
import { deadlineOf } from './cause';
import type { IJobFacts } from './jobRow';
import { beganOf, JOB_SET, nodesReady, nodesWanted, runtimeOf, trainJobOf } from './nodes';
import { queuePlaces } from './queue';
import { waitNow } from './retries';
import { useEnds, useRetries } from './rowReads';
import { healthWith } from './stateWords';

const UNFINISHED = 'status.phase!=Succeeded,status.phase!=Failed';
const NONE: readonly ITrainJob[] = [];

/**
 * The facts of each job. Of pods only those are watched that have not ended, and of events only warnings while a job waits for some of its
 * pods; what ended pods tell is read for the rows in sight.
 */
export function useFacts(
  kubernetes: IKubernetes,
  namespace: string,
  jobs: readonly ITrainJob[],
  trans: TranslationBundle
): {
  of: (job: ITrainJob) => IJobFacts;
  show: (jobs: ITrainJob[]) => void;
  /** The kind of the jobs, which tells with their pods and events how they are. */
  kind: IKind<ITrainJob>;
} {
  const { lists } = kubernetes;
  const where = { namespace };
  const [shown, show] = useState<readonly ITrainJob[]>(NONE);
  const phases = useMemo(() => new Set(jobs.map(phaseOf)), [jobs]);
  const goesOn = phases.has('running') || phases.has('pending');
  const waits = phases.has('pending') || phases.has('suspended');
  const runtimes = useRuntimes(kubernetes, namespace, jobs.length > 0);
  const unfinished = { ...where, labelSelector: JOB_SET, fieldSelector: UNFINISHED };
  const { data: pods, error } = useList(goesOn ? lists.list(podKind, unfinished) : undefined);
  const forbidden = goesOn && error != null && errorKind(error) === 'forbidden';
  const refusal = forbidden
    ? forbiddenWords({ verb: 'list', kind: podKind, namespace }, error, trans)
    : undefined;

  const podsOf = useMemo(() => pods && group(pods, trainJobOf), [pods]);
  const nodesOf = useMemo(() => {
    return (job: ITrainJob) => {
      const own = podsOf && (podsOf.get(job.metadata?.name ?? '') ?? []);
      const nodes = nodesWanted(job, runtimeOf(job, runtimes));
      return { own, nodes, ready: own && nodesReady(own) };
    };
  }, [podsOf, runtimes]);
  const lacking = useMemo(() => {
    return (job: ITrainJob) => {
      const phase = phaseOf(job);
      const { own, nodes = 1, ready = nodes } = nodesOf(job);
      return phase === 'pending' || (phase === 'running' && ready < nodes)
        ? (own ?? []).map(({ metadata }) => metadata?.uid).join()
        : undefined;
    };
  }, [nodesOf]);
  const lacks = useMemo(() => jobs.some(job => lacking(job) !== undefined), [jobs, lacking]);
  const warnings = { ...where, fieldSelector: 'type=Warning' };
  const events = useList(lacks ? lists.list(eventKind, warnings) : undefined).data;
  const workloads = useList(waits ? lists.list(workloadKind, where) : undefined).data;
  const ends = useEnds(kubernetes, shown);
  const retries = useRetries(kubernetes, shown, lacking);

  const eventsOf = useMemo(() => group(events ?? [], trainJobOfEvent), [events]);
  const places = useMemo(() => queuePlaces(workloads ?? []), [workloads]);
  const { wait, kind } = useMemo(() => {
    const wait = (job: ITrainJob) => {
      const { name = '', uid = '' } = job.metadata ?? {};
      const about = ({ involvedObject }: Event) =>
        involvedObject?.kind !== 'TrainJob' || involvedObject.uid === uid;
      const { own, nodes } = nodesOf(job);
      return lacking(job) === undefined
        ? undefined
        : waitNow(job, {
            pods: own ?? [],
            events: eventsOf.get(name)?.filter(about) ?? [],
            retries: retries(job) ?? [],
            nodes
          });
    };
    const health = (job: ITrainJob) => healthWith(job, wait(job));
    return { wait, kind: { ...trainJobs, health } };
  }, [nodesOf, lacking, eventsOf, retries]);
  return {
    show,
    kind,
    of: job => {
      const { own, nodes, ready } = nodesOf(job);
      const end = ends(job);
      return {
        ready,
        nodes,
        refusal,
        cause: phaseOf(job) === 'failed' ? (deadlineOf(job) ?? end?.cause) : wait(job),
        began: end ? end.began : beganOf(own ?? []),
        queue: places.get(job.metadata?.uid ?? '')
      };
    }
  };
}

function phaseOf(job: ITrainJob): Phase {
  return healthOf(trainJobs, job).phase;
}

/** All runtimes that jobs of a namespace can refer to; none of those that the user may not list. */
function useRuntimes(kubernetes: IKubernetes, namespace: string, wanted: boolean) {
  const { lists } = kubernetes;
  const own = useList(wanted ? lists.list(trainingRuntimes, { namespace }) : undefined).data;
  const shared = useList(wanted ? lists.list(clusterTrainingRuntimes) : undefined).data;
  return useMemo(() => [...(own ?? []), ...(shared ?? [])], [own, shared]);
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
