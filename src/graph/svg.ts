/** SVG elements by DOM calls only: nothing in a document is ever parsed as markup. */
import type { IPoint } from './layout';

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** A new SVG element with attributes and children. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
  children: readonly Node[] = []
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** The course of an edge with round corners. */
export function roundedPath(points: readonly IPoint[], radius = 8): string {
  const [start, ...rest] = points;
  if (!start) {
    return '';
  }
  let path = `M${start.x} ${start.y}`;
  rest.forEach((point, index) => {
    const before = points[index]!;
    const after = rest[index + 1];
    if (!after) {
      path += `L${point.x} ${point.y}`;
      return;
    }
    const into = toward(point, before, radius);
    const out = toward(point, after, radius);
    path += `L${into.x} ${into.y}Q${point.x} ${point.y} ${out.x} ${out.y}`;
  });
  return path;
}

function toward(from: IPoint, to: IPoint, by: number): IPoint {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(by, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
