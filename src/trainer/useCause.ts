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
import { failureOf, type ICause, waitOf } from './cause';
import type { IJobParts } from './parts';
import { type IQueuePlace, queuePlaces } from './queue';
import { failureWithLog } from './readFailure';

/** Why a job failed, with the end of the log where only that tells; or what it waits for. */
export function useCause(
  kubernetes: IKubernetes,
  job: ITrainJob,
  { pods, owned }: IJobParts
): { cause?: ICause; queue?: IQueuePlace } {
  const { lists } = kubernetes;
  const { namespace, uid = '' } = job.metadata ?? {};
  const { phase } = healthOf(trainJobs, job);
  const visible = useContext(VisibleContext);
  const [logged, setLogged] = useState<ICause>();
  const waits = phase === 'pending' || phase === 'suspended';
  const workloads = useList(waits ? lists.list(workloadKind, { namespace }) : undefined).data;
  const refused = phase === 'pending' && pods.length === 0;
  const events = useList(refused ? lists.list(eventKind, { namespace }) : undefined).data;

  useEffect(() => {
    if (phase !== 'failed' || !visible) {
      return;
    }
    const abort = new AbortController();
    failureWithLog(kubernetes, pods, abort.signal).then(setLogged, () => undefined);
    return () => abort.abort();
  }, [kubernetes, phase, visible, pods]);

  return useMemo(() => {
    const uids = new Set([uid, ...owned.map(each => each.metadata?.uid)]);
    const own = (events ?? []).filter(({ involvedObject }) => uids.has(involvedObject?.uid));
    const queue = queuePlaces(workloads ?? []).get(uid);
    if (phase === 'failed') {
      return { cause: (logged?.pod && logged) || failureOf(pods) };
    }
    const cause = phase === 'pending' || phase === 'running' ? waitOf(pods, own) : undefined;
    return { cause, queue };
  }, [phase, pods, owned, events, workloads, logged, uid]);
}
