/** Reading the schemas of an API server's OpenAPI v3 document. Pure. */
import type { IKindSchema, Schema } from '../../client/kubernetes/openApi';
import { list, object, text } from '../../graph/wire';
import type { IProblem, Path } from './yamlText';

/** A field that may stand in a map. */
export interface IField {
  name: string;
  schema: Schema;
  required: boolean;
}

/** A schema with its reference followed; what stands beside the reference, such as a description, comes first. */
export function resolve(schema: Schema | undefined, schemas: IKindSchema['schemas']): Schema {
  let found = schema ?? {};
  for (let depth = 0; depth < 20; depth++) {
    const only = list(found['allOf']).length === 1 ? object(list(found['allOf'])[0]) : undefined;
    const reference = text(found['$ref']) ?? text(only?.['$ref']);
    if (!reference) {
      return found;
    }
    const beside = { ...found };
    delete beside['$ref'];
    delete beside['allOf'];
    found = { ...schemas[reference.replace('#/components/schemas/', '')], ...beside };
  }
  return found;
}

/** The schema of what is at a path; undefined where it says nothing of it. */
export function schemaAt(kind: IKindSchema, path: Path): Schema | undefined {
  let schema = resolve(kind.root, kind.schemas);
  for (const step of path) {
    const next =
      typeof step === 'number'
        ? schema['items']
        : (object(schema['properties'])[step] ?? schema['additionalProperties']);
    if (!next || typeof next !== 'object') {
      return undefined;
    }
    schema = resolve(next as Schema, kind.schemas);
  }
  return schema;
}

/** The fields that a map at a path may have, the required ones first. */
export function fieldsAt(kind: IKindSchema, path: Path): IField[] {
  const schema = schemaAt(kind, path);
  const required = new Set(list(schema?.['required']));
  const fields = Object.entries(object(schema?.['properties'])).map(([name, value]) => ({
    name,
    schema: resolve(value as Schema, kind.schemas),
    required: required.has(name)
  }));
  return fields.sort(
    (one, other) =>
      Number(other.required) - Number(one.required) || one.name.localeCompare(other.name)
  );
}

/** The values that a field may have, where they can be listed. */
export function valuesAt(kind: IKindSchema, path: Path): string[] {
  const schema = schemaAt(kind, path) ?? {};
  const values = list(schema['enum']).filter(value => typeof value === 'string');
  return values.length > 0
    ? (values as string[])
    : schema['type'] === 'boolean'
      ? ['true', 'false']
      : [];
}

/** What a field holds, in a word: `string`, `list of objects`, `integer or string`. */
export function typeWords(schema: Schema, schemas: IKindSchema['schemas']): string {
  if (schema['x-kubernetes-int-or-string'] || text(schema['format']) === 'int-or-string') {
    return 'integer or string';
  }
  if (schema['type'] === 'array') {
    const item = typeWords(resolve(object(schema['items']), schemas), schemas);
    return item === 'any' ? 'list' : `list of ${item}s`;
  }
  const type = text(schema['type']);
  if (!type) {
    return schema['properties'] ? 'object' : alternatives(schema) || 'any';
  }
  return type;
}

/** What of a value the schema does not allow: unknown fields, wrong types, missing fields, values outside a list. */
export function check(value: unknown, kind: IKindSchema): IProblem[] {
  const problems: IProblem[] = [];
  visit(value, kind.root, [], kind.schemas, problems);
  return problems;
}

function visit(
  value: unknown,
  unresolved: Schema,
  path: Path,
  schemas: IKindSchema['schemas'],
  problems: IProblem[]
): void {
  const schema = resolve(unresolved, schemas);
  const say = (message: string, at: Path = path) => problems.push({ path: at, message });
  if (value === null || value === undefined) {
    return;
  }
  const wanted = typeWords(schema, schemas);
  if (!fits(value, schema)) {
    say(`This must be ${/^[aeiou]/.test(wanted) ? 'an' : 'a'} ${wanted}.`);
    return;
  }
  const allowed = list(schema['enum']);
  if (allowed.length > 0 && !allowed.includes(value)) {
    say(`This must be one of ${allowed.map(String).join(', ')}.`);
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) =>
      visit(item, object(schema['items']), [...path, index], schemas, problems)
    );
  } else if (typeof value === 'object') {
    const properties = object(schema['properties']);
    const others = schema['additionalProperties'];
    const open =
      others !== undefined ||
      schema['x-kubernetes-preserve-unknown-fields'] === true ||
      schema['x-kubernetes-embedded-resource'] === true ||
      Object.keys(properties).length === 0;
    for (const [key, item] of Object.entries(value)) {
      if (properties[key]) {
        visit(item, properties[key] as Schema, [...path, key], schemas, problems);
      } else if (others && typeof others === 'object') {
        visit(item, others as Schema, [...path, key], schemas, problems);
      } else if (!open) {
        say(`There is no field “${key}” here.`, [...path, key]);
      }
    }
    for (const key of list(schema['required'])) {
      const missing = typeof key === 'string' && !(key in value);
      // What has a default is filled in by the server.
      if (missing && object(properties[key])['default'] === undefined) {
        say(`The field “${key}” is missing.`);
      }
    }
  }
}

function fits(value: unknown, schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] || text(schema['format']) === 'int-or-string') {
    return typeof value === 'string' || Number.isInteger(value);
  }
  switch (schema['type']) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return true;
  }
}

function alternatives(schema: Schema): string {
  const types = [...list(schema['oneOf']), ...list(schema['anyOf'])]
    .map(each => text(object(each).type))
    .filter(Boolean);
  return [...new Set(types)].join(' or ');
}
