/** A form and the YAML beside it: an edit on either side is seen on the other. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Document } from 'yaml';

import { type Json, object, text } from '../../../graph/wire';
import { changes, same } from '../threeWay';
import { parse, type Path, toText } from '../yamlText';
import { syntaxProblems } from '../yamlWords';

/**
 * How the form of a kind reads and writes its objects. `D` is its draft: the fields, best as the texts that a person types, an empty one for
 * what the object leaves out.
 */
export interface IObjectCodec<D> {
  /** The fields of an object; what has another type than it should is shown as far as it can be. */
  read(object: Json): D;
  /** Another object with what the draft says; what it says already, and all that the form does not know, stays as it is. */
  write(object: Json, draft: D): Json;
  /** The draft that was read after an edit of the YAML, with what of the one before it has no place in an object, as rows without a name. */
  carry?(before: D, read: D): D;
  /** The field of the form that a path of the object is about: its name in the draft, with `.0` for a row. Rows may stand elsewhere in the object. */
  fieldOf(path: Path, object: Json, draft: D): string | undefined;
  /** Says that a text is no such object. */
  expected: string;
  /** Says that there is one of this name. */
  taken(name: string, trans: TranslationBundle): string;
}

/** What both sides show. */
export interface ISides<D> {
  text: string;
  draft: D;
  /** What the text was last that could be read. */
  object: Json;
  /** Why the text cannot be; the form cannot be edited meanwhile. */
  problem?: { line: number; from: number; message: string };
}

/** Both sides of an object. */
export function sidesOf<D>(codec: IObjectCodec<D>, of: Json): ISides<D> {
  return { text: toText(of), draft: codec.read(of), object: of };
}

/** The namespace that the object is to be in, unless it names none. */
export function namespaceOf<D>({ object: of }: ISides<D>): string | undefined {
  return text(object(of['metadata'])['namespace']);
}

/** An edit of the form. Comments and the order of keys stay as far as lists keep their length. Does nothing while the text cannot be read. */
export function editForm<D>(
  codec: IObjectCodec<D>,
  sides: ISides<D>,
  change: Partial<D>
): ISides<D> {
  if (sides.problem) {
    return sides;
  }
  const draft = { ...sides.draft, ...change };
  const after = codec.write(sides.object, draft);
  if (same(after, sides.object)) {
    return { ...sides, draft };
  }
  return { text: textWith(sides, after), draft, object: after };
}

/** An edit of the text. What does not parse stays, and says in which line. */
export function editText<D>(codec: IObjectCodec<D>, sides: ISides<D>, typed: string): ISides<D> {
  if (typed === sides.text) {
    return sides;
  }
  const unread = (line: number, from: number, message: string): ISides<D> => ({
    ...sides,
    text: typed,
    problem: { line, from, message }
  });
  const document = parse(typed);
  const [problem] = syntaxProblems(typed, document);
  if (problem) {
    return unread(lineOf(typed, problem.from), problem.from, problem.message);
  }
  let after: unknown;
  try {
    after = document.toJS();
  } catch (failure) {
    // Aliases that lead too far.
    return unread(1, 0, `${(failure as Error).message}.`);
  }
  if (typeof after !== 'object' || after === null || Array.isArray(after)) {
    return unread(1, 0, codec.expected);
  }
  const read = codec.read(after as Json);
  const draft = codec.carry?.(sides.draft, read) ?? read;
  return { text: typed, object: after as Json, draft };
}

function textWith<D>({ text: typed, object: before }: ISides<D>, after: Json): string {
  const document: Document = parse(typed);
  try {
    for (const { path, value } of changes(before, after)) {
      if (value === undefined) {
        document.deleteIn(path);
      } else {
        document.setIn(path, document.createNode(value));
      }
    }
    if (same(document.toJS(), after)) {
      return document.toString({ lineWidth: 0 });
    }
  } catch {
    // What is written by an alias cannot be changed in its place.
  }
  return toText(after);
}

function lineOf(typed: string, at: number): number {
  return typed.slice(0, at).split('\n').length;
}
