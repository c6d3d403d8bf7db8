/** Zoom and pan of a drawing. */
import type { INodeBox } from './layout';

const MIN = 0.01;
const MAX = 2.5;
/** Above this a small graph does not grow when it is fitted. */
const NATURAL = 1;
/** Below this no name can be read: a graph that is so large opens at its beginning instead, at `LEGIBLE`. */
const SMALLEST = 0.4;
const LEGIBLE = 0.6;

/** Where the drawing stands in its view. */
export class Viewport {
  constructor(
    private readonly _view: SVGSVGElement,
    private readonly _content: SVGGElement
  ) {
    _view.addEventListener('wheel', this._onWheel, { passive: false });
    _view.addEventListener('pointerdown', this._onDown);
  }

  /** Whether the person has moved the drawing; it is then no longer fitted by itself. */
  moved = false;

  dispose(): void {
    this._view.removeEventListener('wheel', this._onWheel);
    this._view.removeEventListener('pointerdown', this._onDown);
    this._end?.();
  }

  /** Shows the whole graph. With `begin`, the node it begins with, a very large one is shown there, so that names can be read. */
  fit(width: number, height: number, begin?: INodeBox): void {
    const { width: w, height: h } = this._size();
    this._scale = Math.max(MIN, Math.min(NATURAL, w / width, h / height));
    this._x = (w - width * this._scale) / 2;
    this._y = Math.max(0, (h - height * this._scale) / 2);
    if (begin && this._scale < SMALLEST) {
      this._scale = LEGIBLE;
      this._x = w / 2 - (begin.x + begin.width / 2) * LEGIBLE;
      this._y = 16 - begin.y * LEGIBLE;
    }
    this.moved = false;
    this._apply();
  }

  /** Zooms around a point of the view, by default its middle. */
  zoom(factor: number, at?: { x: number; y: number }): void {
    const { width, height } = this._size();
    const { x, y } = at ?? { x: width / 2, y: height / 2 };
    const scale = Math.min(MAX, Math.max(MIN, this._scale * factor));
    this._x = x - ((x - this._x) * scale) / this._scale;
    this._y = y - ((y - this._y) * scale) / this._scale;
    this._scale = scale;
    this.moved = true;
    this._apply();
  }

  /** Moves as little as is needed for the node to be seen. */
  reveal(box: INodeBox): void {
    const { width, height } = this._size();
    const inside = (start: number, length: number, room: number): number =>
      start < 8
        ? 8 - start
        : start + length > room - 8
          ? Math.max(room - 8 - start - length, 8 - start)
          : 0;
    const dx = inside(this._x + box.x * this._scale, box.width * this._scale, width);
    const dy = inside(
      this._y + box.y * this._scale,
      Math.min(box.height, 60) * this._scale,
      height
    );
    if (dx || dy) {
      this._x += dx;
      this._y += dy;
      this.moved = true;
      this._apply();
    }
  }

  private readonly _onWheel = (event: WheelEvent): void => {
    // Without Ctrl the page scrolls.
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const { left, top } = this._view.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY / 300), { x: event.clientX - left, y: event.clientY - top });
    }
  };

  private readonly _onDown = (event: PointerEvent): void => {
    if (event.button !== 0) {
      return;
    }
    let { clientX, clientY } = event;
    let far = false;
    const move = (next: PointerEvent): void => {
      far ||= Math.hypot(next.clientX - clientX, next.clientY - clientY) > 3;
      if (far) {
        this._x += next.clientX - clientX;
        this._y += next.clientY - clientY;
        ({ clientX, clientY } = next);
        this.moved = true;
        this._apply();
      }
    };
    const end = (): void => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
      this._end = undefined;
    };
    this._end = end;
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
  };

  private _size(): { width: number; height: number } {
    return { width: this._view.clientWidth || 600, height: this._view.clientHeight || 400 };
  }

  private _apply(): void {
    const round = (value: number): number => Math.round(value * 1000) / 1000;
    this._content.setAttribute(
      'transform',
      `translate(${round(this._x)} ${round(this._y)}) scale(${round(this._scale)})`
    );
  }

  private _end?: () => void;
  private _x = 0;
  private _y = 0;
  private _scale = 1;
}
