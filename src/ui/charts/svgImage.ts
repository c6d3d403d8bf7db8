/** SVG that the page's styles draw, as a document of its own and as a picture. */
import { pngOf } from './png';
import { coloursOf } from './theme';

/** The properties that styles set on what charts draw. */
const DRAWN = [
  'display',
  'visibility',
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline'
];

/** An element's picture as a data URL with the styles that hold for it now, and its size in CSS pixels. */
export function svgImage(svg: SVGSVGElement): { url: string; width: number; height: number } {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  [svg, ...svg.querySelectorAll('*')].forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const name of DRAWN) {
      copies[index]!.style.setProperty(name, style.getPropertyValue(name));
    }
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const text = new XMLSerializer().serializeToString(copy);
  return { url: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`, width, height };
}

/** A chart's PNG below its title and the names of its marks, each with the CSS variable of its colour; undefined while nothing is drawn. */
export function svgPng(
  svg: SVGSVGElement | null,
  title: string,
  marks: readonly (readonly [name: string, variable: string])[] = []
): Promise<Blob> | undefined {
  if (!svg) {
    return undefined;
  }
  const style = getComputedStyle(svg);
  const lines = marks.map(([name, variable]) => ({
    name,
    color: style.getPropertyValue(variable)
  }));
  return pngOf(svgImage(svg), { ...coloursOf(svg), title, lines });
}
