/** Times of the registry. Pure. */

/** A time of the wire, milliseconds since the epoch as a text, in ISO 8601; undefined for none and for what is no time. */
export function isoOf(text: string | undefined): string | undefined {
  const time = text ? new Date(Number(text)) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
