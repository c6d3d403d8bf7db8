/** Numbers, sizes and times in the words that every view uses. Pure functions. */

import type { TranslationBundle } from '@jupyterlab/translation';

import { DAY, formatDuration, HOUR, MINUTE } from '../graph/duration';

/**
 * How long something took, or has taken so far. Empty when it has not started.
 * @param start ISO 8601
 * @param end ISO 8601; `now` is taken when it is missing
 * @param now milliseconds since the epoch
 */
export function elapsed(start: string | undefined, end: string | undefined, now: number): string {
  const from = start ? Date.parse(start) : NaN;
  const to = end ? Date.parse(end) : now;
  return Number.isNaN(from) || Number.isNaN(to) ? '' : formatDuration(to - from);
}

/** A size in bytes with two significant digits below ten: `980 B`, `1.3 MB`, `24 GB` (powers of 1000). */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) {
    return '';
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && Math.abs(value) < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** A number with at most four significant digits: `0.9876`, `12350`, `1.235e-7`. The full value belongs on hover. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) {
    return String(value);
  }
  if (Number.isInteger(value) && Math.abs(value) < 1e6) {
    return String(value);
  }
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(4));
  return size !== 0 && (size < 1e-4 || size >= 1e6)
    ? rounded.toExponential().replace('e+', 'e')
    : String(rounded);
}

/**
 * How long ago (or in how long) a moment is, in the narrow words of the locale: `now`, `2m ago`. Empty for no or a bad time.
 * @param iso ISO 8601
 * @param now milliseconds since the epoch
 * @param seconds whether to count them in the first minute
 */
export function formatRelative(
  iso: string | undefined,
  now: number,
  locale?: string,
  seconds = false
): string {
  const time = iso ? Date.parse(iso) : NaN;
  if (Number.isNaN(time)) {
    return '';
  }
  const format = relativeFormat(locale);
  const past = time - now;
  const size = Math.abs(past);
  if (size < MINUTE) {
    return format.format(seconds ? Math.trunc(past / 1000) : 0, 'second');
  }
  if (size < HOUR) {
    return format.format(Math.trunc(past / MINUTE), 'minute');
  }
  if (size < DAY) {
    return format.format(Math.trunc(past / HOUR), 'hour');
  }
  if (size < 30 * DAY) {
    return format.format(Math.trunc(past / DAY), 'day');
  }
  return size < 365 * DAY
    ? format.format(Math.trunc(past / (30 * DAY)), 'month')
    : format.format(Math.trunc(past / (365 * DAY)), 'year');
}

/** A moment in full, in the locale's words and the user's time zone. Empty for no or a bad time. */
export function formatExact(iso: string | undefined, locale?: string): string {
  const time = iso ? new Date(iso) : null;
  return !time || Number.isNaN(time.getTime()) ? '' : exactFormat(locale).format(time);
}

/** The time of day of a moment in milliseconds: `14:02`. */
export function formatClock(time: number, locale?: string): string {
  return clockFormat(locale).format(time);
}

const relativeFormat = once(
  locale => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' })
);
const exactFormat = once(
  locale => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' })
);
const clockFormat = once(
  locale => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
);

/** Makes a formatter once for each locale: that takes a hundred times as long as to use it, and a list has one in each row. */
function once<T>(make: (locale: string | undefined) => T): (locale: string | undefined) => T {
  const made = new Map<string | undefined, T>();
  return locale => {
    const known = made.get(locale) ?? make(locale);
    made.set(locale, known);
    return known;
  };
}

/** A value of any JSON type as one line of text; numbers as `formatNumber`. */
export function formatValue(value: unknown): string {
  if (typeof value === 'number') {
    return formatNumber(value);
  }
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** The language of the user interface as `Intl` knows it. */
export function localeOf(trans: TranslationBundle): string | undefined {
  const code = (trans as { locale?: string }).locale;
  return code ? code.replace('_', '-') : undefined;
}

/**
 * Splits a name so that the middle can give way: the head shrinks with an ellipsis, the tail always shows.
 * Splits between grapheme-safe code points.
 */
export function splitName(name: string, tail = 8): [string, string] {
  const points = [...name];
  return points.length <= tail * 2
    ? [name, '']
    : [points.slice(0, -tail).join(''), points.slice(-tail).join('')];
}
