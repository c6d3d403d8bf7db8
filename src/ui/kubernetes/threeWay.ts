/** Keeping one's edits when an object has changed meanwhile. Pure. */
import type { Document } from 'yaml';

import type { Path } from './yamlText';

/** What is another value at a place; `value` is undefined where nothing is any more. */
export interface IChange {
  path: Path;
  value: unknown;
}

/** What was changed from one value to another; a list of another length counts as one change. */
export function changes(before: unknown, after: unknown, path: Path = []): IChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap(key => changes(before[key], after[key], [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => changes(item, after[index], [...path, index]));
  }
  return same(before, after) ? [] : [{ path, value: after }];
}

/**
 * Puts into `mine`, which was edited from `base`, what others have changed from `base` to `theirs`. Comments and the order of keys stay.
 * Where both have changed the same, one's own edit stays; the paths of these are the answer.
 */
export function takeOver(mine: Document, base: unknown, theirs: unknown): Path[] {
  const kept: Path[] = [];
  const own: unknown = mine.toJS();
  const edits = changes(base, own);
  for (const { path, value } of changes(base, theirs)) {
    const touching = edits.filter(
      edit => startsWith(edit.path, path) || startsWith(path, edit.path)
    );
    if (touching.some(edit => !(edit.path.length === path.length && same(edit.value, value)))) {
      kept.push(path);
    } else if (touching.length === 0) {
      if (value === undefined) {
        mine.deleteIn(path);
      } else {
        mine.setIn(path, mine.createNode(value));
      }
    }
  }
  return kept;
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values of JSON are the same, whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => same(item, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].every(key => same(one[key], other[key]));
  }
  return one === other;
}
