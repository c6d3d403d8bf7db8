/** What codecs of forms read fields with, and write them into objects. Pure. */
import type { IKubernetesObject } from '../../../client/kubernetes/object';
import { type Json, object } from '../../../graph/wire';

/** Sets a value in an object, in place, or removes it with the maps that are empty without it; `spec` itself stays. */
export function put(of: Json, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length > 0) {
    const inner = { ...object(of[key]) };
    put(inner, rest, value);
    value = Object.keys(inner).length > 0 || key === 'spec' ? inner : undefined;
  }
  if (value === undefined) {
    delete of[key];
  } else {
    of[key] = value;
  }
}

/** A whole number as such, `empty` for an empty text, and what is neither as it was typed. */
export function wholeNumber(typed: string, empty?: string): number | string | undefined {
  if (typed === '') {
    return empty;
  }
  const value = Number(typed);
  return /^(0|[1-9]\d*)$/.test(typed) && Number.isSafeInteger(value) ? value : typed;
}

/** A list, or nothing for an empty one. */
export function some<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length > 0 ? items : undefined;
}

/** A value as the text of its field; what is no text, number or boolean as JSON. */
export function shown(value: unknown): string {
  return value === undefined || value === null
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

/** The metadata of another object like one: its name is new, and what tools and controllers have written is left out. */
export function cloneMetadata({ metadata }: IKubernetesObject, name: string): Json {
  const { labels, annotations, namespace } = metadata ?? {};
  return {
    name,
    ...(namespace ? { namespace } : {}),
    ...kept('labels', labels),
    ...kept('annotations', annotations)
  };
}

/** Labels or annotations without those of tools and controllers. */
function kept(key: string, from: Readonly<Record<string, string>> | undefined): Json {
  const found = Object.entries(from ?? {}).filter(
    ([name]) => !name.startsWith('kubectl.kubernetes.io/')
  );
  return found.length > 0 ? { [key]: Object.fromEntries(found) } : {};
}
