/** When events were seen. */
import type { Event } from './kinds';

/** When an event was last seen (RFC 3339), in all the places where its writers put that. */
export function lastSeen(event: Event): string | undefined {
  return (
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.metadata?.creationTimestamp ??
    undefined
  );
}

/** Orders times as the API writes them, to the second or, with six digits, to the microsecond. */
export function compareTimes(one: string, other: string): number {
  const [a, b] = [one, other].map(time => (time.includes('.') ? time : time.replace('Z', '.0Z')));
  return a === b ? 0 : (a ?? '') < (b ?? '') ? -1 : 1;
}
