/** What the list tells of jobs from pods that have ended: read for rows in sight only. */
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';

import { healthOf } from '../client/kubernetes/kind';
import { type ITrainJob, trainJobs } from '../client/kubernetes/kinds';
import type { IKubernetes } from '../ui/kubernetes/connection';
import { type IRowCacheOptions, RowCache } from '../ui/rowCache';
import { VisibleContext } from '../ui/text';
import { type IEnd, readEnd, readRetries } from './readFailure';
import type { IRetry } from './retries';

/** What was read for a job; another function when there is more. */
export type RowReads<V> = (job: ITrainJob) => V | undefined;

/** Why jobs failed and when those that have ended began to run: read once. */
export function useEnds(kubernetes: IKubernetes, shown: readonly ITrainJob[]): RowReads<IEnd> {
  return useReads(
    {
      // A job in the state that it ended in.
      key: ({ metadata }) => `${metadata?.uid}/${metadata?.resourceVersion}`,
      read: (job, signal) => readEnd(kubernetes, job, signal),
      isWanted: job => ['failed', 'succeeded'].includes(healthOf(trainJobs, job).phase),
      isFinal: () => true
    },
    shown,
    kubernetes
  );
}

/**
 * What has failed in jobs that start, and is tried again: read again when `version` of a job changes.
 * @param version what tells of a change of a job's pods; undefined for jobs whose nodes are all ready, or that do not run
 */
export function useRetries(
  kubernetes: IKubernetes,
  shown: readonly ITrainJob[],
  version: (job: ITrainJob) => string | undefined
): RowReads<readonly IRetry[]> {
  const latest = useRef(version);
  latest.current = version;
  return useReads(
    {
      key: ({ metadata }) => metadata?.uid ?? '',
      read: (job, signal) => readRetries(kubernetes, job, signal),
      version: job => latest.current(job) ?? '',
      isWanted: job => latest.current(job) !== undefined,
      isFinal: () => false
    },
    shown,
    kubernetes,
    version
  );
}

/** Reads for the jobs that are shown, anew for another connection; looks again when `change` is another one. */
function useReads<V>(
  options: Omit<IRowCacheOptions<ITrainJob, V>, 'onChange'>,
  shown: readonly ITrainJob[],
  kubernetes: IKubernetes,
  change?: unknown
): RowReads<V> {
  const visible = useContext(VisibleContext);
  const [turn, setTurn] = useState(0);
  const cache = useMemo(
    () => new RowCache<ITrainJob, V>({ ...options, onChange: () => setTurn(each => each + 1) }),
    [kubernetes]
  );
  useEffect(() => cache.show(visible ? shown : []), [cache, shown, visible, change, turn]);
  useEffect(() => () => cache.clear(), [cache]);
  return useCallback(job => cache.get(options.key(job)), [cache, turn]);
}
