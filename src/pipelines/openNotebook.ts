import { Notification } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';

import { executedNotebook, notebookPath } from './artifacts';
import type { PipelinesContext } from './context';

/**
 * Opens a notebook that a run has executed, read-only and without starting a kernel for it.
 * @param path - in the drive of runs; the run's first notebook when left out
 */
export async function openNotebook(
  context: PipelinesContext,
  documents: IDocumentManager,
  runId: string,
  path?: string
): Promise<void> {
  let wanted = path;
  if (!wanted) {
    const run = await context.client.getRun(runId);
    const output = executedNotebook(await context.client.getTasks(run));
    if (!output) {
      Notification.info(context.trans.__('Run %1 has written no notebook.', run.name));
      return;
    }
    wanted = notebookPath(runId, output);
  }
  const widget = documents.openOrReveal(wanted);
  const session = widget && documents.contextForWidget(widget)?.sessionContext;
  if (session) {
    session.kernelPreference = { ...session.kernelPreference, shouldStart: false };
  }
}
