// @kubernetes/client-node imports `URL` from Node's `url`; the browser has it globally.
module.exports = { URL: globalThis.URL, URLSearchParams: globalThis.URLSearchParams };
