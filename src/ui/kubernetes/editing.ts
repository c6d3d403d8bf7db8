/** What becomes of an edited object: checked by the server, compared with what is there, and written. */
import { ApiError } from '../../client/errors';
import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import type { ResourceClient } from '../../client/kubernetes/resource';
import { type Json, object as asObject } from '../../graph/wire';
import type { IDraft } from './drafts';
import { changes } from './threeWay';
import {
  editable,
  type IProblem,
  parse,
  pathText,
  serverProblems,
  toSortedText,
  withSystem
} from './yamlText';
import { syntaxProblems } from './yamlWords';

/** Who writes, for `managedFields`. */
export const FIELD_MANAGER = 'jupyterlab-kubeflow';

/** What the server says of an edit. */
export type Verdict =
  /** It is accepted; `before` and `after` are texts to compare, and `base` is what it is written over. */
  | {
      kind: 'accepted';
      base: IKubernetesObject;
      edited: IKubernetesObject;
      before: string;
      after: string;
    }
  /** Something is wrong; `problems` by field, where fields are named. */
  | { kind: 'refused'; message: string; problems: IProblem[] }
  /** Others have changed these fields meanwhile. */
  | { kind: 'conflict'; live: IKubernetesObject; fields: string[] }
  /** It was deleted meanwhile. */
  | { kind: 'gone' };

/** The edit as an object, or why it is none. */
export function readEdit(
  text: string,
  base: IKubernetesObject
): { object: IKubernetesObject } | { problems: (IProblem & { from?: number })[] } {
  const document = parse(text);
  if (document.errors.length > 0) {
    return { problems: syntaxProblems(text, document) };
  }
  const value: unknown = document.toJS();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problems: [{ path: [], message: 'An object is expected here.' }] };
  }
  const edited = value as Json;
  const metadata = asObject(edited['metadata']);
  const fixed: [path: string[], is: unknown, was: unknown][] = [
    [['apiVersion'], edited['apiVersion'], base.apiVersion],
    [['kind'], edited['kind'], base.kind],
    [['metadata', 'name'], metadata['name'], base.metadata?.name],
    [['metadata', 'namespace'], metadata['namespace'], base.metadata?.namespace]
  ];
  const problems = fixed
    .filter(([, is, was]) => is !== was)
    .map(([path, , was]) => ({
      path,
      message: `This says which object it is and stays ${String(was)}.`
    }));
  return problems.length > 0 ? { problems } : { object: withSystem(edited, base) };
}

/**
 * Asks the server what would become of an edit (dry run). Changes of the status alone are no conflict: the edit is then checked against
 * the object as it is now. Rejects with an `ApiError` when the server cannot be asked.
 */
export async function tryEdit<T extends IKubernetesObject>(
  resource: ResourceClient<T>,
  { text, base }: IDraft
): Promise<Verdict> {
  let over = base;
  for (let turn = 0; ; turn++) {
    const read = readEdit(text, over);
    if ('problems' in read) {
      return { kind: 'refused', message: read.problems[0]!.message, problems: read.problems };
    }
    try {
      const result = await resource.replace(read.object as T, {
        dryRun: true,
        fieldManager: FIELD_MANAGER
      });
      return {
        kind: 'accepted',
        base: over,
        edited: read.object,
        before: toSortedText(over),
        after: toSortedText(result)
      };
    } catch (error) {
      const verdict = await judge(resource, over, error);
      if (verdict.kind === 'conflict' && verdict.fields.length === 0 && turn < 5) {
        over = verdict.live;
        continue;
      }
      return verdict;
    }
  }
}

/** Writes an accepted edit; `undefined` when it is done. Rejects with an `ApiError` when the server cannot be asked. */
export async function applyEdit<T extends IKubernetesObject>(
  resource: ResourceClient<T>,
  edited: IKubernetesObject,
  base: IKubernetesObject
): Promise<Verdict | undefined> {
  for (let turn = 0, over = base, object = edited; ; turn++) {
    try {
      await resource.replace(object as T, { fieldManager: FIELD_MANAGER });
      return undefined;
    } catch (error) {
      const verdict = await judge(resource, over, error);
      if (verdict.kind !== 'conflict' || verdict.fields.length > 0 || turn >= 5) {
        return verdict;
      }
      over = verdict.live;
      object = withSystem(editable(edited), over);
    }
  }
}

/** Makes a deleted object again as it was edited, as a new one; `undefined` when it is done. Rejects as `applyEdit`. */
export async function createAgain<T extends IKubernetesObject>(
  resource: ResourceClient<T>,
  { text, base }: IDraft
): Promise<Verdict | undefined> {
  const read = readEdit(text, base);
  if ('problems' in read) {
    return { kind: 'refused', message: read.problems[0]!.message, problems: read.problems };
  }
  try {
    await resource.create(editable(read.object) as T, { fieldManager: FIELD_MANAGER });
    return undefined;
  } catch (error) {
    const verdict = await judge(resource, base, error);
    if (verdict.kind === 'gone') {
      // It is the namespace that is not there.
      throw error;
    }
    return verdict;
  }
}

/** What a refused write means; throws what is no refusal. */
async function judge<T extends IKubernetesObject>(
  resource: ResourceClient<T>,
  base: IKubernetesObject,
  error: unknown
): Promise<Verdict> {
  if (error instanceof ApiError && error.status === 404 && error.reason === 'NotFound') {
    return { kind: 'gone' };
  }
  if (!(error instanceof ApiError) || ![400, 409, 422].includes(error.status)) {
    throw error;
  }
  if (error.status === 409 && error.reason === 'Conflict') {
    const { name = '', namespace } = base.metadata ?? {};
    let live: IKubernetesObject;
    try {
      live = await resource.get({ name, namespace });
    } catch (failure) {
      return judge(resource, base, failure);
    }
    const fields = changes(editable(base), editable(live)).map(each => pathText(each.path));
    return { kind: 'conflict', live, fields };
  }
  const problems = serverProblems(error, base.kind);
  const isStrict = error.message.includes('strict decoding error:') && problems.length > 0;
  const message = isStrict ? problems.map(each => each.message).join(' ') : error.message;
  return { kind: 'refused', message, problems };
}

/** The kind with the version that an object has, for a client of just that version. */
export function versionOf<T extends IKubernetesObject>(kind: IKind<T>, object: T): IKind<T> {
  const version = object.apiVersion?.split('/').pop();
  return version ? { ...kind, versions: [version] } : kind;
}
