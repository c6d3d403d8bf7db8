/** What the pods of a training use beside what they ask for. Pure. */
import type { IPodMetrics, Pod } from '../../client/kubernetes/kinds';
import { amountOf } from '../../client/kubernetes/quantity';
import { type IPlace, placeOf } from '../nodes';

/** CPU in cores, memory in bytes; undefined where it is not known or not asked for. */
export interface IAmounts {
  cpu?: number;
  memory?: number;
}

/** One pod. */
export interface IUsage {
  uid: string;
  pod: string;
  place: IPlace;
  used: IAmounts;
  asked: IAmounts;
}

/** The pods that run, in their order, with what was measured of them. */
export function usageOf(pods: readonly Pod[], measured: readonly IPodMetrics[]): IUsage[] {
  const metrics = new Map(measured.map(each => [each.metadata?.name, each]));
  return pods
    .filter(pod => pod.status?.phase === 'Running')
    .map(pod => {
      const containers = pod.spec?.containers ?? [];
      const asked = containers.map(({ resources }) => ({
        ...resources?.limits,
        ...resources?.requests
      }));
      return {
        uid: pod.metadata?.uid ?? '',
        pod: pod.metadata?.name ?? '',
        place: placeOf(pod),
        used: sums((metrics.get(pod.metadata?.name)?.containers ?? []).map(each => each.usage)),
        asked: sums(asked)
      };
    });
}

/** All of them together; what not every one has is not known. */
export function together(all: readonly IAmounts[]): IAmounts {
  const sum = (name: keyof IAmounts) =>
    all.length > 0 && all.every(each => each[name] !== undefined)
      ? all.reduce((total, each) => total + each[name]!, 0)
      : undefined;
  return { cpu: sum('cpu'), memory: sum('memory') };
}

function sums(quantities: readonly { cpu?: string; memory?: string }[]): IAmounts {
  return together(
    quantities.map(each => ({ cpu: amountOf(each.cpu), memory: amountOf(each.memory) }))
  );
}
