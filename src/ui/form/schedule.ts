/** The fields that say when a recurring run is to start its runs. Pure functions. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISchedule } from '../../client/pipelines';
import { nextTime, parseCron } from '../schedule/cron';

/** The units of an interval, in seconds. */
export const UNITS = {
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
  weeks: 604_800
} as const;

/** What stands in each field. */
export interface IScheduleTexts {
  kind: ISchedule['kind'];
  /** How many units lie between two runs. */
  every: string;
  unit: keyof typeof UNITS;
  cron: string;
  /** `2026-11-20T08:00` in the user's time zone; empty for none. */
  start: string;
  end: string;
  concurrency: string;
  catchup: boolean;
}

/** What a new schedule begins with: once a day, one run at a time, and as KFP does, making up for what was missed. */
export const NEW_SCHEDULE: IScheduleTexts = {
  kind: 'interval',
  every: '1',
  unit: 'days',
  cron: '0 0 8 * * *',
  start: '',
  end: '',
  concurrency: '1',
  catchup: true
};

/** The most runs of one recurring run that KFP lets go on at the same time. */
const MAX_CONCURRENCY = 10;
/** The longest interval whose end JavaScript can tell, in seconds. */
const MAX_INTERVAL = 100 * 366 * UNITS.days;

/** What was chosen. */
export interface IScheduleValues {
  schedule: ISchedule;
  maxConcurrency: number;
  catchup: boolean;
}

/** Errors by field, in words. */
export type ScheduleErrors = Partial<Record<keyof IScheduleTexts, string>>;

/** What the fields mean, or what is wrong with them. `now` is in milliseconds since the epoch. */
export function readSchedule(
  texts: IScheduleTexts,
  now: number,
  trans: TranslationBundle
): { values: IScheduleValues; errors?: undefined } | { errors: ScheduleErrors } {
  const errors: ScheduleErrors = {};
  const start = timeOf(texts.start);
  const end = timeOf(texts.end);
  const seconds = Number(texts.every.trim()) * UNITS[texts.unit];
  const maxConcurrency = Number(texts.concurrency.trim());
  if (texts.kind === 'cron') {
    const result = parseCron(texts.cron, trans);
    if (result.error !== undefined) {
      errors.cron = result.error;
    } else if (nextTime(result.cron, now) === undefined) {
      errors.cron = trans.__('There is no such day: this expression would never start a run.');
    }
  } else if (!Number.isInteger(Number(texts.every.trim())) || seconds < 1) {
    errors.every = trans.__('The interval must be a whole number of at least 1.');
  } else if (seconds > MAX_INTERVAL) {
    errors.every = trans.__('The interval can be a hundred years at most.');
  }
  if (start === null) {
    errors.start = trans.__('The start must be a date and a time, or empty for now.');
  }
  if (end === null) {
    errors.end = trans.__('The end must be a date and a time, or empty for none.');
  } else if (end !== undefined && end <= now) {
    errors.end = trans.__('The end must lie in the future.');
  } else if (end !== undefined && start && end <= start) {
    errors.end = trans.__('The end must come after the start.');
  }
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1 || maxConcurrency > MAX_CONCURRENCY) {
    errors.concurrency = trans.__('Give a whole number from 1 to %1.', MAX_CONCURRENCY);
  }
  if (Object.keys(errors).length > 0) {
    return { errors };
  }
  const times = { start: isoOf(start), end: isoOf(end) };
  const schedule: ISchedule =
    texts.kind === 'cron'
      ? { kind: 'cron', cron: texts.cron.trim(), ...times }
      : { kind: 'interval', seconds, ...times };
  return { values: { schedule, maxConcurrency, catchup: texts.catchup } };
}

/** A time in the user's time zone; `undefined` for an empty text, `null` for one that is none. */
function timeOf(text: string): number | null | undefined {
  if (text.trim() === '') {
    return undefined;
  }
  const time = Date.parse(text.trim());
  return Number.isNaN(time) ? null : time;
}

function isoOf(time: number | null | undefined): string | undefined {
  return time === null || time === undefined ? undefined : new Date(time).toISOString();
}
