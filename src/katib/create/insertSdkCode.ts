/** *Insert SDK code*: the Python that makes the same experiment, in a new cell of the notebook that was used last. */
import { NotebookActions } from '@jupyterlab/notebook';

import type { KatibContext } from '../context';
import type { FormModel } from './formModel';
import { sdkCode } from './sdkCode';

/** The tag of cells that runs of the notebook leave out. */
const SKIPPED = 'skip-execution';

/** Inserts the code below the active cell and shows it. Rejects with an `Error` in words, also where something is wrong in the form. */
export async function insertSdkCode(context: KatibContext, model: FormModel): Promise<void> {
  const { trans, services, kubeflow } = context;
  const panel = services.notebooks?.currentWidget;
  if (!panel) {
    throw new Error(trans.__('No notebook is open. Open the one that the code goes into.'));
  }
  if (!model.isValid()) {
    throw new Error(trans.__('Mend what is marked in the form first.'));
  }
  const { sides, generated } = model.state;
  const state = kubeflow.connection.state;
  const profile = state?.profiles.find(each => each.name === state.active);
  const code = sdkCode(sides.object, {
    kind: model.kind,
    named: sides.draft.name !== generated,
    connection: profile && { kind: profile.kind, name: profile.name }
  });
  services.app?.shell.activateById(panel.id);
  await panel.revealed;
  const { content } = panel;
  NotebookActions.insertBelow(content);
  const cell = content.activeCell?.model;
  cell?.sharedModel.setSource(code.trimEnd());
  // A trial that runs the whole notebook would make the experiment again.
  cell?.setMetadata('tags', [SKIPPED]);
  content.mode = 'edit';
}
