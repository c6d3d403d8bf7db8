/**
 * Cron expressions as KFP's scheduler reads them: `Parse` of robfig/cron 1.2 with six fields, seconds first, of which the last, the weekday,
 * may be left out; or a word such as `@daily` or `@every 90m`. The scheduler's times are UTC unless its installation says otherwise. Pure functions.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { DAY, HOUR, MINUTE, SECOND } from '../../graph/duration';

/** The values that one field lets through, in ascending order. */
export interface ICronField {
  readonly values: readonly number[];
  /** Whether it has a `*` or `?`: only two restricted day fields are alternatives to each other. */
  readonly star: boolean;
}

/** The times that a cron expression stands for. */
export interface ICronTimes {
  readonly kind: 'times';
  readonly second: ICronField;
  readonly minute: ICronField;
  readonly hour: ICronField;
  readonly day: ICronField;
  readonly month: ICronField;
  /** 0 is Sunday. */
  readonly weekday: ICronField;
}

/** What a cron expression stands for; `@every` is a pause of whole seconds, here in milliseconds. */
export type Cron = ICronTimes | { readonly kind: 'every'; readonly pause: number };

/** An expression that was read, or in a sentence why it cannot be. */
export type CronResult = { cron: Cron; error?: undefined } | { error: string };

const WORDS: Record<string, string> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *'
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Go's units of a duration, in milliseconds. */
const UNITS: Record<string, number> = {
  h: HOUR,
  m: MINUTE,
  s: SECOND,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6
};

/** Reads an expression. */
export function parseCron(expression: string, trans: TranslationBundle): CronResult {
  const text = expression.trim();
  if (text.startsWith('@every ')) {
    return parseEvery(text.slice('@every '.length), trans);
  }
  const parts = (WORDS[text] ?? text).split(/\s+/);
  if (parts.length < 5 || parts.length > 6) {
    return {
      error: trans.__(
        'The expression must have six fields: second, minute, hour, day, month and weekday, for example 0 0 8 * * * for every day at 08:00.'
      )
    };
  }
  const fields: IFieldKind[] = [
    { name: trans.__('second'), min: 0, max: 59 },
    { name: trans.__('minute'), min: 0, max: 59 },
    { name: trans.__('hour'), min: 0, max: 23 },
    { name: trans.__('day'), min: 1, max: 31 },
    { name: trans.__('month'), min: 1, max: 12, words: MONTHS },
    { name: trans.__('weekday'), min: 0, max: 6, words: WEEKDAYS }
  ];
  const read: ICronField[] = [];
  for (const [index, kind] of fields.entries()) {
    const part = parts[index] ?? '*';
    const field = parseField(part, kind);
    if (!field) {
      return {
        error: trans.__(
          'The %1 cannot be “%2”: numbers from %3 to %4 are known, with “,” between several, “-” for a range and “/” for a step.',
          kind.name,
          part,
          kind.min,
          kind.max
        )
      };
    }
    read.push(field);
  }
  const [second, minute, hour, day, month, weekday] = read as [
    ICronField,
    ICronField,
    ICronField,
    ICronField,
    ICronField,
    ICronField
  ];
  return { cron: { kind: 'times', second, minute, hour, day, month, weekday } };
}

/**
 * The first time after `after`, in milliseconds; `undefined` when there is none within five years, such as for 30 February.
 * @param after - milliseconds since the epoch; for `@every`, when it started last
 */
export function nextTime(cron: Cron, after: number): number | undefined {
  if (cron.kind === 'every') {
    return Math.floor(after / SECOND) * SECOND + cron.pause;
  }
  const from = (Math.floor(after / SECOND) + 1) * SECOND;
  const today = Math.floor(from / DAY) * DAY;
  const lastYear = new Date(from).getUTCFullYear() + 5;
  for (let day = today; new Date(day).getUTCFullYear() <= lastYear; day += DAY) {
    const time = isDay(cron, new Date(day)) ? timeOfDay(cron, from - day) : undefined;
    if (time !== undefined) {
      return day + time;
    }
  }
  return undefined;
}

interface IFieldKind {
  name: string;
  min: number;
  max: number;
  /** Names of the values from `min` on. */
  words?: readonly string[];
}

function parseField(text: string, kind: IFieldKind): ICronField | undefined {
  const values = new Set<number>();
  let star = false;
  for (const range of text.split(',').filter(part => part !== '')) {
    const [ends = '', step, ...more] = range.split('/');
    const [low = '', high, ...others] = ends.split('-');
    const all = low === '*' || low === '?';
    const first = all ? kind.min : valueOf(low, kind);
    const single = high === undefined;
    const last = all || (single && step !== undefined) ? kind.max : valueOf(high ?? low, kind);
    const by = step === undefined ? 1 : numberOf(step);
    if (
      more.length > 0 ||
      (!all && others.length > 0) ||
      first === undefined ||
      last === undefined ||
      !by ||
      first < kind.min ||
      last > kind.max ||
      first > last
    ) {
      return undefined;
    }
    star ||= all;
    for (let value = first; value <= last; value += by) {
      values.add(value);
    }
  }
  return values.size > 0 ? { values: [...values].sort((a, b) => a - b), star } : undefined;
}

function valueOf(text: string, kind: IFieldKind): number | undefined {
  const at = kind.words?.indexOf(text.toLowerCase()) ?? -1;
  return at >= 0 ? at + kind.min : numberOf(text);
}

function numberOf(text: string): number | undefined {
  return /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

function parseEvery(text: string, trans: TranslationBundle): CronResult {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|ns)/g)];
  if (text === '' || parts.map(part => part[0]).join('') !== text) {
    return {
      error: trans.__('After @every comes a time such as 90m or 1h30m, not “%1”.', text)
    };
  }
  const pause = parts.reduce((sum, part) => sum + Number(part[1]) * UNITS[part[2]!]!, 0);
  return { cron: { kind: 'every', pause: Math.max(1, Math.floor(pause / SECOND)) * SECOND } };
}

function isDay({ day, month, weekday }: ICronTimes, date: Date): boolean {
  const byDay = day.values.includes(date.getUTCDate());
  const byWeekday = weekday.values.includes(date.getUTCDay());
  return (
    month.values.includes(date.getUTCMonth() + 1) &&
    (day.star || weekday.star ? byDay && byWeekday : byDay || byWeekday)
  );
}

/** The first time of a day that matches, in milliseconds after its start, not before `from`. */
function timeOfDay({ hour, minute, second }: ICronTimes, from: number): number | undefined {
  for (const h of hour.values) {
    for (const m of minute.values) {
      const time = h * HOUR + m * MINUTE;
      if (time + MINUTE > from) {
        const s = second.values.find(value => time + value * SECOND >= from);
        if (s !== undefined) {
          return time + s * SECOND;
        }
      }
    }
  }
  return undefined;
}
