/** Edits that were not applied yet: kept while the browser's tab lives, also over a reload of the page. */
import type { IKubernetesObject } from '../../client/kubernetes/object';

/** An edit. */
export interface IDraft {
  text: string;
  /** The object that was edited, as it was then. */
  base: IKubernetesObject;
}

/** The edits of this page, also those that the browser had no room for. */
const drafts = new Map<string, IDraft>();

const PREFIX = 'jupyterlab-kubeflow:draft:';

/** The edit of an object, by a key that names the connection and the object's uid. */
export function readDraft(key: string): IDraft | undefined {
  const known = drafts.get(key);
  if (known) {
    return known;
  }
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an edit, or forgets it. Where the browser has no room for it, it lives as long as the page. */
export function keepDraft(key: string, draft: IDraft | undefined): void {
  try {
    if (draft) {
      drafts.set(key, draft);
      sessionStorage.setItem(PREFIX + key, JSON.stringify(draft));
    } else {
      drafts.delete(key);
      sessionStorage.removeItem(PREFIX + key);
    }
  } catch (error) {
    console.warn('Kubeflow: an edit could not be kept over a reload.', error);
  }
}
