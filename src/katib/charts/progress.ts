/** How good the best trial was after each one. Pure. */
import { isBetter } from '../model/best';
import type { IStudy } from '../model/study';

/** The best objective from the trial of this number on. */
export interface IBest {
  readonly number: number;
  readonly value: number;
}

/** Each trial that was better than all before it, by number. Trials without an objective are passed over. */
export function bestSoFar({ trials, objective }: IStudy): IBest[] {
  const found: IBest[] = [];
  for (const { number, objective: value } of trials) {
    if (value === undefined || !Number.isFinite(value)) {
      continue;
    }
    const last = found[found.length - 1];
    if (!last || isBetter(value, last.value, objective.direction)) {
      found.push({ number, value });
    }
  }
  return found;
}
