/** Many items as few paths, so that a thousand are drawn as fast as one. Pure. */

/** What points look like; each shape is told from the others without its colour. */
export type Shape = 'dot' | 'ring' | 'cross' | 'diamond' | 'square' | 'triangle' | 'dash';

/** The path of a shape around a point, in CSS pixels. A dot is a line of no length, which a round cap makes one. */
export function shapeAt(shape: Shape, x: number, y: number): string {
  const at = `M${round(x)} ${round(y)}`;
  switch (shape) {
    case 'dot':
      return `${at}h0`;
    case 'ring':
      return `${at}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`;
    case 'cross':
      return `${at}m-3 -3l6 6m0 -6l-6 6`;
    case 'diamond':
      return `${at}m0 -4l4 4l-4 4l-4 -4z`;
    case 'square':
      return `${at}m-3 -3h6v6h-6z`;
    case 'triangle':
      return `${at}m0 -4l4 7h-8z`;
    case 'dash':
      return `${at}m-3 0h6`;
  }
}

/** A line through points from left to right; it is broken where one of them is missing, and a point alone is a dot. */
export function lineThrough(xs: readonly number[], ys: readonly number[]): string {
  let path = '';
  let begun = 0;
  for (let index = 0; index < xs.length; index += 1) {
    if (!Number.isFinite(ys[index]!)) {
      path += begun === 1 ? 'h0' : '';
      begun = 0;
    } else {
      path += `${begun === 0 ? 'M' : 'L'}${round(xs[index]!)} ${round(ys[index]!)}`;
      begun += 1;
    }
  }
  return begun === 1 ? `${path}h0` : path;
}

/** Steps from left to right, each at its height up to the next, the last one up to `end`. Points that are missing are left out. */
export function stepsThrough(xs: readonly number[], ys: readonly number[], end: number): string {
  let path = '';
  for (let index = 0; index < xs.length; index += 1) {
    if (Number.isFinite(xs[index]!) && Number.isFinite(ys[index]!)) {
      const [x, y] = [round(xs[index]!), round(ys[index]!)];
      path += path === '' ? `M${x} ${y}` : `H${x}V${y}`;
    }
  }
  return path === '' ? '' : `${path}H${round(end)}`;
}

/** Which of the points is the nearest, at most `within` pixels away. */
export function nearest(
  at: { x: number; y: number },
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  within: number
): number | undefined {
  let found: number | undefined;
  let least = within ** 2;
  for (let index = 0; index < xs.length; index += 1) {
    const away = (xs[index]! - at.x) ** 2 + (ys[index]! - at.y) ** 2;
    if (away <= least) {
      least = away;
      found = index;
    }
  }
  return found;
}

/**
 * Of lines over the same places the one that passes nearest to a point, at most `within` pixels above or below.
 * @param lines - for each line its heights at `xs`, in their order; one that is no number breaks it
 */
export function nearestLine(
  at: { x: number; y: number },
  xs: readonly number[],
  lines: readonly (readonly number[])[],
  within: number
): number | undefined {
  const next = xs.findIndex(x => x >= at.x);
  if (next < 0 || at.x < xs[0]! - within) {
    return undefined;
  }
  const right = Math.max(1, next);
  const left = right - 1;
  const part = xs.length > 1 ? Math.max(0, (at.x - xs[left]!) / (xs[right]! - xs[left]!)) : 0;
  let found: number | undefined;
  let least = within;
  lines.forEach((ys, index) => {
    const from = ys[left]!;
    const to = ys[Math.min(right, ys.length - 1)]!;
    const away = Math.abs(from + part * (to - from) - at.y);
    if (away <= least) {
      least = away;
      found = index;
    }
  });
  return found;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
