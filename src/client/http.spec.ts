/** @jest-environment node */
import { ApiError } from './errors';
import { encodeQuery, LineSplitter, pathOf, targetOf } from './http';

describe('targetOf', () => {
  it('encodes the query, repeats arrays and leaves undefined out', () => {
    const query = { a: 'x y&z', b: ['1', '2'], c: undefined, d: false, e: 0 };
    expect(targetOf('pipelines', { path: '/runs', query })).toBe(
      '/runs?a=x+y%26z&b=1&b=2&d=false&e=0'
    );
    expect(encodeQuery({})).toBe('');
  });

  it('encodes segments so that none of them reaches another route', () => {
    expect(pathOf('runs', 'a/b?c#d e')).toBe('/runs/a%2Fb%3Fc%23d%20e');
  });

  it.each(['runs', '/a/../b', '/..', '/a/%2e%2E/b', '/a/.', '/a?b', '/a#b', '/a\\..\\b', '/a b'])(
    'refuses the path %s',
    path => {
      expect(() => targetOf('pipelines', { path })).toThrow(ApiError);
    }
  );

  it('lets dots within a segment be', () => {
    expect(targetOf('pipelines', { path: '/a/..b/c.d/...' })).toBe('/a/..b/c.d/...');
  });
});

it('cuts chunks into complete lines', () => {
  const lines = new LineSplitter();
  expect(lines.push('{"a":')).toEqual([]);
  expect(lines.push('1}\r\n\n{"b":2}\n{"c"')).toEqual(['{"a":1}', '{"b":2}']);
  expect(lines.push(':3}')).toEqual([]);
  expect(lines.end()).toEqual(['{"c":3}']);
  expect(lines.end()).toEqual([]);
});
