/** `leaderworkerset.x-k8s.io/v1`: groups of pods of which each serves one large model over several hosts. */
import { conditionOf, because } from '../conditions';
import type { ILeaderWorkerSet } from '../generated/leaderworkerset.v1';
import type { IKind } from '../kind';

export type { ILeaderWorkerSet };

export const leaderWorkerSets: IKind<ILeaderWorkerSet> = {
  group: 'leaderworkerset.x-k8s.io',
  versions: ['v1'],
  kind: 'LeaderWorkerSet',
  plural: 'leaderworkersets',
  namespaced: true,
  health: set => {
    const total = set.spec.replicas ?? 1;
    const progress = { done: set.status?.readyReplicas ?? 0, total };
    const available = conditionOf(set, 'Available');
    if (available?.status === 'True') {
      return { phase: 'ready', progress };
    }
    const progressing = conditionOf(set, 'Progressing');
    return {
      ...because(progress.done > 0 ? 'degraded' : 'pending', progressing ?? available),
      progress
    };
  }
};
