/** Gives every element a size, which jsdom does not: virtualised lists draw nothing without one. */
export function giveElementsSize(width: number, height: number): void {
  const sizes = {
    clientWidth: width,
    clientHeight: height,
    offsetWidth: width,
    offsetHeight: height
  };
  for (const [name, value] of Object.entries(sizes)) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value });
  }
}
