// TypeScript types of the schemas of an OpenAPI 3.0 document.
import { compile } from 'json-schema-to-typescript';

const REF = '#/components/schemas/';

/**
 * The types of `names`, schemas of `document`, and of all that they need, without descriptions: an interface `INAME` for each object, a type
 * `NAME` for each choice of texts. Of an object made of several (`allOf`), the interface has the fields of all. A field that tells types apart
 * (`discriminator`) has its one value.
 */
export async function typesOf(document, names) {
  const schemas = document.components.schemas;
  const nameOf = name => (flat(schemas, schemas[name]).properties ? `I${name}` : name);
  const definitions = {};
  const add = name => {
    if (!(nameOf(name) in definitions)) {
      definitions[nameOf(name)] = {};
      definitions[nameOf(name)] = converted(flat(schemas, schemas[name]), part => {
        add(part);
        return nameOf(part);
      });
    }
  };
  const tags = new Map(Object.values(schemas).flatMap(schema => mappingOf(schema)));
  names.forEach(add);
  for (const [name, { field, value }] of tags) {
    const definition = definitions[`I${name}`];
    if (definition?.properties?.[field]) {
      definition.properties[field] = { const: value };
      definition.required = [...new Set([...definition.required, field])];
    }
  }
  const holder = { type: 'object', additionalProperties: false, definitions };
  const text = await compile(holder, 'Holder', {
    additionalProperties: false,
    bannerComment: '',
    format: false,
    unreachableDefinitions: true
  });
  return text.replace(/export interface Holder \{\s*\}/, '').replace(COMMENTS, '');
}

/** What the compiler says of where a definition was. */
const COMMENTS = /\/\*\*[^/]*?`Holder`'s JSON-Schema[^/]*?via the `definition`[^/]*?\*\//g;

/** Which values of which field stand for which schemas, of a choice of schemas: `[[NAME, {field, value}]]`. */
function mappingOf({ discriminator }) {
  return Object.entries(discriminator?.mapping ?? {}).map(([value, ref]) => [
    ref.slice(REF.length),
    { field: discriminator.propertyName, value }
  ]);
}

/** A schema with the fields of all that it is made of. */
function flat(schemas, schema) {
  if (schema.$ref) {
    return flat(schemas, schemas[schema.$ref.slice(REF.length)]);
  }
  if (!schema.allOf) {
    return schema;
  }
  const parts = [...schema.allOf, { ...schema, allOf: undefined }].map(part => flat(schemas, part));
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(part => part.properties)),
    required: [...new Set(parts.flatMap(part => part.required ?? []))]
  };
}

/** A schema for the compiler; `refer` gives the name of the definition of a schema that it names. */
function converted(schema, refer) {
  if (schema.$ref) {
    return { $ref: `#/definitions/${refer(schema.$ref.slice(REF.length))}` };
  }
  const result = {};
  for (const field of ['type', 'enum', 'required', 'additionalProperties']) {
    if (schema[field] !== undefined) {
      result[field] = schema[field];
    }
  }
  if (schema.properties) {
    const entries = Object.entries(schema.properties);
    result.properties = Object.fromEntries(
      entries.map(([name, part]) => [name, converted(part, refer)])
    );
    result.required ??= [];
    result.additionalProperties = false;
  } else if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = converted(schema.additionalProperties, refer);
  }
  if (schema.items) {
    result.items = converted(schema.items, refer);
  }
  if (schema.oneOf) {
    result.oneOf = schema.oneOf.map(part => converted(part, refer));
  }
  return result;
}
