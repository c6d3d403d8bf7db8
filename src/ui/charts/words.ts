/** Texts that are drawn. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

/** The usual width of a character of small type, in pixels. */
export const CHARACTER = 6.5;

/** A text that about fits a width in pixels: its end gives way. */
export function fitting(text: string, width: number): string {
  const fits = Math.max(3, Math.floor(width / CHARACTER));
  const points = [...text];
  return points.length > fits ? `${points.slice(0, fits - 1).join('')}…` : text;
}

/** Which end of an axis that goes upwards is wanted. */
export function betterWords(better: 'higher' | 'lower', trans: TranslationBundle): string {
  return better === 'higher' ? trans.__('↑ better') : trans.__('↓ better');
}
