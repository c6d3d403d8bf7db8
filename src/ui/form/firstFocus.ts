/** The keyboard in a dialog whose body is a form. */
import { type RefObject, useLayoutEffect } from 'react';

/**
 * The `focusNodeSelector` of a dialog whose form has `useFirstFocus`. JupyterLab's dialog gives the focus when the browser is idle, which may be long after
 * the form is there: it is to leave it where it then is.
 */
export const WHERE_IT_IS = ':focus';

/** Puts the keyboard into the first field of a form as soon as it is drawn. */
export function useFirstFocus(form: RefObject<HTMLElement>): void {
  useLayoutEffect(() => form.current?.querySelector('input')?.focus(), []);
}
