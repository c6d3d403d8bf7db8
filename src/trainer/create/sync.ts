/** The form and the YAML beside it: an edit on either side is seen on the other. Pure. */
import type { Document } from 'yaml';

import type { Json } from '../../graph/wire';
import { changes, same } from '../../ui/kubernetes/threeWay';
import { parse, toText } from '../../ui/kubernetes/yamlText';
import { syntaxProblems } from '../../ui/kubernetes/yamlWords';
import { type IDraft, type PatchField, readDraft, settled, writeDraft } from './model';

/** What both sides show. */
export interface ISides {
  text: string;
  draft: IDraft;
  /** The job, as it was when the text was last an object. */
  job: Json;
  /** Why the text is none; the form cannot be edited meanwhile. */
  problem?: { line: number; from: number; message: string };
}

/** Both sides of a job. */
export function sidesOf(job: Json): ISides {
  return { text: toText(job), draft: readDraft(job), job };
}

/** An edit of the form. Comments and the order of keys stay as far as lists keep their length. Does nothing while the text is no job. */
export function editForm(
  sides: ISides,
  change: Partial<IDraft>,
  patches: PatchField = 'runtimePatches'
): ISides {
  if (sides.problem) {
    return sides;
  }
  const draft = { ...sides.draft, ...change };
  const job = writeDraft(sides.job, draft, patches);
  if (same(job, sides.job)) {
    return { ...sides, draft };
  }
  return { text: textWith(sides, job), draft, job };
}

/** An edit of the text. What does not parse stays, and says in which line. */
export function editText(sides: ISides, text: string): ISides {
  if (text === sides.text) {
    return sides;
  }
  const document = parse(text);
  const [problem] = syntaxProblems(text, document);
  if (problem) {
    const { from, message } = problem;
    return { ...sides, text, problem: { line: lineOf(text, from), from, message } };
  }
  let job: unknown;
  try {
    job = document.toJS();
  } catch (failure) {
    // Aliases that lead too far.
    return {
      ...sides,
      text,
      problem: { line: 1, from: 0, message: `${(failure as Error).message}.` }
    };
  }
  if (typeof job !== 'object' || job === null || Array.isArray(job)) {
    return {
      ...sides,
      text,
      problem: { line: 1, from: 0, message: 'A TrainJob is expected here.' }
    };
  }
  const draft = readDraft(job as Json);
  const before = settled(sides.draft);
  // Rows that have no name yet stay in the form.
  const rows = (key: 'env' | 'devices') =>
    same(before[key], draft[key]) ? sides.draft[key] : draft[key];
  return {
    text,
    job: job as Json,
    draft: { ...draft, env: rows('env'), devices: rows('devices') }
  };
}

function textWith({ text, job: before }: ISides, after: Json): string {
  const document: Document = parse(text);
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

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
