/** *Insert SDK code*: the Python that makes the same job, in a new cell of the notebook that was used last. */
import { Notification } from '@jupyterlab/apputils';

import { lastNotebook } from '../../ui/cells';
import { insertSdkCell, sdkOptions } from '../../ui/training/sdkCell';
import type { TrainerContext } from '../context';
import type { FormModel } from './formModel';
import { type ICalled, sdkCode } from './sdkCode';
import { readArguments } from './source';

/** Inserts the code below the active cell and shows it; where the form is wrong, that is shown instead. Rejects with an `Error` in words. */
export async function insertSdkCode(context: TrainerContext, model: FormModel): Promise<void> {
  const { trans } = context;
  const panel = lastNotebook(context);
  const { sides, origin, handmade } = model.state;
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
  const { code, missing } = sdkCode(sides.object, {
    ...sdkOptions(context, model.state),
    called
  });
  // Below the function, so that it is defined when all cells are run.
  const defined = called?.source === undefined ? (found?.cell ?? 0) - 1 : 0;
  await insertSdkCell(context, panel, code, defined);
  if (missing.length > 0) {
    Notification.info(
      trans.__('The SDK cannot say all of this job: see the comments above the code.'),
      { autoClose: 5000 }
    );
  }
}
