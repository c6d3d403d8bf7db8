// What @kubernetes/client-node imports that a browser does not have, or that its generated APIs do without.
const path = require('node:path');

module.exports = {
  resolve: {
    alias: {
      url$: path.resolve(__dirname, 'shims/url.cjs'),
      undici$: path.resolve(__dirname, 'shims/undici.cjs'),
      '../models/ObjectSerializer.js': path.resolve(__dirname, 'shims/objectSerializer.cjs')
    }
  },
  // The generated APIs repeat themselves: 670 KiB that are 27 KiB on the way, and are fetched by whoever asks for them only.
  performance: { maxAssetSize: 800 * 1024 }
};
