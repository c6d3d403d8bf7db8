/** One node of the drawing: a card, or the frame of an open group. */
import type { INodeBox } from './layout';
import { TITLE_HEIGHT } from './layout';
import { KIND_MARKS, STATE_MARKS } from './marks';
import type { IGraphNode } from './schema';
import { svg } from './svg';
import { fitText, textWidth } from './textFit';
import type { IFont } from './textFit';
import { nodeName, note } from './words';
import type { IGraphWords } from './words';

const CLASS = 'jp-Kubeflow-graph';

/** A node on the screen. It stays the same element while only states change, so that nothing jumps and focus is kept. */
export class NodeView {
  /** `family` is the CSS font family that the drawing inherits. */
  constructor(box: INodeBox, words: IGraphWords, family: string) {
    this._words = words;
    this.box = box;
    const open = box.group && !box.collapsed;
    const height = open ? TITLE_HEIGHT : box.height;
    this.element = svg('g', {
      class: `${CLASS}-node ${open ? 'jp-mod-open' : 'jp-mod-card'}`,
      transform: `translate(${box.x} ${box.y})`,
      role: 'treeitem',
      'aria-level': box.depth + 1,
      'data-id': box.id,
      tabindex: -1
    });
    if (box.group) {
      this.element.setAttribute('aria-expanded', String(open));
    }
    const { width } = box;
    const middle = height / 2;
    const left = box.group ? 30 : 12;
    place(this._kind, left, middle - 8);
    place(this._state, width - 26, middle - 8);
    this.element.append(
      this._title,
      svg('rect', {
        class: `${CLASS}-focus`,
        x: -3,
        y: -3,
        width: width + 6,
        height: box.height + 6,
        rx: 5
      }),
      svg('rect', { class: `${CLASS}-box`, width, height: box.height, rx: 3 }),
      svg('path', { class: `${CLASS}-bar`, d: bar(box.height) }),
      this._kind,
      this._label,
      this._note,
      this._state
    );
    if (box.group) {
      this.arrow = svg('g', { class: `${CLASS}-arrow`, transform: `translate(8 ${middle - 8})` }, [
        svg('rect', { class: `${CLASS}-hit`, x: -4, y: -4, width: 24, height: 24 }),
        svg('path', { d: open ? 'M4 6l4 4 4-4' : 'M6 4l4 4-4 4' })
      ]);
      this.element.append(this.arrow);
    }
    this._name = open ? { size: 12, weight: 600, family } : { size: 13, weight: 400, family };
    this._small = { size: 11, weight: 400, family };
    setFont(this._label, this._name);
    setFont(this._note, this._small);
    this._left = left + 22;
    this._room = width - this._left - 34;
    this._height = height;
    this._open = open;
  }

  readonly element: SVGGElement;
  readonly arrow?: SVGGElement;
  readonly box: INodeBox;

  /** Shows a state of the node. */
  update(node: IGraphNode, now: number): void {
    const small = note(node, now, this._words);
    const detail = node.kind === 'condition' && node.detail ? node.detail : '';
    const name = nodeName(node, now, this._words);
    this.element.setAttribute('aria-label', name);
    this.element.dataset.state = node.state ?? 'none';
    this.element.dataset.kind = node.kind;
    this._title.textContent = [node.label, node.detail].filter(Boolean).join('\n');
    const middle = this._height / 2;
    const left = this._left;
    if (this._open) {
      // On one line: what a loop has done is never cut, its name may be.
      const loop = node.kind === 'loop' && node.state === undefined ? (node.detail ?? '') : '';
      const right = fitText(node.progress ? small : loop, this._room - 40, this._small, 'end');
      const room = this._room - (right ? textWidth(right, this._small) + 8 : 0);
      const label = fitText(detail || node.label, room, this._name, 'middle');
      write(this._label, label, left, middle + 4.5);
      write(this._note, right, left + this._room, middle + 4.5);
    } else {
      const lower = [detail, small].filter(Boolean).join(' · ');
      const label = fitText(node.label, this._room, this._name, 'middle');
      write(this._label, label, left, lower ? middle - 3 : middle + 4.5);
      write(this._note, fitText(lower, this._room, this._small, 'end'), left, middle + 13);
    }
    draw(this._kind, KIND_MARKS[node.kind] ?? KIND_MARKS.runtime);
    draw(this._state, node.state ? STATE_MARKS[node.state] : '');
  }

  private readonly _words: IGraphWords;
  private readonly _title = svg('title');
  private readonly _label = svg('text', { class: `${CLASS}-label` });
  private readonly _note = svg('text', { class: `${CLASS}-note` });
  private readonly _kind = svg('path', { class: `${CLASS}-kind` });
  private readonly _state = svg('path', { class: `${CLASS}-state` });
  private readonly _name: IFont;
  private readonly _small: IFont;
  private readonly _left: number;
  private readonly _room: number;
  private readonly _height: number;
  private readonly _open: boolean;
}

function place(element: SVGElement, x: number, y: number): void {
  element.setAttribute('transform', `translate(${x} ${y})`);
}

function draw(element: SVGElement, d: string): void {
  if (element.getAttribute('d') !== d) {
    element.setAttribute('d', d);
  }
}

function write(element: SVGTextElement, text: string, x: number, y: number): void {
  element.setAttribute('x', String(x));
  element.setAttribute('y', String(y));
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function setFont(element: SVGTextElement, font: IFont): void {
  element.setAttribute('font-size', String(font.size));
  element.setAttribute('font-weight', String(font.weight));
}

/** The state's edge: 3 px wide, round at the card's corners. */
function bar(height: number): string {
  return `M3 0a3 3 0 0 0-3 3v${height - 6}a3 3 0 0 0 3 3z`;
}
