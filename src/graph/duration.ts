/** Units of time in milliseconds. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A duration in milliseconds as its two largest units: `41 s`, `3 min 12 s`, `2 h 5 min`, `1 d 4 h`. Below a second: `0.4 s`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) {
    return '';
  }
  const value = Math.max(0, ms);
  if (value < SECOND) {
    return value === 0 ? '0 s' : `${Math.max(0.1, Math.floor(value / 100) / 10)} s`;
  }
  const units: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's']
  ];
  const first = units.findIndex(([size]) => value >= size);
  const [size, unit] = units[first]!;
  const whole = Math.floor(value / size);
  const next = units[first + 1];
  const rest = next ? Math.floor((value - whole * size) / next[0]) : 0;
  return rest > 0 ? `${whole} ${unit} ${rest} ${next![1]}` : `${whole} ${unit}`;
}
