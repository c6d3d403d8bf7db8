/** Which of two values is better, and which trial is the best. Pure. */
import type { IStudy, ITrial } from './study';

type Direction = IStudy['objective']['direction'];

/** Whether `value` is better than `other`; the same is not. */
export function isBetter(value: number, other: number, direction: Direction): boolean {
  return direction === 'maximize' ? value > other : value < other;
}

/** The trial with the best objective, the first of several; undefined where none has one. */
export function bestTrial(trials: readonly ITrial[], direction: Direction): ITrial | undefined {
  let best: ITrial | undefined;
  for (const trial of trials) {
    const { objective } = trial;
    if (objective !== undefined && (!best || isBetter(objective, best.objective!, direction))) {
      best = trial;
    }
  }
  return best;
}

/** Whether the study's goal is reached by this value; false where it has none. */
export function reachesGoal(value: number, { goal, direction }: IStudy['objective']): boolean {
  return goal !== undefined && (value === goal || isBetter(value, goal, direction));
}
