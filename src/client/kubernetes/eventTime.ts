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

/** Orders RFC 3339 times as instants, whatever their precision (seconds, or up to nine digits after them) and offset; what is no time comes first. */
export function compareTimes(one: string, other: string): number {
  const [[a, restOfA], [b, restOfB]] = [instant(one), instant(other)];
  return a !== b ? (a < b ? -1 : 1) : restOfA - restOfB;
}

/** The whole milliseconds, which is what `Date` knows of a time, and what is left of it, in nanoseconds. */
function instant(time: string): [number, number] {
  const at = Date.parse(time);
  const digits = /\.(\d+)/.exec(time)?.[1] ?? '';
  return Number.isNaN(at) ? [-Infinity, 0] : [at, Number(digits.slice(3, 9).padEnd(6, '0'))];
}
