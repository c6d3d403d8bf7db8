/** Reading numbers and times as Kubeflow's APIs write them: in texts. Pure. */

/** A finite number, or undefined for a missing text, one that is no number, and what says that there is none (`unavailable`, `NaN`). */
export function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A time in milliseconds since the epoch; undefined for none and for the zero time that Go writes. */
export function timeOf(iso: string | null | undefined): number | undefined {
  const time = iso ? Date.parse(iso) : NaN;
  return time > 0 ? time : undefined;
}

/** Without the keys whose value is undefined. */
export function defined<T extends object>(value: T): T {
  const kept: Partial<T> = {};
  for (const key in value) {
    if (value[key] !== undefined) {
      kept[key] = value[key];
    }
  }
  return kept as T;
}

/** As much of an object as its age takes. */
interface IAged {
  metadata?: { creationTimestamp?: string; name?: string };
}

/** Oldest first; of the same second, by `place`, which may not know all, then by name. */
export function oldestFirst<T extends IAged>(
  place: (object: T) => number | undefined
): (one: T, other: T) => number {
  return (one, other) => {
    const [a, b] = [one.metadata ?? {}, other.metadata ?? {}];
    const [x = '', y = ''] = [a.creationTimestamp, b.creationTimestamp];
    if (x !== y) {
      return x < y ? -1 : 1;
    }
    const [at = Infinity, behind = Infinity] = [place(one), place(other)];
    const [n = '', m = ''] = [a.name, b.name];
    return at !== behind ? at - behind : n < m ? -1 : n > m ? 1 : 0;
  };
}
