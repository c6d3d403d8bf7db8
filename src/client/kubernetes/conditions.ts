/** Reading `status.conditions`. */
import type { IHealth, Phase } from './kind';

/** A condition, as all kinds have them. */
export interface ICondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/** What has conditions. */
export interface IConditioned {
  status?: { conditions?: readonly ICondition[] };
}

/** The condition of a type, or undefined. */
export function conditionOf(object: IConditioned, type: string): ICondition | undefined {
  return object.status?.conditions?.find(each => each.type === type);
}

/** The condition of a type when it is true. */
export function trueCondition(object: IConditioned, type: string): ICondition | undefined {
  const found = conditionOf(object, type);
  return found?.status === 'True' ? found : undefined;
}

/** A phase for the reason that a condition gives. */
export function because(phase: Phase, condition: ICondition | undefined): IHealth {
  return {
    phase,
    ...(condition?.reason && { reason: condition.reason }),
    ...(condition?.message && { message: condition.message })
  };
}

/** The health by the first of the conditions that is true, or undefined. */
export function firstTrue(
  object: IConditioned,
  phases: Readonly<Record<string, Phase>>
): IHealth | undefined {
  for (const [type, phase] of Object.entries(phases)) {
    const found = trueCondition(object, type);
    if (found) {
      return because(phase, found);
    }
  }
  return undefined;
}

/** The health of what is ready or not: by its condition `Ready` (or `type`), `notReady` telling what a false one means. */
export function readiness(
  object: IConditioned,
  type = 'Ready',
  notReady: (condition: ICondition) => Phase = () => 'degraded'
): IHealth {
  const found = conditionOf(object, type);
  if (!found) {
    return { phase: 'pending' };
  }
  if (found.status === 'True') {
    return { phase: 'ready' };
  }
  return because(found.status === 'False' ? notReady(found) : 'pending', found);
}
