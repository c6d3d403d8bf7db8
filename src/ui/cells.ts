/** Cells that commands put into notebooks. */
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import type { IPanelParts } from './panelContext';

/** The notebook that was used last. Throws an `Error` in words where none is open. */
export function lastNotebook({ services, trans }: IPanelParts): NotebookPanel {
  const panel = services.notebooks?.currentWidget;
  if (!panel) {
    throw new Error(trans.__('No notebook is open. Open the one that the code goes into.'));
  }
  return panel;
}

/**
 * Inserts code below the active cell, or below the one at `least` where that is further down, and shows it.
 * @param tags - of the cell
 */
export async function insertCell(
  { services }: IPanelParts,
  panel: NotebookPanel,
  code: string,
  { least = 0, tags }: { least?: number; tags?: string[] } = {}
): Promise<void> {
  services.app?.shell.activateById(panel.id);
  await panel.revealed;
  const { content } = panel;
  content.activeCellIndex = Math.max(content.activeCellIndex, least);
  NotebookActions.insertBelow(content);
  const cell = content.activeCell?.model;
  cell?.sharedModel.setSource(code.trimEnd());
  if (tags) {
    cell?.setMetadata('tags', tags);
  }
  content.mode = 'edit';
}
