import { formatDuration } from './duration';
import { ENGLISH } from './words';

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [40, '0.1 s'],
    [450, '0.4 s'],
    [41_000, '41 s'],
    [192_000, '3 min 12 s'],
    [180_000, '3 min'],
    [7_500_000, '2 h 5 min'],
    [100_800_000, '1 d 4 h'],
    [-5, '0 s'],
    [NaN, '']
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('is what a graph says', () => {
    expect([0, 450, 41_000].map(ENGLISH.duration)).toEqual(['0 s', '0.4 s', '41 s']);
  });
});
