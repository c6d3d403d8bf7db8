/** Where nodes and edges of a graph document lie. Pure and deterministic; also runs in a worker (`layout.client.ts`). */
import { Graph, layout as dagre } from '@dagrejs/dagre';

import type { IGraphDocument, IGraphNode } from './schema';

/** What the layout is told. Lengths are CSS pixels. */
export interface ILayoutOptions {
  /** Ids of groups that are drawn as one card. */
  collapsed?: readonly string[];
  /** Size of a card. */
  nodeWidth?: number;
  nodeHeight?: number;
}

/** A point in the graph's own coordinates: CSS pixels at zoom 1, from the top left. */
export interface IPoint {
  x: number;
  y: number;
}

/** A node's place. `x` and `y` are its top left corner. */
export interface INodeBox {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Nesting, 0 at the top. */
  depth: number;
  /** Whether it holds others: an open frame, or a card when it is `collapsed`. */
  group: boolean;
  collapsed: boolean;
}

/** An edge's course: corners of a line of horizontal and vertical pieces. */
export interface IEdgePath {
  id: string;
  from: string;
  to: string;
  points: IPoint[];
}

/** A layout; nodes in the document's order, parents before children. */
export interface IGraphLayout {
  width: number;
  height: number;
  nodes: INodeBox[];
  edges: IEdgePath[];
}

export const CARD_WIDTH = 184;
export const CARD_HEIGHT = 44;
/** Height of a frame's title. */
export const TITLE_HEIGHT = 32;

const PADDING = 16;
const RANK_GAP = 36;
const NODE_GAP = 24;
/** Above this many nodes in a group the default ranker takes tens of seconds (1,000 tasks with long edges: 27 s, this one 2 s). */
const LARGE = 100;

/** What a group holds, laid out from its own top left corner. */
interface IBlock {
  width: number;
  height: number;
  places: Map<string, IPoint>;
  edges: Map<string, IPoint[]>;
}

interface ISize {
  width: number;
  height: number;
}

/**
 * Lays out a document: each group by itself and then as one box in the group around it. An edge whose end is in a closed group ends at
 * that group; edges that then have both ends in one node, or an end that is not there, are left out.
 */
export function layoutGraph(document: IGraphDocument, options: ILayoutOptions = {}): IGraphLayout {
  return new Layouter(document, options).run();
}

class Layouter {
  constructor(document: IGraphDocument, options: ILayoutOptions) {
    this._card = {
      width: options.nodeWidth ?? CARD_WIDTH,
      height: options.nodeHeight ?? CARD_HEIGHT
    };
    this._document = document;
    document.nodes.forEach(node => this._nodes.set(node.id, node));
    for (const node of document.nodes) {
      const parent = this._parentOf(node);
      const siblings = this._children.get(parent) ?? [];
      siblings.push(node.id);
      this._children.set(parent, siblings);
    }
    this._collapsed = new Set((options.collapsed ?? []).filter(id => this._children.has(id)));
  }

  run(): IGraphLayout {
    for (const edge of this._document.edges) {
      this._addEdge(edge.id, edge.from, edge.to);
    }
    const root = this._block('');
    const places = new Map<string, INodeBox>();
    this._place('', { x: PADDING, y: PADDING }, 0, places);
    const nodes = this._document.nodes.flatMap(node => places.get(node.id) ?? []);
    const edges = [...this._ends.values()].flatMap(edge => {
      const from = places.get(edge.from);
      const to = places.get(edge.to);
      const points = this._paths.get(edge.id) ?? (from && to ? across(from, to) : undefined);
      return points ? [{ ...edge, points }] : [];
    });
    return {
      width: root.width + 2 * PADDING,
      height: root.height + 2 * PADDING,
      nodes,
      edges
    };
  }

  /** Ignores parents that are not there or that are below the node itself. */
  private _parentOf(node: IGraphNode): string {
    const seen = new Set([node.id]);
    for (let at = node.parent; at !== undefined; at = this._nodes.get(at)?.parent) {
      if (seen.has(at) || !this._nodes.has(at)) {
        return at === node.parent || seen.has(at) ? '' : node.parent!;
      }
      seen.add(at);
    }
    return node.parent ?? '';
  }

  private _chain(id: string): string[] {
    const node = this._nodes.get(id);
    if (!node) {
      return [];
    }
    const parent = this._parentOf(node);
    return parent === '' ? [id] : [...this._chain(parent), id];
  }

  private _visible(chain: string[]): string[] {
    const closed = chain.findIndex(id => this._collapsed.has(id));
    return closed < 0 ? chain : chain.slice(0, closed + 1);
  }

  private _addEdge(id: string, from: string, to: string): void {
    const a = this._visible(this._chain(from));
    const b = this._visible(this._chain(to));
    const start = a[a.length - 1];
    const end = b[b.length - 1];
    if (start === undefined || end === undefined || a.includes(end) || b.includes(start)) {
      return;
    }
    const pair = JSON.stringify([start, end]);
    if (this._pairs.has(pair) || this._ends.has(id)) {
      return;
    }
    this._pairs.add(pair);
    this._ends.set(id, { id, from: start, to: end });
    // Where the two ways part: boxes in one group, which the edge sets in order.
    let level = 0;
    while (a[level] === b[level]) {
      level += 1;
    }
    const group = level === 0 ? '' : a[level - 1]!;
    const own = this._edges.get(group) ?? [];
    own.push({ id, from: a[level]!, to: b[level]!, exact: a[level] === start && b[level] === end });
    this._edges.set(group, own);
  }

  private _block(group: string): IBlock {
    const ids = this._children.get(group) ?? [];
    const sizes = new Map<string, ISize>();
    for (const id of ids) {
      if (this._children.has(id) && !this._collapsed.has(id)) {
        const inner = this._block(id);
        sizes.set(id, {
          width: Math.max(this._card.width, inner.width + 2 * PADDING),
          height: inner.height + TITLE_HEIGHT + PADDING
        });
      } else {
        sizes.set(id, this._card);
      }
    }
    const block = arrange(ids, sizes, this._edges.get(group) ?? []);
    this._blocks.set(group, block);
    sizes.forEach((size, id) => this._sizes.set(id, size));
    return block;
  }

  private _place(group: string, at: IPoint, depth: number, places: Map<string, INodeBox>): void {
    const block = this._blocks.get(group)!;
    for (const [id, own] of block.places) {
      const open = this._blocks.has(id);
      const size = this._sizes.get(id)!;
      const box = { id, x: at.x + own.x, y: at.y + own.y, ...size, depth };
      places.set(id, {
        ...box,
        group: this._children.has(id),
        collapsed: this._collapsed.has(id)
      });
      if (open) {
        const slack = (size.width - this._blocks.get(id)!.width) / 2;
        this._place(id, { x: box.x + slack, y: box.y + TITLE_HEIGHT }, depth + 1, places);
      }
    }
    for (const [id, points] of block.edges) {
      this._paths.set(
        id,
        points.map(point => ({ x: at.x + point.x, y: at.y + point.y }))
      );
    }
  }

  private readonly _document: IGraphDocument;
  private readonly _card: ISize;
  private readonly _collapsed: Set<string>;
  private readonly _nodes = new Map<string, IGraphNode>();
  private readonly _children = new Map<string, string[]>();
  private readonly _pairs = new Set<string>();
  private readonly _ends = new Map<string, { id: string; from: string; to: string }>();
  private readonly _edges = new Map<string, ISibling[]>();
  private readonly _blocks = new Map<string, IBlock>();
  private readonly _sizes = new Map<string, ISize>();
  private readonly _paths = new Map<string, IPoint[]>();
}

/** An edge between two boxes of one group. */
interface ISibling {
  id: string;
  from: string;
  to: string;
  /** Whether the boxes are the edge's own ends. */
  exact: boolean;
}

/** Lays out the boxes of one group. Boxes without an edge stand in a grid below the others, so that many stay readable. */
function arrange(
  ids: readonly string[],
  sizes: ReadonlyMap<string, ISize>,
  edges: readonly ISibling[]
): IBlock {
  const joined = new Set(edges.flatMap(edge => [edge.from, edge.to]));
  const connected = ids.filter(id => joined.has(id));
  const block = ranked(connected, sizes, edges);
  const alone = ids.filter(id => !joined.has(id));
  if (alone.length === 0) {
    return block;
  }
  const cell = Math.max(...alone.map(id => sizes.get(id)!.width)) + NODE_GAP;
  const fitting = Math.floor((block.width + NODE_GAP) / cell);
  const columns = Math.max(
    1,
    Math.min(
      alone.length,
      Math.max(fitting, alone.length <= 3 ? alone.length : Math.ceil(Math.sqrt(alone.length)))
    )
  );
  let y = connected.length > 0 ? block.height + RANK_GAP : 0;
  let width = block.width;
  for (let start = 0; start < alone.length; start += columns) {
    const row = alone.slice(start, start + columns);
    let x = 0;
    for (const id of row) {
      block.places.set(id, { x, y });
      x += sizes.get(id)!.width + NODE_GAP;
    }
    width = Math.max(width, x - NODE_GAP);
    y += Math.max(...row.map(id => sizes.get(id)!.height)) + NODE_GAP;
  }
  return { ...block, width, height: y - NODE_GAP };
}

function ranked(
  ids: readonly string[],
  sizes: ReadonlyMap<string, ISize>,
  edges: readonly ISibling[]
): IBlock {
  const places = new Map<string, IPoint>();
  const paths = new Map<string, IPoint[]>();
  if (ids.length === 0) {
    return { width: 0, height: 0, places, edges: paths };
  }
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: 'TB',
    ranksep: RANK_GAP,
    nodesep: NODE_GAP,
    edgesep: 12,
    ranker: ids.length + edges.length / 4 > LARGE ? 'tight-tree' : 'network-simplex'
  });
  graph.setDefaultEdgeLabel(() => ({}));
  ids.forEach(id => graph.setNode(id, { ...sizes.get(id)! }));
  edges.forEach(edge => graph.setEdge(edge.from, edge.to, {}, edge.id));
  dagre(graph);
  const turn = mirrored(ids, id => graph.node(id) as IPoint) ? -1 : 1;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const cover = (x: number, y: number): void => {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  };
  for (const id of ids) {
    const { x: drawn, y } = graph.node(id) as IPoint;
    const x = turn * drawn;
    const { width, height } = sizes.get(id)!;
    places.set(id, { x: x - width / 2, y: y - height / 2 });
    cover(x - width / 2, y - height / 2);
    cover(x + width / 2, y + height / 2);
  }
  for (const edge of edges.filter(one => one.exact)) {
    const found = graph.edge({ v: edge.from, w: edge.to, name: edge.id }) as { points: IPoint[] };
    const from = box(edge.from);
    const to = box(edge.to);
    const through = found.points.map(point => ({ x: turn * point.x, y: point.y }));
    const points = from.y < to.y ? corners(from, to, through) : across(from, to);
    points.forEach(point => cover(point.x, point.y));
    paths.set(edge.id, points);
  }
  const shift = (point: IPoint): IPoint => ({
    x: Math.round(point.x - left),
    y: Math.round(point.y - top)
  });
  places.forEach((point, id) => places.set(id, shift(point)));
  paths.forEach((points, id) => paths.set(id, points.map(shift)));
  return {
    width: Math.round(right - left),
    height: Math.round(bottom - top),
    places,
    edges: paths
  };

  function box(id: string): IPoint & ISize {
    return { ...places.get(id)!, ...sizes.get(id)! };
  }
}

/** Whether more neighbours in a rank stand against the document's order than along it: the mirror image is then as good and easier to read. */
function mirrored(ids: readonly string[], at: (id: string) => IPoint): boolean {
  const last = new Map<number, number>();
  let along = 0;
  for (const { x, y } of ids.map(at)) {
    const before = last.get(y);
    along += before === undefined ? 0 : Math.sign(x - before);
    last.set(y, x);
  }
  return along < 0;
}

/** Down through dagre's points: every second one lies between two ranks, where the line may go sideways. */
function corners(from: IPoint & ISize, to: IPoint & ISize, through: readonly IPoint[]): IPoint[] {
  const last = through.length - 1;
  const points: IPoint[] = [{ x: from.x + from.width / 2, y: from.y + from.height }];
  for (let at = 1; at < last; at += 2) {
    const x = at + 1 >= last ? to.x + to.width / 2 : through[at + 1]!.x;
    sideways(points, x, through[at]!.y);
  }
  points.push({ x: to.x + to.width / 2, y: to.y });
  return points;
}

function sideways(points: IPoint[], x: number, y: number): void {
  const before = points[points.length - 1]!;
  if (Math.abs(before.x - x) >= 1) {
    points.push({ x: before.x, y }, { x, y });
  }
}

/** Between boxes that are not in one group, or against the direction. */
function across(from: IPoint & ISize, to: IPoint & ISize): IPoint[] {
  const start = { x: from.x + from.width / 2, y: from.y + from.height };
  const end = { x: to.x + to.width / 2, y: to.y };
  const points = [start];
  sideways(points, end.x, start.y < end.y ? (start.y + end.y) / 2 : start.y + RANK_GAP / 2);
  return [...points, end];
}
