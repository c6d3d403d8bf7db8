import {
  and,
  contains,
  isOneOf,
  or,
  propertyContains,
  where,
  whereProperty,
  written
} from './registryFilter';

describe('conditions of a filterQuery', () => {
  it('quote what a user has typed', () => {
    expect(where('name', '=', 'mnist')).toBe('name = "mnist"');
    expect(where('name', '=', `x" OR name != 'y\\`)).toBe(
      String.raw`name = "x\" OR name != \'y\\"`
    );
    expect(where('createTimeSinceEpoch', '>=', 1700000000000)).toBe(
      'createTimeSinceEpoch >= 1700000000000'
    );
  });

  it('look for a text as it is', () => {
    expect(contains('name', '100%_a')).toBe(String.raw`name ILIKE "%100\\%\\_a%"`);
    expect(propertyContains('team', 'vision')).toBe('team.string_value ILIKE "%vision%"');
  });

  it('ask for custom properties by their type', () => {
    expect(whereProperty('framework', '=', 'torch')).toBe('framework.string_value = "torch"');
    expect(whereProperty('gpu', '=', true)).toBe('gpu.bool_value = true');
    expect(whereProperty('accuracy', '>', 0.9)).toBe(
      '(accuracy.double_value > 0.9 OR accuracy.int_value > 0.9)'
    );
    expect(whereProperty('epochs', '=', 3, 'int_value')).toBe('epochs.int_value = 3');
    expect(whereProperty('loss', '<', 1, 'double_value')).toBe('loss.double_value < 1');
    expect(whereProperty('loss', '<', 1e21, 'double_value')).toBe('loss.double_value < 1e+21');
  });

  it('put names in backticks that need them', () => {
    expect(whereProperty('mlflow.source type', '=', 'x')).toBe(
      '`mlflow.source type.string_value` = "x"'
    );
    expect(whereProperty('or', '=', 'x')).toBe('`or.string_value` = "x"');
    expect(whereProperty('a\\b', '=', 'x')).toBe('`a\\\\b.string_value` = "x"');
  });

  it('refuse what the language cannot say', () => {
    expect(() => whereProperty('a`b', '=', 'x')).toThrow(/“a`b”/);
    expect(() => where('', '=', 'x')).toThrow(/empty/);
    expect(() => where('step', '=', Infinity)).toThrow(/finite/);
  });

  it('are joined with the meaning they had', () => {
    const a = where('a', '=', 1);
    const b = where('b', '=', 2);
    expect(and(a, or(a, b))).toBe('(a = 1) AND ((a = 1) OR (b = 2))');
    expect(and(undefined, a)).toBe('a = 1');
    expect(and()).toBeUndefined();
    expect(isOneOf('state', ['LIVE', 'ARCHIVED'])).toBe('(state = "LIVE") OR (state = "ARCHIVED")');
    expect(isOneOf('state', [])).toBe('id < 0');
    expect(and(written(' '), written('a = 1 OR b = 2'), b)).toBe('(a = 1 OR b = 2) AND (b = 2)');
  });
});
