/** *Insert SDK code*: Python in a new cell of the notebook that was used last. */
import type { NotebookPanel } from '@jupyterlab/notebook';

import type { IProfile } from '../../client/connection';
import { insertCell } from '../cells';
import type { IPanelParts } from '../panelContext';

/** What the code is made with. */
export interface ISdkOptions {
  /** Whether the object has a name of a person's choice; else the code makes one each time. */
  named: boolean;
  /** The connection that the object is for. */
  connection?: Pick<IProfile, 'kind' | 'name'>;
}

/** The tag of cells that runs of the notebook leave out. */
const SKIPPED = 'skip-execution';

/** What the code of a form is made with. */
export function sdkOptions(
  { kubeflow }: IPanelParts,
  { sides, generated }: { sides: { draft: { name: string } }; generated?: string }
): ISdkOptions {
  const state = kubeflow.connection.state;
  return {
    named: sides.draft.name !== generated,
    connection: state?.profiles.find(each => each.name === state.active)
  };
}

/** Inserts code as `insertCell` does; what runs the whole notebook elsewhere leaves it out, as it would make the object again. */
export function insertSdkCell(
  parts: IPanelParts,
  panel: NotebookPanel,
  code: string,
  least = 0
): Promise<void> {
  return insertCell(parts, panel, code, { least, tags: [SKIPPED] });
}
