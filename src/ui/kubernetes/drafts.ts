/** Edits that were not applied yet: kept while the browser's tab lives, also over a reload of the page. */
import type { IKubernetesObject } from '../../client/kubernetes/object';

/** An edit. */
export interface IDraft {
  text: string;
  /** The object that was edited, as it was then. */
  base: IKubernetesObject;
}

const PREFIX = 'jupyterlab-kubeflow:draft:';

/** The edit of an object, by a key that names the connection and the object's uid. */
export function readDraft(key: string): IDraft | undefined {
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
      sessionStorage.setItem(PREFIX + key, JSON.stringify(draft));
    } else {
      sessionStorage.removeItem(PREFIX + key);
    }
  } catch (error) {
    console.warn('Kubeflow: an edit could not be kept over a reload.', error);
  }
}
