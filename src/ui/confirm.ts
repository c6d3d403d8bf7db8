import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * Asks before something is lost. Escape and *Cancel* leave all as it is; Enter does what the button says.
 * @param options.title - the question, naming the object
 * @param options.body - what else goes with it
 * @param options.action - the button's words, for example *Delete run*
 * @returns whether to go on
 */
export async function confirmDestructive(
  trans: TranslationBundle,
  options: { title: string; body: string; action: string }
): Promise<boolean> {
  const { button } = await showDialog({
    title: options.title,
    body: options.body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: options.action })
    ],
    defaultButton: 1
  });
  return button.accept;
}
