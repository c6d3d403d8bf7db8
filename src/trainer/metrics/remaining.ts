/** How long a training will take yet. Pure. */
import type { Reports } from './reports';

/** Milliseconds that are left, and whether that is the training's own word or follows from its progress so far. */
export interface IRemaining {
  ms: number;
  by: 'training' | 'progress';
}

/** How many percent have to be done for the time left to follow from them. */
const ENOUGH = 2;

/**
 * The time that is left at `now` (milliseconds since the epoch): what the last report says of it less the time since, else what follows from
 * the progress between the first report and the last. Undefined when neither is known.
 */
export function remainingOf(reports: Reports, now: number): IRemaining | undefined {
  const { last, times, progress } = reports;
  if (!last) {
    return undefined;
  }
  const since = Math.max(0, now - times[times.length - 1]!);
  if (last.estimatedRemainingSeconds !== undefined) {
    return { ms: Math.max(0, last.estimatedRemainingSeconds * 1000 - since), by: 'training' };
  }
  const end = findLast(progress);
  // After a restart from a checkpoint, or from nothing, what was before says nothing of the pace.
  let start = end;
  while (start > 0 && !(progress[start - 1]! > progress[start]!)) {
    start -= 1;
  }
  while (start < end && Number.isNaN(progress[start]!)) {
    start += 1;
  }
  if (end < 0) {
    return undefined;
  }
  const done = progress[end]! - progress[start]!;
  const took = times[end]! - times[start]!;
  if (done < ENOUGH || took <= 0) {
    return undefined;
  }
  const ms = ((100 - progress[end]!) * took) / done - (now - times[end]!);
  return { ms: Math.max(0, ms), by: 'progress' };
}

/** The place of the last number; -1 when there is none. */
function findLast(values: readonly number[]): number {
  let index = values.length - 1;
  while (index >= 0 && Number.isNaN(values[index]!)) {
    index -= 1;
  }
  return index;
}
