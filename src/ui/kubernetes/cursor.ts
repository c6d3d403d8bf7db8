/** Where the cursor is in YAML that may be unfinished: read from indentation, since what is being typed does not parse. Pure. */
import type { Path } from './yamlText';

/** What is being typed. */
export interface ICursor {
  /** The map that a key is typed in, or the field that a value is typed for. */
  path: Path;
  typing: 'key' | 'value';
  /** What stands there so far, and where it begins. */
  text: string;
  from: number;
  /** Column of the key. */
  indent: number;
}

const KEY = /^(\s*(?:- +)*)([^\s:#'"[\]{}-][^\s:#]*)?$/;
const VALUE = /^(\s*(?:- +)*)([^\s:#]+):\s+([^\s"'{[&*!|>#]\S*)?$/;
const ITEM = /^(\s*(?:- +)+)(\S*)$/;

/** What is typed at an offset; undefined within comments, quoted texts and flow collections. */
export function cursorAt(text: string, offset: number): ICursor | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(start, offset);
  const lines = text.slice(0, start).split('\n').slice(0, -1);
  const value = VALUE.exec(before);
  if (value) {
    const [, prefix = '', key = '', typed = ''] = value;
    const path = [...parents(lines, prefix, prefix.length), unquoted(key)];
    return {
      path,
      typing: 'value',
      text: typed,
      from: offset - typed.length,
      indent: prefix.length
    };
  }
  const key = KEY.exec(before) ?? ITEM.exec(before);
  if (key) {
    const [, prefix = '', typed = ''] = key;
    const path = parents(lines, prefix, prefix.length);
    return { path, typing: 'key', text: typed, from: offset - typed.length, indent: prefix.length };
  }
  return undefined;
}

/** The path of the key on the line at an offset, for hover; undefined where there is none. */
export function keyAt(
  text: string,
  offset: number
): { path: Path; from: number; to: number } | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const line = text.slice(start, end < 0 ? undefined : end);
  const [, prefix = '', key] = /^(\s*(?:- +)*)([^\s:#]+|"[^"]*"|'[^']*'):(?:\s|$)/.exec(line) ?? [];
  const from = start + prefix.length;
  if (key === undefined || offset < from || offset > from + key.length) {
    return undefined;
  }
  const lines = text.slice(0, start).split('\n').slice(0, -1);
  return {
    path: [...parents(lines, prefix, prefix.length), unquoted(key)],
    from,
    to: from + key.length
  };
}

/** The path of the map that a line belongs to whose key begins at `column` after `prefix` (spaces and dashes). */
function parents(lines: readonly string[], prefix: string, column: number): Path {
  const path: (string | number)[] = [];
  let at = column;
  /** Whether what begins at `at` is an item of a list, and which one. */
  let item: number | undefined;
  const enter = (dashes: readonly number[]) => {
    for (const dash of [...dashes].reverse()) {
      if (dash < at) {
        if (item !== undefined) {
          path.unshift(item);
        }
        at = dash;
        item = 0;
      }
    }
  };
  enter(dashesOf(prefix));
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index]!;
    const [, lead = '', key] = /^(\s*(?:- +)*)([^\s:#]+|"[^"]*"|'[^']*'):(?:\s|$)/.exec(line) ?? [];
    const dashes = dashesOf(/^\s*(?:-(?: +|$))*/.exec(line)?.[0] ?? '');
    if (line.trim() === '' || line.trim().startsWith('#')) {
      continue;
    }
    if (item !== undefined && dashes.includes(at)) {
      item += 1;
      continue;
    }
    const begin = lead.length;
    const isParent =
      key !== undefined && (item === undefined ? begin < at : begin <= at && !dashes.includes(at));
    if (isParent) {
      if (item !== undefined) {
        path.unshift(item);
        item = undefined;
      }
      path.unshift(unquoted(key));
      at = begin;
      enter(dashes);
    } else if (
      item === undefined &&
      (key === undefined ? line.search(/[^\s-]/) : begin) === at &&
      dashes.some(dash => dash < at)
    ) {
      enter(dashes);
    }
  }
  if (item !== undefined) {
    path.unshift(item);
  }
  return path;
}

/** Columns of the dashes that begin list items. */
function dashesOf(prefix: string): number[] {
  return [...prefix.matchAll(/-/g)].map(match => match.index);
}

function unquoted(key: string): string {
  return key.replace(/^(['"])(.*)\1$/, '$2');
}
