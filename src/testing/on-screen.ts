/** Has every element on the screen, which in jsdom none ever is, and what is drawn there as SVG measured without a canvas. */
export function showElements(): void {
  class Observer {
    constructor(private readonly callback: (entries: { isIntersecting: boolean }[]) => void) {}

    observe(): void {
      this.callback([{ isIntersecting: true }]);
    }

    disconnect(): void {
      // Nothing is watched.
    }
  }
  Object.defineProperty(window, 'IntersectionObserver', { configurable: true, value: Observer });
  HTMLCanvasElement.prototype.getContext = () => null;
}
