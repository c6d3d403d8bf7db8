/** Where the arrow keys lead, and what a node depends on. */
import type { IEdgePath, IGraphLayout, INodeBox } from './layout';
import type { IGraphDocument } from './schema';

/**
 * The node that a key leads to: down and up along edges (else to what lies there), left and right among neighbours, Home and End to the
 * first and last. `null` when there is none, `undefined` when it is no such key.
 */
export function neighbour(
  key: string,
  id: string,
  layout: IGraphLayout,
  document: IGraphDocument
): string | null | undefined {
  const boxes = new Map(layout.nodes.map(box => [box.id, box]));
  const own = boxes.get(id);
  if (key === 'Home' || key === 'End') {
    return layout.nodes[key === 'Home' ? 0 : layout.nodes.length - 1]?.id ?? null;
  }
  if (!own || !/^Arrow(Up|Down|Left|Right)$/.test(key)) {
    return own ? undefined : null;
  }
  const parents = new Map(document.nodes.map(node => [node.id, node.parent]));
  const near = (ids: string[]): string | undefined =>
    ids
      .flatMap(one => boxes.get(one) ?? [])
      .sort((a, b) => distance(own, a) - distance(own, b) || (a.id < b.id ? -1 : 1))[0]?.id;
  const inside = layout.nodes.filter(box => parents.get(box.id) === id).map(box => box.id);
  const beside = layout.nodes
    .filter(box => box.id !== id && parents.get(box.id) === parents.get(id))
    .map(box => box.id);
  const where = (test: (box: INodeBox) => boolean): string[] =>
    beside.filter(one => test(boxes.get(one)!));
  switch (key) {
    case 'ArrowDown':
      return (
        inside[0] ??
        near(layout.edges.filter(edge => edge.from === id).map(edge => edge.to)) ??
        near(where(box => box.y >= own.y + own.height)) ??
        after(parents.get(id))
      );
    case 'ArrowUp':
      return (
        near(layout.edges.filter(edge => edge.to === id).map(edge => edge.from)) ??
        near(where(box => box.y + box.height <= own.y)) ??
        parents.get(id) ??
        null
      );
    case 'ArrowLeft':
      return near(where(box => box.x + box.width <= own.x)) ?? parents.get(id) ?? null;
    default:
      return near(where(box => box.x >= own.x + own.width)) ?? null;
  }

  /** What follows the group that ends here. */
  function after(group: string | undefined): string | null {
    if (group === undefined) {
      return null;
    }
    const next = layout.edges.filter(edge => edge.from === group).map(edge => edge.to);
    return near(next) ?? after(parents.get(group));
  }
}

function distance(a: INodeBox, b: INodeBox): number {
  return Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, 2 * (a.y - b.y));
}

/** The edges on all ways to a node and from it, as `from\nto`; none without a node. */
export function pathsThrough(id: string | null, edges: readonly IEdgePath[]): Set<string> {
  const found = new Set<string>();
  const follow = (ids: Set<string>, start: 'from' | 'to', next: 'from' | 'to'): void => {
    for (const one of ids) {
      for (const edge of edges) {
        if (edge[start] === one) {
          found.add(`${edge.from}\n${edge.to}`);
          ids.add(edge[next]);
        }
      }
    }
  };
  if (id !== null) {
    follow(new Set([id]), 'from', 'to');
    follow(new Set([id]), 'to', 'from');
  }
  return found;
}
