// Node built-ins that bundled packages import but a browser does not have.
const path = require('node:path');

module.exports = {
  resolve: {
    alias: {
      url$: path.resolve(__dirname, 'shims/url.cjs'),
      undici$: path.resolve(__dirname, 'shims/undici.cjs')
    }
  }
};
