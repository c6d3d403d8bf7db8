/** @jest-environment node */
import { amountOf } from './quantity';

it.each([
  ['0.5', 0.5],
  ['500m', 0.5],
  ['12345678n', 0.012345678],
  ['1Ki', 1024],
  ['1.5Gi', 1.5 * 1024 ** 3],
  ['2E', 2e18],
  ['2Ei', 2 * 1024 ** 6],
  ['2e3', 2000],
  ['2E+3', 2000],
  [4, 4],
  ['-1M', -1e6]
])('reads %s', (quantity, amount) => {
  expect(amountOf(quantity)).toBe(amount);
});

it.each(['', 'one', '1 Gi', '1GB', '1i', undefined])('takes %s for none', quantity => {
  expect(amountOf(quantity)).toBeUndefined();
});
