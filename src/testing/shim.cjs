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
