// @kubernetes/client-node imports undici for its own HTTP layer; the transport replaces that layer.
module.exports = { fetch: (...args) => globalThis.fetch(...args) };
