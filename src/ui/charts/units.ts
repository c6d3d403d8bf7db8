/** Numbers of charts in words. Pure. */
import { formatDuration } from '../../graph/duration';
import { formatBytes, formatNumber } from '../format';

/**
 * What numbers mean: `time` is milliseconds since the epoch, `seconds` a duration, `percent` 0 to 100, `cores` and `count` amounts; `number` is
 * anything else.
 */
export type Unit = 'number' | 'count' | 'percent' | 'seconds' | 'bytes' | 'cores' | 'time';

/** How an axis is labelled: its title names the unit where the ticks do not. */
export interface IScale {
  title: string;
  tick: (value: number) => string;
}

const BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** The labels of an axis with values up to `largest`. */
export function scaleOf(label: string, unit: Unit, largest: number): IScale {
  switch (unit) {
    case 'bytes': {
      const power = Math.floor(Math.log10(Math.max(1, largest)) / 3);
      const index = Math.min(BYTES.length - 1, power);
      return {
        title: `${label} (${BYTES[index]})`,
        tick: value => formatNumber(value / 1000 ** index)
      };
    }
    case 'percent':
      return { title: `${label} (%)`, tick: formatNumber };
    case 'seconds':
      return { title: label, tick: value => formatDuration(value * 1000) };
    default:
      return { title: label, tick: formatNumber };
  }
}

/** A moment at a tick of a time axis, as exactly as it needs: `09:30`, `09:30:15`; a midnight is its day. */
export function formatTick(value: number, locale?: string): string {
  const at = new Date(value);
  const second = at.getSeconds() > 0 || at.getMilliseconds() > 0;
  if (at.getHours() === 0 && at.getMinutes() === 0 && !second) {
    return at.toLocaleDateString(locale, { day: 'numeric', month: 'short' });
  }
  return at.toLocaleTimeString(locale, {
    hour: '2-digit',
    minute: '2-digit',
    ...(second && { second: '2-digit' }),
    ...(at.getMilliseconds() > 0 && { fractionalSecondDigits: 3 }),
    hourCycle: 'h23'
  });
}

/** A value in short, for descriptions: four digits, with its unit. */
export function formatShort(value: number, unit: Unit, locale?: string): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return formatDuration(value * 1000);
    case 'percent':
      return `${formatNumber(value)} %`;
    case 'time':
      return new Date(value).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium' });
    default:
      return formatNumber(value);
  }
}

/** A value with all its digits, for tooltips and tables. */
export function formatExactly(value: number, unit: Unit, locale?: string): string {
  switch (unit) {
    case 'time':
      return new Date(value).toLocaleString(locale, {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        fractionalSecondDigits: 3,
        hourCycle: 'h23'
      });
    case 'percent':
      return `${value} %`;
    case 'seconds':
      return `${value} s`;
    case 'bytes':
      return `${value} B`;
    default:
      return String(value);
  }
}
