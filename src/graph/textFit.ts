/** How wide a text is drawn, and cutting it to what fits. */

/** A font as the drawing uses it. */
export interface IFont {
  /** CSS pixels. */
  size: number;
  weight: number;
  family: string;
}

const context =
  typeof OffscreenCanvas === 'undefined' ? null : new OffscreenCanvas(1, 1).getContext('2d');
let current = '';

/** Width in CSS pixels; an estimate where there is no canvas. */
export function textWidth(text: string, font: IFont): number {
  if (!context) {
    return Array.from(text).reduce(
      (sum, letter) => sum + (letter > '\u2e80' ? 1 : 0.52) * font.size,
      0
    );
  }
  const wanted = `${font.weight} ${font.size}px ${font.family || 'sans-serif'}`;
  if (wanted !== current) {
    context.font = current = wanted;
  }
  return context.measureText(text).width;
}

/**
 * The text, or as much of it as fits in `room` CSS pixels: a name keeps its beginning and its end, since both tell it from others
 * (`cut` is `middle`); a sentence keeps its beginning (`end`).
 */
export function fitText(text: string, room: number, font: IFont, cut: 'middle' | 'end'): string {
  if (textWidth(text, font) <= room) {
    return text;
  }
  const letters = Array.from(text);
  const shortened = (count: number): string => {
    const head = cut === 'end' ? count : Math.ceil(count * 0.6);
    const start = letters.slice(0, head).join('').trimEnd();
    return `${start}…${letters
      .slice(letters.length - (count - head))
      .join('')
      .trimStart()}`;
  };
  let [fits, over] = [1, letters.length];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (textWidth(shortened(middle), font) <= room) {
      fits = middle;
    } else {
      over = middle;
    }
  }
  return shortened(fits);
}
