/** Choosing a file of the Jupyter server. */
import { FileDialog } from '@jupyterlab/filebrowser';

import type { KatibContext } from '../context';
import type { FormModel } from './formModel';
import type { IOrigin } from './source';

/** Lets a person choose the file or notebook to tune. */
export async function browse(
  { services, trans }: KatibContext,
  model: FormModel,
  kind: IOrigin['kind']
): Promise<void> {
  if (!services.documents) {
    return;
  }
  const wanted = kind === 'file' ? /\.py$/i : /\.ipynb$/i;
  const { value } = await FileDialog.getOpenFiles({
    manager: services.documents,
    title: kind === 'file' ? trans.__('Choose a Python file') : trans.__('Choose a notebook'),
    filter: item => (wanted.test(item.name) ? {} : null)
  });
  const path = value?.find(item => item.type !== 'directory')?.path;
  if (path) {
    model.setOrigin({ path });
  }
}
