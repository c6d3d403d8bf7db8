/** What an object owns, directly and through others: found by owner references among the kinds that its controller makes. */
import { useMemo } from 'react';

import type { IKind } from '../../client/kubernetes/kind';
import {
  jobs,
  jobSets,
  leaderWorkerSets,
  pods,
  suggestions,
  trainJobs,
  trials
} from '../../client/kubernetes/kinds';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import type { ListWatch } from '../../client/kubernetes/listWatch';
import { genericHealth } from './anyKind';
import type { IKubernetes } from './connection';
import { useList } from './useList';

const apps = (kind: string): IKind => ({
  group: 'apps',
  versions: ['v1'],
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
  health: genericHealth
});
const deployments = apps('Deployment');
const replicaSets = apps('ReplicaSet');
const statefulSets = apps('StatefulSet');
const any = (kind: unknown): IKind => kind as IKind;

/** The kinds that the objects of a kind own, by `plural.group`. */
const OWNS: Readonly<Record<string, readonly IKind[]>> = {
  'trainjobs.trainer.kubeflow.org': [any(jobSets)],
  'optimizationjobs.trainer.kubeflow.org': [any(trainJobs)],
  'jobsets.jobset.x-k8s.io': [any(jobs)],
  'cronjobs.batch': [any(jobs)],
  'jobs.batch': [any(pods)],
  'deployments.apps': [replicaSets, any(pods)],
  'replicasets.apps': [any(pods)],
  'statefulsets.apps': [any(pods)],
  'daemonsets.apps': [any(pods)],
  'experiments.kubeflow.org': [any(trials), any(suggestions)],
  'trials.kubeflow.org': [any(jobs), any(trainJobs), any(pods)],
  'suggestions.kubeflow.org': [deployments],
  'inferenceservices.serving.kserve.io': [deployments],
  'inferencegraphs.serving.kserve.io': [deployments],
  'llminferenceservices.serving.kserve.io': [deployments, any(leaderWorkerSets)],
  'leaderworkersets.leaderworkerset.x-k8s.io': [statefulSets],
  'featurestores.feast.dev': [deployments]
};

/** An object that another one owns, with its kind. */
export interface IOwned {
  kind: IKind;
  object: IKubernetesObject;
  /** How many owners lie between: 1 for what the object itself owns. */
  depth: number;
}

/** All kinds that an object of this kind may own, directly or through others. */
export function ownedKinds(kind: Pick<IKind, 'group' | 'plural'>): IKind[] {
  const found = new Map<string, IKind>();
  const waiting = [keyOf(kind)];
  while (waiting.length > 0) {
    for (const next of OWNS[waiting.shift()!] ?? []) {
      const key = keyOf(next);
      if (!found.has(key)) {
        found.set(key, next);
        waiting.push(key);
      }
    }
  }
  return [...found.values()];
}

/** What `uid` owns among these objects, directly or through others, owners before what they own. */
export function ownedBy(
  uid: string,
  candidates: readonly { kind: IKind; object: IKubernetesObject }[]
): IOwned[] {
  const children = new Map<string, { kind: IKind; object: IKubernetesObject }[]>();
  for (const each of candidates) {
    for (const owner of each.object.metadata?.ownerReferences ?? []) {
      const siblings = children.get(owner.uid);
      if (siblings) {
        siblings.push(each);
      } else {
        children.set(owner.uid, [each]);
      }
    }
  }
  const found: IOwned[] = [];
  const seen = new Set([uid]);
  const visit = (owner: string, depth: number) => {
    for (const each of children.get(owner) ?? []) {
      const own = each.object.metadata?.uid ?? '';
      if (!seen.has(own)) {
        seen.add(own);
        found.push({ ...each, depth });
        visit(own, depth + 1);
      }
    }
  };
  visit(uid, 1);
  return found;
}

/** The most kinds that one object owns, so that a component always watches the same number of lists. */
const SLOTS = Math.max(
  ...Object.keys(OWNS).map(key => {
    const [plural = '', ...group] = key.split('.');
    return ownedKinds({ plural, group: group.join('.') }).length;
  })
);

/**
 * What an object owns, live. Kinds that the server does not have, or that the user may not list, count as empty.
 * `ready` is false until all lists have answered.
 */
export function useOwned(
  { lists }: IKubernetes,
  kind: IKind,
  object: IKubernetesObject | undefined
): { owned: readonly IOwned[]; ready: boolean } {
  const { uid, namespace } = object?.metadata ?? {};
  const kinds = useMemo(() => (uid ? ownedKinds(kind) : []), [kind, uid]);
  const states = Array.from({ length: SLOTS }, (_, slot) => {
    const each = kinds[slot];
    const list = each && (lists.list(each, { namespace }) as ListWatch<IKubernetesObject>);
    // The number of calls is always the same.
    return useList(list);
  });
  return useMemo(
    () => ({
      owned: uid
        ? ownedBy(
            uid,
            kinds.flatMap((each, slot) =>
              (states[slot]?.data ?? []).map(item => ({ kind: each, object: item }))
            )
          )
        : [],
      ready: kinds.every(
        (_, slot) => states[slot]?.data !== undefined || states[slot]?.error != null
      )
    }),
    // One value for each slot.
    [uid, kinds, ...states]
  );
}

function keyOf({ group, plural }: Pick<IKind, 'group' | 'plural'>): string {
  return [plural, group].filter(Boolean).join('.');
}
