/** Choosing code among the files of the Jupyter server. */
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Lets a person choose a Python file, or a notebook. Resolves with its path, or with nothing when the dialog was left. */
export async function browse(
  documents: IDocumentManager,
  isFile: boolean,
  trans: TranslationBundle
): Promise<string | undefined> {
  const wanted = isFile ? /\.py$/i : /\.ipynb$/i;
  const { value } = await FileDialog.getOpenFiles({
    manager: documents,
    title: isFile ? trans.__('Choose a Python file') : trans.__('Choose a notebook'),
    filter: item => (wanted.test(item.name) ? {} : null)
  });
  return value?.find(item => item.type !== 'directory')?.path;
}
