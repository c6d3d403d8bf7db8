/** Numbering trials. Pure. */
import type { ITrial } from './study';

const known = new WeakMap<Omit<ITrial, 'number'>, ITrial>();

/** A trial with its number; the same object for the same of both, so that views see what has not changed. */
export function numbered(trial: Omit<ITrial, 'number'>, number: number): ITrial {
  const before = known.get(trial);
  if (before?.number === number) {
    return before;
  }
  const now = { ...trial, number };
  known.set(trial, now);
  return now;
}
