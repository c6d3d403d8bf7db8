/** What views say when the Kubernetes API refuses them or does not know what they show. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAccess } from '../../client/kubernetes/access';
import { ApiError } from '../../client/errors';
import { object } from '../../graph/wire';
import { pluralKind } from './words';

/** A refusal in words that name verb, kind and namespace: `You may not list TrainJobs in team-a.` */
export function refusal(
  { verb, kind, namespace, subresource }: IAccess,
  trans: TranslationBundle
): string {
  const what = subresource
    ? trans.__('the %1 of %2', subresource, pluralKind(kind))
    : pluralKind(kind);
  const resource = [kind.plural, kind.group].filter(Boolean).join('.');
  const right = trans.__('Ask for the right to “%1” %2', verb, resource);
  return namespace
    ? `${trans.__('You may not %1 %2 in %3.', verb, what, namespace)} ${right} ${trans.__('there.')}`
    : kind.namespaced
      ? `${trans.__('You may not %1 %2 in all namespaces.', verb, what)} ${right}, ${trans.__('or choose one namespace.')}`
      : `${trans.__('You may not %1 %2.', verb, what)} ${right}.`;
}

/** Where to read how to install what serves an API group. */
const INSTALL: Readonly<Record<string, { name: string; href: string }>> = {
  'trainer.kubeflow.org': {
    name: 'Kubeflow Trainer',
    href: 'https://www.kubeflow.org/docs/components/trainer/operator-guides/installation/'
  },
  'kubeflow.org': {
    name: 'Katib',
    href: 'https://www.kubeflow.org/docs/components/katib/installation/'
  },
  'serving.kserve.io': {
    name: 'KServe',
    href: 'https://kserve.github.io/website/docs/admin-guide/overview'
  },
  'jobset.x-k8s.io': { name: 'JobSet', href: 'https://jobset.sigs.k8s.io/docs/installation/' },
  'kueue.x-k8s.io': { name: 'Kueue', href: 'https://kueue.sigs.k8s.io/docs/installation/' },
  'leaderworkerset.x-k8s.io': {
    name: 'LeaderWorkerSet',
    href: 'https://lws.sigs.k8s.io/docs/installation/'
  },
  'feast.dev': {
    name: 'the Feast operator',
    href: 'https://docs.feast.dev/how-to-guides/feast-on-kubernetes'
  }
};

/** The words of `LiveView` for a list of a kind. */
export function problemOf(access: IAccess, error: unknown, trans: TranslationBundle) {
  const { name, href } = INSTALL[access.kind.group] ?? {
    name: 'Kubeflow',
    href: 'https://www.kubeflow.org/docs/started/installing-kubeflow/'
  };
  const reason = error instanceof ApiError ? error.reason : undefined;
  const absent = reason === 'NotInstalled' || reason === 'NotConfigured';
  return {
    forbidden: forbiddenWords(access, error, trans),
    absent: {
      message: absent ? (error as ApiError).message : undefined,
      link: { label: trans.__('How to install %1', name), href }
    },
    isAbsent: reason === 'NotInstalled'
  };
}

/** Why something may not be done: whom the cluster does not know, or which setting of the proxy, in its own sentence; else verb, kind and namespace. */
export function forbiddenWords(access: IAccess, error: unknown, trans: TranslationBundle): string {
  // A refusal by the API itself names the kind; the proxy's names its setting, or the connection, instead.
  const named =
    error instanceof ApiError && error.status === 403 && 'kind' in object(error.details);
  return error instanceof ApiError && !named ? error.message : refusal(access, trans);
}
