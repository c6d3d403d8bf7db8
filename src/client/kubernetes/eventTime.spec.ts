import { compareTimes } from './eventTime';

it.each([
  ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000001Z'],
  ['2026-11-20T10:00:00.000001Z', '2026-11-20T10:00:00.000002Z'],
  ['2026-11-20T10:00:00.1Z', '2026-11-20T10:00:00.100000001Z'],
  ['2026-11-20T10:00:00.9Z', '2026-11-20T10:00:01Z'],
  ['2026-11-20T11:00:00+02:00', '2026-11-20T10:00:00Z'],
  ['', '2026-11-20T10:00:00Z']
])('%s is before %s', (earlier, later) => {
  expect(compareTimes(earlier, later)).toBeLessThan(0);
  expect(compareTimes(later, earlier)).toBeGreaterThan(0);
});

it.each([
  ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000000Z'],
  ['2026-11-20T12:00:00+02:00', '2026-11-20T10:00:00Z'],
  ['', '']
])('%s is the same time as %s', (one, other) => expect(compareTimes(one, other)).toBe(0));
