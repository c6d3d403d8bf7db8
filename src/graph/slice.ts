/** Work on the main thread in pieces that do not hold up the page. */

/** Milliseconds of work at a time; the browser then lays out and paints what was made. */
const LENGTH = 12;

/** Tells when it is time to let others work, and waits for that. */
export class Slice {
  isOver(): boolean {
    return performance.now() - this._start > LENGTH;
  }

  /** Resolves when the browser has had its turn. */
  async next(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve));
    this._start = performance.now();
  }

  private _start = performance.now();
}
