/** The normal distribution, to the precision of a double. Pure. */

/** The probability of a standard normal value up to `z`. */
export function normalUpTo(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const beyond = x < 2 ? 0.5 - series(x) / 2 : fraction(x) / 2;
  return z > 0 ? 1 - beyond : beyond;
}

/** The probability of a normal value between two numbers. */
export function normalBetween(from: number, to: number, mean: number, deviation: number): number {
  const [a, b] = [(from - mean) / deviation, (to - mean) / deviation];
  // Taken at the lower end, where a difference of small numbers keeps its digits.
  return a > 0 ? normalUpTo(-a) - normalUpTo(-b) : normalUpTo(b) - normalUpTo(a);
}

/** erf, by its series of terms above zero (Abramowitz and Stegun 7.1.6). */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let index = 1; term > sum * 1e-17; index += 1) {
    term *= (2 * x * x) / (2 * index + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc for larger values, by its continued fraction (Abramowitz and Stegun 7.1.14). */
function fraction(x: number): number {
  let value = x;
  for (let index = 60; index > 0; index -= 1) {
    value = x + index / 2 / value;
  }
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / value;
}
