/** Schedules of recurring runs in words, and when they come next. Pure functions. */
import { nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import type { ISchedule } from '../../client/pipelines';
import { DAY, HOUR, MINUTE, SECOND } from '../../graph/duration';
import { localeOf } from '../format';
import { type Cron, type ICronField, type ICronTimes, nextTime, parseCron } from './cron';

/**
 * A schedule as a person would say it: `Every day at 08:00 UTC`, `Every 15 minutes`. A cron expression that would take more than a sentence
 * stays as it is, and so does one that KFP's scheduler could not read.
 */
export function scheduleWords(schedule: ISchedule, trans: TranslationBundle): string {
  if (schedule.kind === 'interval') {
    return intervalWords(schedule.seconds, trans);
  }
  const cron = cronOf(schedule.cron);
  const words =
    cron?.kind === 'every'
      ? intervalWords(cron.pause / SECOND, trans)
      : cron && timesWords(cron, trans);
  return words ?? trans.__('Cron %1', schedule.cron);
}

/** What is known of a recurring run when its next times are asked for; times in milliseconds since the epoch. */
export interface IKnownTimes {
  now: number;
  /** When it was created; `now` for one that is not there yet. */
  created: number;
  /** What its last run was due at. */
  last?: number;
}

/**
 * When an enabled recurring run comes next, at most `count` times, in milliseconds since the epoch; fewer when it ends before. As KFP's
 * `ScheduledWorkflow` controller counts: an interval goes on from the last run, else from the start, else from the creation.
 */
export function nextTimes(schedule: ISchedule, known: IKnownTimes, count: number): number[] {
  const { now, created, last } = known;
  const start = schedule.start === undefined ? undefined : Date.parse(schedule.start);
  const end = schedule.end === undefined ? Infinity : Date.parse(schedule.end);
  const base = last ?? start ?? created;
  const times: number[] = [];
  for (const time of timesAfter(schedule, now, base, start)) {
    if (time > end || times.length === count) {
      break;
    }
    times.push(time);
  }
  return times;
}

/** The times of a schedule after `now`, without end. */
function* timesAfter(
  schedule: ISchedule,
  now: number,
  base: number,
  start: number | undefined
): Generator<number> {
  let pause = schedule.kind === 'interval' ? Math.max(1, schedule.seconds) * SECOND : undefined;
  if (schedule.kind === 'cron') {
    const cron = cronOf(schedule.cron);
    if (cron?.kind === 'times') {
      let at = nextTime(cron, Math.max(now, start ?? now));
      while (at !== undefined) {
        yield at;
        at = nextTime(cron, at);
      }
      return;
    }
    pause = cron?.pause;
  }
  if (pause === undefined) {
    return;
  }
  const waits = start !== undefined && start > base;
  let at = waits && schedule.kind === 'interval' ? start : Math.max(base, start ?? base) + pause;
  if (at <= now) {
    at += (Math.floor((now - at) / pause) + 1) * pause;
  }
  for (;;) {
    yield at;
    at += pause;
  }
}

/** What an expression stands for; `undefined` when KFP's scheduler could not read it. */
function cronOf(expression: string): Cron | undefined {
  const result = parseCron(expression, nullTranslator.load(''));
  return result.error === undefined ? result.cron : undefined;
}

function intervalWords(seconds: number, trans: TranslationBundle): string {
  const units: [number, (count: number) => string][] = [
    [(7 * DAY) / SECOND, n => trans._n('Every week', 'Every %1 weeks', n)],
    [DAY / SECOND, n => trans._n('Every day', 'Every %1 days', n)],
    [HOUR / SECOND, n => trans._n('Every hour', 'Every %1 hours', n)],
    [MINUTE / SECOND, n => trans._n('Every minute', 'Every %1 minutes', n)],
    [1, n => trans._n('Every second', 'Every %1 seconds', n)]
  ];
  const [size, words] =
    units.find(([size]) => seconds >= size && seconds % size === 0) ?? units[4]!;
  return words(seconds / size);
}

function timesWords(cron: ICronTimes, trans: TranslationBundle): string | undefined {
  const hours = cron.hour.values.length;
  const fewHours = hours === 1 || (hours <= 4 && stepOf(cron.hour, 24) === undefined);
  return fewHours && cron.minute.values.length === 1 && cron.second.values.length === 1
    ? atWords(cron, trans)
    : oftenWords(cron, trans);
}

/** More than a few times a day: `Every 15 minutes on weekdays`. */
function oftenWords(cron: ICronTimes, trans: TranslationBundle): string | undefined {
  const days = dayWords(cron, trans);
  const often = frequencyWords(cron, trans);
  if (days === undefined || often === undefined) {
    return undefined;
  }
  const words = isRow(cron.hour) ? withinHours(cron, often, trans) : often;
  return days === '' ? words : `${words} ${days}`;
}

/** How often within the hours that are let through: `Every 15 minutes`. */
function frequencyWords(cron: ICronTimes, trans: TranslationBundle): string | undefined {
  const { hour, minute, second } = cron;
  const allHours = hour.values.length === 24;
  if (second.values.length > 1) {
    const step = stepOf(second, 60);
    return step && minute.values.length === 60 && allHours ? intervalWords(step, trans) : undefined;
  }
  if (second.values[0] !== 0) {
    return undefined;
  }
  if (minute.values.length > 1) {
    const step = stepOf(minute, 60);
    return step && (allHours || isRow(hour)) ? intervalWords(step * 60, trans) : undefined;
  }
  const row = isRow(hour);
  const step = row ? 1 : stepOf(hour, 24);
  const often = step && intervalWords(step * 3600, trans);
  return often && minute.values[0] !== 0 && !row
    ? trans.__('%1 at minute %2', often, minute.values[0])
    : often || undefined;
}

/** `Every 15 minutes from 09:00 to 17:45 UTC`. */
function withinHours(cron: ICronTimes, often: string, trans: TranslationBundle): string {
  const { hour, minute } = cron;
  const from = clock(hour.values[0]!, minute.values[0]!, 0);
  const to = clock(hour.values.at(-1)!, minute.values.at(-1)!, 0);
  return trans.__('%1 from %2 to %3 UTC', often, from, to);
}

/** One time or a few a day: `Every weekday at 08:00 UTC`. */
function atWords(cron: ICronTimes, trans: TranslationBundle): string | undefined {
  const locale = localeOf(trans);
  const { day, month, weekday } = cron;
  const times = listOf(
    cron.hour.values.map(hour => clock(hour, cron.minute.values[0]!, cron.second.values[0]!)),
    locale
  );
  const anyDay = day.values.length === 31;
  const anyWeekday = weekday.values.length === 7;
  if (month.values.length === 1 && day.values.length === 1 && anyWeekday) {
    const date = new Date(Date.UTC(2024, month.values[0]! - 1, day.values[0]));
    const format = { day: 'numeric', month: 'long', timeZone: 'UTC' } as const;
    // A day that the month does not have would come out as one of the next month.
    return date.getUTCDate() === day.values[0]
      ? trans.__('Every year on %1 at %2 UTC', date.toLocaleDateString(locale, format), times)
      : undefined;
  }
  if (month.values.length < 12) {
    return undefined;
  }
  if (anyDay && anyWeekday) {
    return trans.__('Every day at %1 UTC', times);
  }
  if (anyDay && weekday.values.join() === WORKDAYS) {
    return trans.__('Every weekday at %1 UTC', times);
  }
  if (anyDay) {
    return trans.__('Every %1 at %2 UTC', weekdays(weekday, locale), times);
  }
  return anyWeekday && day.values.length <= 4
    ? trans.__('Every month on day %1 at %2 UTC', listOf(day.values.map(String), locale), times)
    : undefined;
}

/** The days on which something comes often: empty for every day, `undefined` where they take more than a few words. */
function dayWords(cron: ICronTimes, trans: TranslationBundle): string | undefined {
  const { day, month, weekday } = cron;
  if (month.values.length < 12 || day.values.length < 31) {
    return undefined;
  }
  if (weekday.values.length === 7) {
    return '';
  }
  return weekday.values.join() === WORKDAYS
    ? trans.__('on weekdays')
    : trans.__('on %1', weekdays(weekday, localeOf(trans)));
}

const WORKDAYS = '1,2,3,4,5';

function weekdays(field: ICronField, locale: string | undefined): string {
  // Sunday comes last, as in a week that begins with Monday.
  const order = [...field.values].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7));
  const names = order.map(weekday =>
    // 7 January 2024 was a Sunday.
    new Date(Date.UTC(2024, 0, 7 + weekday)).toLocaleDateString(locale, {
      weekday: 'long',
      timeZone: 'UTC'
    })
  );
  return listOf(names, locale);
}

function listOf(items: string[], locale: string | undefined): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(items);
}

/** The step of a field of `size` values from 0 on that divides it evenly, so that it goes on over the end. */
function stepOf({ values }: ICronField, size: number): number | undefined {
  const step = size / values.length;
  return Number.isInteger(step) && values.every((value, index) => value === index * step)
    ? step
    : undefined;
}

/** Whether these hours follow one another, but are not all. */
function isRow({ values }: ICronField): boolean {
  return values.length < 24 && values.every((hour, index) => hour === values[0]! + index);
}

function clock(hour: number, minute: number, second: number): string {
  const parts = second === 0 ? [hour, minute] : [hour, minute, second];
  return parts.map(part => String(part).padStart(2, '0')).join(':');
}
