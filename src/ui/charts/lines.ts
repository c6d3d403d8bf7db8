/** How the lines of a chart are told apart: by colour and, beyond as many as there are colours, by dashes. */
import { LINES } from './theme';

const DASHES = ['solid', 'dashed', 'dotted'] as const;
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'] as const;

/** The look of one line. */
export interface ILineLook {
  /** The CSS variable of its colour. */
  variable: string;
  dash: (typeof DASHES)[number];
  symbol: (typeof SYMBOLS)[number];
}

/** The look of the line in this place. */
export function lookOf(place: number): ILineLook {
  return {
    variable: LINES[place % LINES.length]!,
    dash: DASHES[Math.floor(place / LINES.length) % DASHES.length]!,
    symbol: SYMBOLS[place % SYMBOLS.length]!
  };
}
