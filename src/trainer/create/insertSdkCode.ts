/** *Insert SDK code*: the Python that makes the same job, in a new cell of the notebook that was used last. */
import { Notification } from '@jupyterlab/apputils';
import { NotebookActions } from '@jupyterlab/notebook';

import type { TrainerContext } from '../context';
import type { FormModel } from './formModel';
import { type ICalled, sdkCode } from './sdkCode';
import { readArguments } from './source';

/** The tag of cells that runs of the notebook leave out. */
const SKIPPED = 'skip-execution';

/** Inserts the code below the active cell and shows it; where the form is wrong, that is shown instead. Rejects with an `Error` in words. */
export async function insertSdkCode(context: TrainerContext, model: FormModel): Promise<void> {
  const { trans, services, kubeflow } = context;
  const panel = services.notebooks?.currentWidget;
  if (!panel) {
    throw new Error(trans.__('No notebook is open. Open the one that the code goes into.'));
  }
  const { sides, origin, handmade, generated } = model.state;
  if (sides.problem) {
    throw new Error(trans.__('The YAML has to be mended first.'));
  }
  if (!model.passes()) {
    return;
  }
  const found = origin.kind === 'function' && !handmade ? model.function : undefined;
  let called: ICalled | undefined;
  if (found) {
    const here = panel.context.path === origin.path;
    called = {
      name: found.name,
      source: here ? undefined : found.source,
      call: readArguments(found, origin.texts, trans).call
    };
  }
  const state = kubeflow.connection.state;
  const profile = state?.profiles.find(each => each.name === state.active);
  const { code, missing } = sdkCode(sides.object, {
    called,
    named: sides.draft.name !== generated,
    connection: profile && { kind: profile.kind, name: profile.name }
  });
  services.app?.shell.activateById(panel.id);
  await panel.revealed;
  const { content } = panel;
  // Below the function, so that it is defined when all cells are run.
  const defined = called?.source === undefined ? (found?.cell ?? 0) - 1 : -1;
  content.activeCellIndex = Math.max(content.activeCellIndex, defined);
  NotebookActions.insertBelow(content);
  const cell = content.activeCell?.model;
  cell?.sharedModel.setSource(code.trimEnd());
  // A node that runs the whole notebook would make the job again.
  cell?.setMetadata('tags', [SKIPPED]);
  content.mode = 'edit';
  if (missing.length > 0) {
    Notification.info(
      trans.__('The SDK cannot say all of this job: see the comments above the code.'),
      { autoClose: 5000 }
    );
  }
}
