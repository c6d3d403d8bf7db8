/** Forms of the page, as a person fills them in. */
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

/** The button of a name. */
export function button(name: string | RegExp): HTMLElement {
  return screen.getByRole('button', { name });
}

/** Replaces what is in the field of a label. */
export async function fill(label: string | RegExp, text: string): Promise<void> {
  const field = screen.getByLabelText(label);
  await userEvent.clear(field);
  await userEvent.click(field);
  await userEvent.paste(text);
}
