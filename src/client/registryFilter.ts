/**
 * Building a `filterQuery` of Model Registry: conditions joined by AND and OR. Whatever a user types becomes one quoted value, never syntax
 * (kubeflow/hub, `internal/db/filter`).
 */
import { ApiError } from './errors';

/** A `filterQuery`; made by the functions below, so that no text gets into one unquoted by mistake. */
export type FilterQuery = string & { readonly [IS_FILTER]: true };

declare const IS_FILTER: unique symbol;

export type FilterOperator = '=' | '!=' | '>' | '<' | '>=' | '<=' | 'LIKE' | 'ILIKE';

export type FilterValue = string | number | boolean;

/** The types of custom properties that can be asked for. */
export type FilterType = 'string_value' | 'double_value' | 'int_value' | 'bool_value';

/** A condition on a field of the API, such as `name`, `state` or `createTimeSinceEpoch`. Times are numbers: milliseconds since the epoch. */
export function where(field: string, operator: FilterOperator, value: FilterValue): FilterQuery {
  return made(`${identifier(field)} ${operator} ${literal(value)}`);
}

/** That a field is one of some values; never true without any. */
export function isOneOf(field: string, values: readonly FilterValue[]): FilterQuery {
  return or(...values.map(value => where(field, '=', value))) ?? where('id', '<', 0);
}

/** That a field holds a text somewhere, in either case. */
export function contains(field: string, text: string): FilterQuery {
  return where(field, 'ILIKE', `%${literally(text)}%`);
}

/**
 * A condition on a custom property. Without a `type`, that of the value: a number is looked for among properties of both number types.
 */
export function whereProperty(
  name: string,
  operator: FilterOperator,
  value: FilterValue,
  type?: FilterType
): FilterQuery {
  if (type === undefined && typeof value === 'number') {
    return any([
      whereProperty(name, operator, value, 'double_value'),
      whereProperty(name, operator, value, 'int_value')
    ]);
  }
  const asked = type ?? (typeof value === 'boolean' ? 'bool_value' : 'string_value');
  return made(`${identifier(name, `.${asked}`)} ${operator} ${literal(value)}`);
}

/** That a custom property of texts holds a text somewhere, in either case. */
export function propertyContains(name: string, text: string): FilterQuery {
  return whereProperty(name, 'ILIKE', `%${literally(text)}%`);
}

/** All conditions that are given; `undefined` where none is. */
export function and(...conditions: readonly (FilterQuery | undefined)[]): FilterQuery | undefined {
  return joined('AND', conditions);
}

/** One of the conditions that are given; `undefined` where none is. */
export function or(...conditions: readonly (FilterQuery | undefined)[]): FilterQuery | undefined {
  return joined('OR', conditions);
}

/** A query that somebody has written in the filter's own language. Every other text has to go through the functions above. */
export function written(query: string): FilterQuery | undefined {
  return query.trim() ? made(query) : undefined;
}

function any(conditions: [FilterQuery, ...FilterQuery[]]): FilterQuery {
  return made(`(${conditions.join(' OR ')})`);
}

function joined(
  word: 'AND' | 'OR',
  conditions: readonly (FilterQuery | undefined)[]
): FilterQuery | undefined {
  const given = conditions.filter(condition => condition !== undefined);
  if (given.length < 2) {
    return given[0];
  }
  return made(`(${given.join(`) ${word} (`)})`);
}

function made(query: string): FilterQuery {
  return query as FilterQuery;
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const KEYWORD = /^(and|or|like|ilike|in|true|false|(string|double|int|bool|array)_value)$/i;

/** A name and the type after it; in backticks where the name needs them. */
function identifier(name: string, type = ''): string {
  if (PLAIN.test(name) && !KEYWORD.test(name)) {
    return name + type;
  }
  // The language has no way to write a backtick in a name.
  if (name === '' || name.includes('`')) {
    throw bad(
      `A filter cannot ask for the property “${name}”: its name is empty or has a backtick.`
    );
  }
  return `\`${name.replaceAll('\\', '\\\\')}${type}\``;
}

function literal(value: FilterValue): string {
  if (typeof value === 'string') {
    return `"${value.replace(/[\\"']/g, '\\$&')}"`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw bad(`A filter cannot ask for ${value}: give a finite number.`);
  }
  return String(value);
}

/** A pattern of LIKE that means just this text. */
function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function bad(message: string): ApiError {
  return new ApiError({ service: 'registry', status: 400, reason: 'BadRequest', message });
}
