/** *Insert SDK code*: the Python that makes the same experiment, in a new cell of the notebook that was used last. */
import { lastNotebook } from '../../ui/cells';
import { insertSdkCell, sdkOptions } from '../../ui/training/sdkCell';
import type { KatibContext } from '../context';
import type { FormModel } from './formModel';
import { sdkCode } from './sdkCode';

/** Inserts the code below the active cell and shows it. Rejects with an `Error` in words, also where something is wrong in the form. */
export async function insertSdkCode(context: KatibContext, model: FormModel): Promise<void> {
  const panel = lastNotebook(context);
  if (!model.passes()) {
    throw new Error(context.trans.__('Mend what is marked in the form first.'));
  }
  const { kind, state } = model;
  const code = sdkCode(state.sides.object, { kind, ...sdkOptions(context, state) });
  await insertSdkCell(context, panel, code);
}
