/** *Insert SDK code*: Python in a new cell of the notebook that was used last. */
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import type { IProfile } from '../../client/connection';
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

/** The notebook that was used last. Throws an `Error` in words where none is open. */
export function sdkNotebook({ services, trans }: IPanelParts): NotebookPanel {
  const panel = services.notebooks?.currentWidget;
  if (!panel) {
    throw new Error(trans.__('No notebook is open. Open the one that the code goes into.'));
  }
  return panel;
}

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

/** Inserts code below the active cell, or below the one at `least` where that is further down, and shows it. */
export async function insertSdkCell(
  { services }: IPanelParts,
  panel: NotebookPanel,
  code: string,
  least = 0
): Promise<void> {
  services.app?.shell.activateById(panel.id);
  await panel.revealed;
  const { content } = panel;
  content.activeCellIndex = Math.max(content.activeCellIndex, least);
  NotebookActions.insertBelow(content);
  const cell = content.activeCell?.model;
  cell?.sharedModel.setSource(code.trimEnd());
  // What runs the whole notebook elsewhere would make the object again.
  cell?.setMetadata('tags', [SKIPPED]);
  content.mode = 'edit';
}
