/** Which containers of pods have a log, and why the others have none yet. Pure. */
import type { V1ContainerStatus } from '@kubernetes/client-node';

import type { Wire } from '../../client/kubernetes/object';
import { type Pod, pods as podKind } from '../../client/kubernetes/kinds';
import { healthOf } from '../../client/kubernetes/kind';
import type { ILogSource } from './podLogModel';
import { words } from './words';

type Status = Wire<V1ContainerStatus>;

/** What is chosen; empty for all. */
export interface ILogChoice {
  pod: string;
  container: string;
  previous: boolean;
}

/** Names of the containers of these pods, the main ones first. */
export function containersOf(pods: readonly Pod[]): string[] {
  const names = new Set<string>();
  for (const { spec } of pods) {
    spec?.containers.forEach(each => names.add(each.name));
  }
  for (const { spec } of pods) {
    spec?.initContainers?.forEach(each => names.add(each.name));
  }
  return [...names];
}

/** The container to begin with: the one that the pods name as their default, else the first; all where pods differ. */
export function defaultContainer(pods: readonly Pod[]): string {
  const firsts = new Set(
    pods.map(
      pod =>
        pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'] ??
        pod.spec?.containers[0]?.name ??
        ''
    )
  );
  return firsts.size === 1 ? [...firsts][0]! : '';
}

/** The logs that are chosen and can be read, and those that cannot be read yet, each with the reason in words. */
export function logSources(
  pods: readonly Pod[],
  choice: ILogChoice,
  labels: boolean,
  labelOf?: (pod: Pod) => string | undefined
): { sources: ILogSource[]; waiting: { label: string; reason?: string }[]; restarted: boolean } {
  const chosen = pods.filter(pod => !choice.pod || pod.metadata?.name === choice.pod);
  const short = podLabels(chosen, labelOf);
  const sources: ILogSource[] = [];
  const waiting: { label: string; reason?: string }[] = [];
  let restarted = false;
  for (const pod of chosen) {
    const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
    const own = containersOf([pod]);
    const several = !choice.container && own.length > 1;
    for (const container of own) {
      if (choice.container && container !== choice.container) {
        continue;
      }
      const status = statusOf(pod, container);
      const label = several ? `${short(pod)}/${container}` : short(pod);
      const restarts = status?.restartCount ?? 0;
      restarted ||= restarts > 0;
      if (choice.previous ? restarts === 0 : !hasStarted(status)) {
        if (!choice.previous) {
          waiting.push({ label, reason: waitingFor(pod, status) });
        }
        continue;
      }
      sources.push({
        key: `${uid}/${container}/${choice.previous ? restarts - 1 : restarts}`,
        label: labels ? label : several ? container : '',
        pod: { namespace, name },
        container,
        previous: choice.previous,
        ended: Boolean(status?.state?.terminated) || isOver(pod)
      });
    }
  }
  return { sources, waiting, restarted };
}

/** What each pod is called: as `labelOf` says where that tells it from the others, else the end of its name. */
function podLabels(
  pods: readonly Pod[],
  labelOf: (pod: Pod) => string | undefined = () => undefined
): (pod: Pod) => string {
  const short = shortNames(pods.map(pod => pod.metadata?.name ?? ''));
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const label = labelOf(pod) ?? '';
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return pod => {
    const label = labelOf(pod);
    const name = short(pod.metadata?.name ?? '');
    return !label ? name : counts.get(label) === 1 ? label : `${label} (${name})`;
  };
}

/** Names without what they all begin with, but for its last word: `digits-node-0-0` and `digits-node-0-1` → `0-0` and `0-1`. */
export function shortNames(names: readonly string[]): (name: string) => string {
  if (names.length < 2) {
    return name => name;
  }
  let common = names[0]!;
  for (const name of names) {
    while (!name.startsWith(common)) {
      common = common.slice(0, -1);
    }
  }
  const cut = common.lastIndexOf('-', common.length - 2) + 1;
  return name => name.slice(cut);
}

function statusOf(pod: Pod, container: string): Status | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(each => each.name === container);
}

function hasStarted(status: Status | undefined): boolean {
  const { state, lastState } = status ?? {};
  return Boolean(state?.running || state?.terminated || lastState?.terminated);
}

function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function waitingFor(pod: Pod, status: Status | undefined): string | undefined {
  const reason = status?.state?.waiting?.reason ?? healthOf(podKind, pod).reason;
  return reason && words(reason).toLowerCase();
}
