// What jsdom lacks; a spec in the Node environment needs none of it.
if (typeof window !== 'undefined') {
  require('@jupyterlab/testing/lib/jest-shim');

  let copied = '';
  Object.defineProperty(globalThis.navigator, 'clipboard', {
    configurable: true,
    value: {
      readText: async () => copied,
      writeText: async text => {
        copied = text;
      }
    }
  });
}

// jsdom has no structuredClone, which the graph layout's library calls.
if (globalThis.structuredClone === undefined) {
  const { deserialize, serialize } = require('v8');
  globalThis.structuredClone = value => deserialize(serialize(value));
}

// jsdom's signals lack what browsers' have had since 2022.
if (AbortSignal.prototype.throwIfAborted === undefined) {
  AbortSignal.prototype.throwIfAborted = function () {
    if (this.aborted) {
      throw this.reason ?? new DOMException('The operation was aborted.', 'AbortError');
    }
  };
}
