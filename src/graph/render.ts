/** Draws a graph document as SVG. Needs nothing but the DOM; React is in `react.tsx`. */
import { edgeView } from './edgeView';
import type { IGraphLayout, ILayoutOptions, INodeBox } from './layout';
import { layoutInWorker } from './layout.client';
import { neighbour, pathsThrough } from './navigation';
import { NodeView } from './nodeView';
import type { IGraphDocument, IGraphNode } from './schema';
import { Slice } from './slice';
import { svg } from './svg';
import { graphToolbar } from './toolbar';
import { Viewport } from './viewport';
import { ENGLISH } from './words';
import type { IGraphWords } from './words';

const CLASS = 'jp-Kubeflow-graph';

/** How a graph is drawn and whom it tells. */
export interface IGraphOptions {
  /** A node was chosen; `null` when none is any more. */
  onSelect?: (id: string | null) => void;
  /** A node was activated: double click or Enter. */
  onActivate?: (id: string) => void;
  /** Drawing failed; without this it says so in the element. */
  onError?: (error: Error) => void;
  /** The node that is selected at first. */
  selected?: string | null;
  /** Ids of groups that are closed at first. */
  collapsed?: readonly string[];
  layout?: Omit<ILayoutOptions, 'collapsed'>;
  /** Words in the user's language. */
  words?: Partial<IGraphWords>;
}

/** A drawing that can be changed. */
export interface IGraphHandle {
  /** Resolves when the first layout has been drawn. */
  readonly ready: Promise<void>;
  /** Shows another document. Nothing moves where only states differ. */
  update(document: IGraphDocument): void;
  /** Selects a node without calling `onSelect`. */
  select(id: string | null): void;
  /** Zooms so that all is seen. */
  fit(): void;
  /** Removes the drawing. */
  dispose(): void;
}

/**
 * Draws a document into an element, which should have a height. Arrow keys go along edges, Enter activates, Space opens and closes a
 * group, + and - zoom, 0 fits; Ctrl and the wheel zoom, dragging moves.
 */
export function renderGraph(
  element: HTMLElement,
  document: IGraphDocument,
  options: IGraphOptions = {}
): IGraphHandle {
  return new GraphRenderer(element, document, options);
}

class GraphRenderer implements IGraphHandle {
  constructor(host: HTMLElement, graph: IGraphDocument, options: IGraphOptions) {
    this._options = options;
    this._words = { ...ENGLISH, ...options.words };
    this._document = graph;
    this._selected = options.selected ?? null;
    this._collapsed = new Set(options.collapsed);
    this._root.className = CLASS;
    this._view.append(this._content);
    this._content.append(this._frames, this._lines, this._cards);
    this._empty.className = `${CLASS}-empty`;
    this._viewport = new Viewport(this._view, this._content);
    const toolbar = graphToolbar(this._words, this._viewport, () => this.fit());
    this._root.append(this._view, this._empty, toolbar);
    host.append(this._root);
    this._view.addEventListener('click', this._onClick);
    this._view.addEventListener('dblclick', this._onDoubleClick);
    this._view.addEventListener('keydown', this._onKey);
    if (typeof ResizeObserver !== 'undefined') {
      this._observer = new ResizeObserver(() => {
        if (!this._viewport.moved) {
          this._open();
        }
        const { moved } = this._viewport;
        const chosen = this._views.get(this._selected ?? '');
        if (chosen) {
          this._viewport.reveal(chosen.box);
          this._viewport.moved = moved;
        }
      });
      this._observer.observe(this._root);
    }
    this.ready = this._layOut();
  }

  readonly ready: Promise<void>;

  update(graph: IGraphDocument): void {
    const same = shape(graph) === shape(this._document);
    this._document = graph;
    if (same && this._layout) {
      this._refresh();
    } else {
      void this._layOut();
    }
  }

  select(id: string | null): void {
    this._selected = id;
    this._mark();
  }

  fit(): void {
    this._whole = true;
    this._open();
  }

  /** Shows the whole graph, or a very large one where it begins until all of it was asked for. */
  private _open(): void {
    if (this._layout) {
      const { width, height, nodes } = this._layout;
      const [begin] = [...nodes].sort((a, b) => a.y - b.y || a.x - b.x);
      this._viewport.fit(width, height, this._whole ? undefined : begin);
    }
  }

  dispose(): void {
    this._disposed = true;
    window.clearInterval(this._clock);
    this._observer?.disconnect();
    this._viewport.dispose();
    this._root.remove();
  }

  private async _layOut(): Promise<void> {
    const turn = ++this._turn;
    try {
      const collapsed = [...this._collapsed];
      const layout = await layoutInWorker(this._document, { ...this._options.layout, collapsed });
      if (!this._disposed && turn === this._turn) {
        await this._draw(layout, turn);
      }
    } catch (reason) {
      const error = reason instanceof Error ? reason : new Error(String(reason));
      if (this._disposed) {
        return;
      }
      if (this._options.onError) {
        this._options.onError(error);
      } else {
        this._root.textContent = error.message;
      }
    }
  }

  /** Draws in slices, so that a large graph does not hold up the page; the frames first, then the cards with their edges. */
  private async _draw(layout: IGraphLayout, turn: number): Promise<void> {
    const focused = this._root.contains(document.activeElement) ? this._active : null;
    const first = this._layout === null;
    this._layout = layout;
    this._readNodes();
    // Before it is attached the element has no style yet.
    this._family =
      getComputedStyle(this._root).fontFamily ||
      getComputedStyle(document.documentElement).getPropertyValue('--jp-ui-font-family');
    this._views.clear();
    [this._frames, this._lines, this._cards].forEach(group => group.replaceChildren());
    this._empty.textContent = layout.nodes.length === 0 ? this._words.empty : '';
    if (first || !this._viewport.moved) {
      this._open();
    }
    const slice = new Slice();
    for (const part of [...layout.nodes, ...layout.edges]) {
      if ('points' in part) {
        this._lines.append(edgeView(part));
      } else {
        this._addNode(part);
      }
      if (slice.isOver()) {
        await slice.next();
        if (this._disposed || turn !== this._turn) {
          return;
        }
      }
    }
    this._refresh();
    if (focused && this._views.has(focused)) {
      this._focus(focused);
    }
  }

  private _addNode(box: INodeBox): void {
    const view = new NodeView(box, this._words, this._family);
    const node = this._nodes.get(box.id);
    if (node) {
      view.update(node, this._now());
    }
    this._views.set(box.id, view);
    (box.group && !box.collapsed ? this._frames : this._cards).append(view.element);
  }

  /** Shows states; leaves everything where it is. */
  private _refresh(): void {
    const now = this._now();
    this._readNodes();
    this._views.forEach((view, id) => {
      const node = this._nodes.get(id);
      if (node) {
        view.update(node, now);
      }
    });
    this._view.setAttribute('aria-label', this._document.title ?? this._words.graph);
    const { state, asOf } = this._document.source ?? {};
    const runs = this._document.nodes.some(node => node.state === 'running' && node.startTime);
    window.clearInterval(this._clock);
    if (runs && asOf === undefined && (state === undefined || state === 'running')) {
      this._clock = window.setInterval(() => this._tick(), 1000);
    }
    this._mark();
  }

  private _readNodes(): void {
    this._nodes = new Map(this._document.nodes.map(node => [node.id, node]));
  }

  /** A document that says as of when it is shows durations of then. */
  private _now(): number {
    return Date.parse(this._document.source?.asOf ?? '') || Date.now();
  }

  /** Durations of what runs. */
  private _tick(): void {
    const now = Date.now();
    this._views.forEach((view, id) => {
      const node = this._nodes.get(id);
      if (node?.state === 'running') {
        view.update(node, now);
      }
    });
  }

  /** Shows what is selected, its path, and which node the Tab key reaches. */
  private _mark(): void {
    const path = pathsThrough(this._selected, this._layout?.edges ?? []);
    for (const line of this._lines.children) {
      const { from, to } = (line as SVGElement).dataset;
      line.classList.toggle('jp-mod-path', path.has(`${from}\n${to}`));
    }
    if (this._active === null || !this._views.has(this._active)) {
      const chosen = this._selected !== null && this._views.has(this._selected);
      this._active = chosen ? this._selected : (this._layout?.nodes[0]?.id ?? null);
    }
    this._views.forEach(({ element }, id) => {
      element.classList.toggle('jp-mod-selected', id === this._selected);
      element.setAttribute('aria-selected', String(id === this._selected));
      element.setAttribute('tabindex', id === this._active ? '0' : '-1');
    });
  }

  private _choose(id: string | null): void {
    if (id !== null) {
      this._active = id;
    }
    if (id !== this._selected) {
      this._selected = id;
      this._options.onSelect?.(id);
    }
    this._mark();
  }

  private _focus(id: string): void {
    const view = this._views.get(id);
    if (view) {
      this._active = id;
      this._mark();
      view.element.focus({ preventScroll: true });
      this._viewport.reveal(view.box);
    }
  }

  private _toggle(id: string, collapse = !this._collapsed.has(id)): void {
    if (this._views.get(id)?.box.group && collapse !== this._collapsed.has(id)) {
      this._collapsed[collapse ? 'add' : 'delete'](id);
      this._active = id;
      void this._layOut();
    }
  }

  private _idAt(event: Event): string | null {
    const target = event.target as Element;
    return target.closest<SVGGElement>(`.${CLASS}-node`)?.dataset.id ?? null;
  }

  private readonly _onClick = (event: MouseEvent): void => {
    const id = this._idAt(event);
    if (id !== null && (event.target as Element).closest(`.${CLASS}-arrow`)) {
      this._toggle(id);
      return;
    }
    this._choose(id);
    if (id !== null) {
      this._views.get(id)?.element.focus({ preventScroll: true });
    }
  };

  private readonly _onDoubleClick = (event: MouseEvent): void => {
    const id = this._idAt(event);
    if (id !== null && !(event.target as Element).closest(`.${CLASS}-arrow`)) {
      this._options.onActivate?.(id);
    }
  };

  private readonly _onKey = (event: KeyboardEvent): void => {
    const id = this._idAt(event) ?? this._active;
    if (event.ctrlKey || event.altKey || event.metaKey || id === null || !this._layout) {
      return;
    }
    const box = this._views.get(id)?.box;
    const { key } = event;
    if (key === 'Enter') {
      this._choose(id);
      this._options.onActivate?.(id);
    } else if (key === ' ') {
      if (box?.group) {
        this._toggle(id);
      } else {
        this._choose(id);
      }
    } else if (key === 'Escape' && this._selected !== null) {
      this._choose(null);
    } else if (key === '+' || key === '=') {
      this._viewport.zoom(1.25);
    } else if (key === '-') {
      this._viewport.zoom(0.8);
    } else if (key === '0') {
      this.fit();
    } else if (key === 'ArrowLeft' && box?.group && !box.collapsed) {
      this._toggle(id, true);
    } else if (key === 'ArrowRight' && box?.collapsed) {
      this._toggle(id, false);
    } else {
      const next = neighbour(key, id, this._layout, this._document);
      if (next === undefined) {
        return;
      }
      if (next !== null) {
        this._focus(next);
        this._choose(next);
      }
    }
    event.preventDefault();
    event.stopPropagation();
  };

  private readonly _options: IGraphOptions;
  private readonly _words: IGraphWords;
  private readonly _root = document.createElement('div');
  private readonly _empty = document.createElement('div');
  private readonly _view = svg('svg', { class: `${CLASS}-view`, role: 'tree' });
  private readonly _content = svg('g', { role: 'presentation' });
  private readonly _frames = svg('g', { role: 'presentation' });
  private readonly _lines = svg('g', { 'aria-hidden': 'true' });
  private readonly _cards = svg('g', { role: 'presentation' });
  private readonly _viewport: Viewport;
  private readonly _views = new Map<string, NodeView>();
  private readonly _collapsed: Set<string>;
  private readonly _observer?: ResizeObserver;
  private _document: IGraphDocument;
  private _nodes = new Map<string, IGraphNode>();
  private _layout: IGraphLayout | null = null;
  private _selected: string | null;
  private _active: string | null = null;
  private _clock = 0;
  private _family = '';
  private _turn = 0;
  private _disposed = false;
  private _whole = false;
}

/** What the layout depends on. */
function shape(graph: IGraphDocument): string {
  return JSON.stringify([
    graph.nodes.map(node => [node.id, node.parent]),
    graph.edges.map(edge => [edge.id, edge.from, edge.to])
  ]);
}
