/** Reading wire JSON that may lack fields or hold unexpected ones. */

/** A JSON object. */
export type Json = Record<string, unknown>;

/** The value as an object; an empty one for anything else. */
export function object(value: unknown): Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Json)
    : {};
}

/** The value as a list; an empty one for anything else. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A string that is not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An integer from a number or, as protobuf's JSON writes 64 bits, from a string. */
export function integer(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

/** A time that was set: KFP writes the epoch for one that was not. */
export function time(value: unknown): string | undefined {
  const at = text(value);
  const ms = at ? Date.parse(at) : NaN;
  return ms > 0 ? at : undefined;
}

/** The first of two spellings of a field that is there: protobuf's JSON has camelCase, hand-written JSON often snake_case. */
export function field(from: Json, name: string): unknown {
  return from[name] ?? from[name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)];
}
