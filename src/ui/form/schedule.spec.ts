/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';

import { type IScheduleTexts, NEW_SCHEDULE, readSchedule } from './schedule';

const trans = nullTranslator.load('');
const now = new Date(2026, 10, 20, 8).getTime();
const read = (change: Partial<IScheduleTexts>) =>
  readSchedule({ ...NEW_SCHEDULE, ...change }, now, trans);
const errors = (change: Partial<IScheduleTexts>) => read(change).errors;

describe('readSchedule', () => {
  it('reads an interval in its unit', () => {
    expect(read({ every: ' 15 ', unit: 'minutes', concurrency: '3', catchup: false })).toEqual({
      values: {
        schedule: { kind: 'interval', seconds: 900 },
        maxConcurrency: 3,
        catchup: false
      }
    });
  });

  it('reads a cron expression, and times in the user’s time zone', () => {
    const texts = { start: '2026-11-21T08:30', end: '2026-12-01T00:00' };
    expect(read({ kind: 'cron', cron: ' 0 0 8 * * * ', ...texts }).errors).toBeUndefined();
    expect(read({ kind: 'cron', cron: ' 0 0 8 * * * ', ...texts })).toMatchObject({
      values: {
        schedule: {
          kind: 'cron',
          cron: '0 0 8 * * *',
          start: new Date(2026, 10, 21, 8, 30).toISOString(),
          end: new Date(2026, 11, 1).toISOString()
        }
      }
    });
  });

  it('says at each field what is wrong with it', () => {
    for (const every of ['', '0', '-1', '1.5', 'often']) {
      expect(errors({ every })).toEqual({
        every: 'The interval must be a whole number of at least 1.'
      });
    }
    expect(errors({ every: '9999', unit: 'weeks' })?.every).toMatch(/a hundred years/);
    for (const concurrency of ['', '0', '11', '1.5']) {
      expect(errors({ concurrency })).toEqual({ concurrency: 'Give a whole number from 1 to 10.' });
    }
    expect(errors({ kind: 'cron', cron: '0 0 25 * * *' })?.cron).toMatch(/^The hour cannot be/);
    expect(errors({ kind: 'cron', cron: '0 0 0 30 2 *' })?.cron).toMatch(/never start a run/);
    expect(errors({ start: 'soon', end: 'late' })).toEqual({
      start: 'The start must be a date and a time, or empty for now.',
      end: 'The end must be a date and a time, or empty for none.'
    });
    expect(errors({ end: '2026-11-20T07:59' })?.end).toMatch(/in the future/);
    expect(errors({ start: '2026-11-22T08:00', end: '2026-11-21T08:00' })?.end).toMatch(/after/);
  });

  it('leaves the fields of the other kind alone', () => {
    expect(errors({ cron: 'nonsense' })).toBeUndefined();
    expect(errors({ kind: 'cron', every: 'nonsense' })).toBeUndefined();
  });
});
