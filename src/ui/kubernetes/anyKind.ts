/** The kinds that a server has, each with what the client knows of its state. */
import * as knownKinds from '../../client/kubernetes/kinds';
import {
  conditionOf,
  firstTrue,
  type IConditioned,
  readiness
} from '../../client/kubernetes/conditions';
import type { IHealth, IKind, IKindName } from '../../client/kubernetes/kind';
import { there } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';

/** All kinds of which the client knows more than their names. */
export const KNOWN: readonly IKind[] = Object.values(knownKinds) as unknown as IKind[];

/** The client's own knowledge of a kind, in the version that the server serves where it has none. */
export function asKind(resource: IKindName): IKind {
  const known = KNOWN.find(
    each => each.group === resource.group && each.plural === resource.plural
  );
  return known ?? { ...resource, health: genericHealth };
}

/**
 * How an object of a kind is that the client knows nothing of: by the conditions that most controllers write, else by `status.phase`.
 */
export function genericHealth(object: IKubernetesObject): IHealth {
  const conditioned = object as IConditioned;
  const ended = firstTrue(conditioned, {
    Failed: 'failed',
    Complete: 'succeeded',
    Completed: 'succeeded',
    Succeeded: 'succeeded',
    Suspended: 'suspended'
  });
  if (ended) {
    return ended;
  }
  for (const type of ['Ready', 'Available', 'Active']) {
    if (conditionOf(conditioned, type)) {
      return readiness(conditioned, type);
    }
  }
  const phase = (object as { status?: { phase?: unknown } }).status?.phase;
  return typeof phase === 'string' ? { phase: PHASES[phase] ?? 'unknown', reason: phase } : there();
}

const PHASES: Readonly<Record<string, IHealth['phase']>> = {
  Active: 'ready',
  Available: 'ready',
  Bound: 'ready',
  Completed: 'succeeded',
  Failed: 'failed',
  Lost: 'failed',
  Pending: 'pending',
  Ready: 'ready',
  Running: 'running',
  Succeeded: 'succeeded',
  Terminating: 'terminating'
};
