import { useContext, useEffect, useMemo, useState } from 'react';

import { healthOf } from '../client/kubernetes/kind';
import {
  events as eventKind,
  type ITrainJob,
  trainJobs,
  workloads as workloadKind
} from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { useList } from '../ui/kubernetes/useList';
import { VisibleContext } from '../ui/text';
import { deadlineOf, failureOf, type ICause } from './cause';
import { nodesReady, nodesWanted } from './nodes';
import type { IJobParts } from './parts';
import { type IQueuePlace, queuePlaces } from './queue';
import { failureWithLog } from './readFailure';
import { retriesOf, waitNow } from './retries';

/** Why a job failed or fails, with the end of the log where only that tells; or what it waits for. */
export function useCause(
  kubernetes: IKubernetes,
  job: ITrainJob,
  { jobs, pods, owned, runtime }: IJobParts
): { cause?: ICause; queue?: IQueuePlace } {
  const { lists } = kubernetes;
  const { namespace, uid = '' } = job.metadata ?? {};
  const { phase } = healthOf(trainJobs, job);
  const visible = useContext(VisibleContext);
  const [logged, setLogged] = useState<ICause>();
  const nodes = nodesWanted(job, runtime);
  const goesOn = phase === 'pending' || phase === 'running';
  const lacks = phase === 'pending' || (goesOn && nodesReady(pods) < (nodes ?? 1));
  const waits = phase === 'pending' || phase === 'suspended';
  const workloads = useList(waits ? lists.list(workloadKind, { namespace }) : undefined).data;
  const events = useList(lacks ? lists.list(eventKind, { namespace }) : undefined).data;
  const { failed, retries } = useMemo(() => {
    const retries = lacks ? retriesOf(jobs, pods) : [];
    return { failed: phase === 'failed' ? pods : retries.map(({ pod }) => pod), retries };
  }, [phase, lacks, jobs, pods]);

  useEffect(() => {
    if (failed.length === 0 || !visible) {
      return;
    }
    const abort = new AbortController();
    failureWithLog(kubernetes, failed, abort.signal).then(setLogged, () => undefined);
    return () => abort.abort();
  }, [kubernetes, visible, failed]);

  return useMemo(() => {
    if (phase === 'failed') {
      return { cause: deadlineOf(job) ?? ((logged?.pod && logged) || failureOf(pods)) };
    }
    const queue = queuePlaces(workloads ?? []).get(uid);
    if (!lacks) {
      return { queue };
    }
    const uids = new Set([uid, ...owned.map(each => each.metadata?.uid)]);
    const own = (events ?? []).filter(({ involvedObject }) => uids.has(involvedObject?.uid));
    const cause = waitNow(job, { pods, events: own, retries, nodes });
    return {
      cause: cause?.retry && cause.pod === logged?.pod ? { ...cause, ...logged } : cause,
      queue
    };
  }, [job, phase, lacks, pods, owned, events, workloads, retries, logged, uid, nodes]);
}
