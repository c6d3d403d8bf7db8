/** A chart as a picture. */

/** What stands above the lines. */
export interface ICaption {
  title: string;
  lines: readonly { name: string; color: string }[];
  text: string;
  background: string;
  /** Family and size in CSS pixels. */
  font: string;
  fontSize: number;
}

const SCALE = 2;
const MARGIN = 12;
const MARK = 10;

/** A PNG of an SVG document below its title and the names of its lines, at twice the size of the screen's pixels. */
export async function pngOf(
  svg: { url: string; width: number; height: number },
  caption: ICaption
): Promise<Blob> {
  const image = new Image();
  image.src = svg.url;
  await image.decode();
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  const row = Math.round(caption.fontSize * 1.6);
  const font = (weight: string) => `${weight} ${caption.fontSize}px ${caption.font}`;
  context.font = font('normal');
  const places = placesOf(
    caption.lines.map(({ name }) => MARK + 6 + context.measureText(name).width),
    svg.width - 2 * MARGIN
  );
  const rows = places.length > 0 ? places[places.length - 1]!.row + 1 : 0;
  const head = MARGIN + row * (1 + rows);
  canvas.width = svg.width * SCALE;
  canvas.height = (head + svg.height) * SCALE;
  context.scale(SCALE, SCALE);
  context.fillStyle = caption.background;
  context.fillRect(0, 0, svg.width, head + svg.height);
  context.textBaseline = 'middle';
  context.fillStyle = caption.text;
  context.font = font('bold');
  context.fillText(caption.title, MARGIN, MARGIN + row / 2);
  context.font = font('normal');
  places.forEach((place, index) => {
    const { name, color } = caption.lines[index]!;
    const x = MARGIN + place.x;
    const y = MARGIN + row * (1.5 + place.row);
    context.fillStyle = color;
    context.fillRect(x, y - MARK / 2, MARK, MARK);
    context.fillStyle = caption.text;
    context.fillText(name, x + MARK + 6, y);
  });
  context.drawImage(image, 0, head, svg.width, svg.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error('The browser made no picture.'))),
      'image/png'
    )
  );
}

/** Where pieces of these widths stand, in rows of at most `width`, 16 px apart. Pure. */
export function placesOf(widths: readonly number[], width: number): { x: number; row: number }[] {
  let x = 0;
  let row = 0;
  return widths.map(each => {
    if (x > 0 && x + each > width) {
      x = 0;
      row += 1;
    }
    const place = { x, row };
    x += each + 16;
    return place;
  });
}
