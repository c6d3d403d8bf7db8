// The serializer of @kubernetes/client-node makes objects of its 700 models out of JSON and back. Its generated APIs are used with the JSON
// itself, as it is on the wire (src/client/kubernetes/generatedApis.ts): a third of the size, and no Dates where the rest has texts.
exports.ObjectSerializer = {
  serialize: value => value,
  deserialize: value => value,
  stringify: value => JSON.stringify(value),
  parse: (text, type = '') => (type.includes('json') ? JSON.parse(text) : text),
  normalizeMediaType: type => type?.split(';')[0].trim().toLowerCase(),
  getPreferredMediaType: types => types.find(type => type.includes('json')) ?? 'application/json'
};
