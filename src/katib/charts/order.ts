/** Which trials come first. Pure. */
import { isBetter } from '../model/best';
import type { IStudy, ITrial } from '../model/study';

/** The trials, the best first; those without an objective last, in the order in which they were. */
export function bestFirst({ trials, objective }: IStudy): ITrial[] {
  const value = (trial: ITrial) =>
    trial.objective !== undefined && Number.isFinite(trial.objective) ? trial.objective : undefined;
  return [...trials].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === undefined || b === undefined) {
      return Number(a === undefined) - Number(b === undefined);
    }
    return a === b ? 0 : isBetter(a, b, objective.direction) ? -1 : 1;
  });
}
