/** An object as text that a person edits, and places in that text. Pure. */
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type ParsedNode,
  parseDocument,
  stringify,
  visit,
  YAMLParseError
} from 'yaml';

import type { ApiError } from '../../client/errors';
import { fieldErrors } from '../../client/kubernetes/fieldErrors';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import { type Json, object as asObject } from '../../graph/wire';

/** Where something is in an object. */
export type Path = readonly (string | number)[];

/** Something that is wrong at a place. */
export interface IProblem {
  path: Path;
  message: string;
}

/** What only the server writes. */
const SYSTEM = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid'
];

/** What of an object a person may change: without `status` and what only the server writes. */
export function editable(object: IKubernetesObject): Json {
  const { metadata = {}, ...rest } = object as Json & IKubernetesObject;
  delete rest['status'];
  const kept = Object.entries(metadata).filter(([key]) => !SYSTEM.includes(key));
  const { apiVersion, kind, ...others } = rest;
  return { apiVersion, kind, metadata: Object.fromEntries(kept), ...others };
}

/** What was edited, with what only the server writes taken from `base`. */
export function withSystem(edited: Json, base: IKubernetesObject): IKubernetesObject {
  const { status, metadata = {} } = base as Json & IKubernetesObject;
  const system = Object.entries(metadata).filter(
    ([key]) => SYSTEM.includes(key) && key !== 'managedFields'
  );
  return {
    ...edited,
    metadata: { ...asObject(edited['metadata']), ...Object.fromEntries(system) },
    ...(status === undefined ? {} : { status })
  } as IKubernetesObject;
}

/** An object as YAML; long texts stay on one line. */
export function toText(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

/** An object as YAML whose keys are in the same order whoever wrote it, to be compared. */
export function toSortedText(object: IKubernetesObject): string {
  return stringify(editable(object), { lineWidth: 0, sortMapEntries: true });
}

/** The text as a document with places; one without `errors` can be made an object. */
export function parse(text: string): Document.Parsed {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length === 0) {
    visit(document, {
      Alias: (_, node) => {
        if (!node.resolve(document)) {
          const [from = 0, to = from] = node.range ?? [];
          const message = `Unresolved alias ${node.source}`;
          document.errors.push(new YAMLParseError([from, to], 'BAD_ALIAS', message));
        }
      }
    });
  }
  return document;
}

/** A field as the server names it, as a path: `spec.tasks[0].name`, `metadata.annotations[a.b/c]`. */
export function fieldPath(field: string): Path {
  const found = field.matchAll(/\[(?:"([^"]*)"|([^\]]*))\]|([^.[\]]+)/g);
  return [...found].map(([, quoted, inBrackets, name]) => {
    const text = quoted ?? inBrackets ?? name ?? '';
    return inBrackets !== undefined && /^\d+$/.test(inBrackets) ? Number(inBrackets) : text;
  });
}

/** A path as the server would name it. */
export function pathText(path: Path): string {
  return path
    .map((each, index) =>
      typeof each === 'number'
        ? `[${each}]`
        : /[./[\]]/.test(each)
          ? `[${each}]`
          : `${index > 0 ? '.' : ''}${each}`
    )
    .join('');
}

/** Where a field is in the text: its key, or that of the nearest one around it that is there. */
export function placeOf(document: Document, path: Path): { from: number; to: number } {
  let node: unknown = document.contents;
  let place = { from: 0, to: 0 };
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(item => isPair(item) && keyText(item.key) === String(step));
      if (!pair) {
        break;
      }
      place = rangeOf(pair.key) ?? place;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step];
      const { from } = rangeOf(node) ?? place;
      place = isScalar(node) ? (rangeOf(node) ?? place) : { from, to: from + 1 };
      const first = isMap(node) ? rangeOf(node.items[0]?.key) : undefined;
      place = first ?? place;
    } else {
      break;
    }
  }
  return place;
}

/** What is wrong by a refused write of a kind, by fields; a refusal that names none is one of the object as a whole. */
export function serverProblems(error: ApiError, kind?: string): IProblem[] {
  const named = fieldErrors(error).filter(each => each.field);
  if (named.length > 0) {
    return named.map(({ field, message }) => ({ path: fieldPath(field), message }));
  }
  // Strict decoding names fields in its sentence only.
  const strict = [...error.message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)];
  return strict.map(([, what, field = '']) => ({
    path: fieldPath(field),
    message:
      what === 'unknown'
        ? `There is no field ${field}${kind ? ` in ${kind}` : ''}.`
        : `${field} stands here twice.`
  }));
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function rangeOf(node: unknown): { from: number; to: number } | undefined {
  const range = isNode(node) ? (node as ParsedNode).range : undefined;
  return range ? { from: range[0], to: range[1] } : undefined;
}
