import {
  elapsed,
  formatBytes,
  formatExact,
  formatNumber,
  formatRelative,
  formatValue,
  splitName
} from './format';

describe('elapsed', () => {
  it('counts up to now while there is no end', () => {
    const start = '2026-11-20T10:00:00Z';
    expect(elapsed(start, undefined, Date.parse('2026-11-20T10:00:41Z'))).toBe('41 s');
    expect(elapsed(start, '2026-11-20T10:00:12Z', Date.now())).toBe('12 s');
    expect(elapsed(undefined, undefined, 0)).toBe('');
    expect(elapsed('nonsense', undefined, 0)).toBe('');
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [980, '980 B'],
    [1_300_000, '1.3 MB'],
    [24_000_000_000, '24 GB'],
    [999_999, '1.0 MB']
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatNumber', () => {
  it.each([
    [0.987654, '0.9877'],
    [1797, '1797'],
    [123.456, '123.5'],
    [0.0000001234567, '1.235e-7'],
    [12345678.9, '1.235e7'],
    [-0.5, '-0.5'],
    [0, '0'],
    [NaN, 'NaN']
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe('relative and exact times', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  it.each([
    ['2026-11-20T09:59:30Z', 'now'],
    ['2026-11-20T09:58:00Z', '2m ago'],
    ['2026-11-20T07:00:00Z', '3h ago'],
    ['2026-11-15T07:00:00Z', '5d ago']
  ])('%s is %s', (iso, text) => {
    expect(formatRelative(iso, now, 'en').replace(' min.', 'm').replace(' hr.', 'h')).toBe(text);
  });
  it('counts seconds where that is asked for', () => {
    const ago = (iso: string) => formatRelative(iso, now, 'en', true).replace(' sec.', 's');
    expect(ago('2026-11-20T09:59:30Z')).toBe('30s ago');
    expect(ago('2026-11-20T10:00:00Z')).toBe('now');
    expect(ago('2026-11-20T09:58:00Z')).toBe(formatRelative('2026-11-20T09:58:00Z', now, 'en'));
  });
  it('is empty for a missing or unreadable time', () => {
    expect(formatRelative(undefined, now)).toBe('');
    expect(formatRelative('x', now)).toBe('');
    expect(formatExact('x')).toBe('');
  });
  it('tells the exact time in full', () => {
    expect(formatExact('2026-11-20T10:00:00Z', 'en')).toContain('2026');
  });
});

it('formats values of any type on one line', () => {
  expect(formatValue(0.123456)).toBe('0.1235');
  expect(formatValue('a')).toBe('a');
  expect(formatValue([1, { a: 2 }])).toBe('[1,{"a":2}]');
  expect(formatValue(undefined)).toBe('');
});

describe('splitName', () => {
  it('keeps short names whole and the tail of long ones', () => {
    expect(splitName('digits')).toEqual(['digits', '']);
    expect(splitName('digits-2026-11-20-run-000042')).toEqual(['digits-2026-11-20-ru', 'n-000042']);
  });
  it('never cuts a code point in two', () => {
    const [head, tail] = splitName('🚀'.repeat(20));
    expect(head + tail).toBe('🚀'.repeat(20));
    expect([...tail]).toHaveLength(8);
  });
});
