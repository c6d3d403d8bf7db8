/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';

import type { ISchedule } from '../../client/pipelines';
import { nextTimes, scheduleWords } from './words';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const cron = (expression: string, times: { start?: string; end?: string } = {}): ISchedule => ({
  kind: 'cron',
  cron: expression,
  ...times
});

describe('scheduleWords', () => {
  it.each([
    ['0 0 8 * * *', 'Every day at 08:00 UTC'],
    ['0 0 8 * * ?', 'Every day at 08:00 UTC'],
    ['30 5 0 * * *', 'Every day at 00:05:30 UTC'],
    ['0 0 8,20 * * *', 'Every day at 08:00 and 20:00 UTC'],
    ['0 30 9 * * 1-5', 'Every weekday at 09:30 UTC'],
    ['0 30 9 * * MON,THU', 'Every Monday and Thursday at 09:30 UTC'],
    ['0 0 0 * * 0,6', 'Every Saturday and Sunday at 00:00 UTC'],
    ['0 0 0 1 * *', 'Every month on day 1 at 00:00 UTC'],
    ['0 0 12 1,15 * *', 'Every month on day 1 and 15 at 12:00 UTC'],
    ['0 0 6 29 feb *', 'Every year on February 29 at 06:00 UTC'],
    ['0 */15 * * * *', 'Every 15 minutes'],
    ['0 * * * * *', 'Every minute'],
    ['*/10 * * * * *', 'Every 10 seconds'],
    ['* * * * * *', 'Every second'],
    ['0 0 * * * *', 'Every hour'],
    ['0 10 * * * *', 'Every hour at minute 10'],
    ['0 0 */2 * * *', 'Every 2 hours'],
    ['0 30 */6 * * *', 'Every 6 hours at minute 30'],
    ['0 */15 9-17 * * 1-5', 'Every 15 minutes from 09:00 to 17:45 UTC on weekdays'],
    ['0 */20 9 * * *', 'Every 20 minutes from 09:00 to 09:40 UTC'],
    ['0 15 9-17 * * *', 'Every hour from 09:15 to 17:15 UTC'],
    ['0 */15 * * * 6', 'Every 15 minutes on Saturday'],
    ['@daily', 'Every day at 00:00 UTC'],
    ['@hourly', 'Every hour'],
    ['@weekly', 'Every Sunday at 00:00 UTC'],
    ['@yearly', 'Every year on January 1 at 00:00 UTC'],
    ['@every 1h30m', 'Every 90 minutes'],
    // KFP takes the first of five fields for the second.
    ['0 8 * * *', 'Every hour at minute 8'],
    ['0 0 8 * *', 'Every day at 08:00 UTC']
  ])('says “%s” as “%s”', (expression, words) => {
    expect(scheduleWords(cron(expression), trans)).toBe(words);
  });

  it.each([
    '0 0 8 1 * 1',
    '0 */7 * * * *',
    '0 0 8 * 3,6 *',
    '15 */5 * * * *',
    '0 0 8 1-20 * *',
    '*/10 */2 * * * *',
    '0 0 0 31 2 *',
    'nonsense'
  ])('leaves “%s” as it is', expression => {
    expect(scheduleWords(cron(expression), trans)).toBe(`Cron ${expression}`);
  });

  it.each([
    [900, 'Every 15 minutes'],
    [60, 'Every minute'],
    [90, 'Every 90 seconds'],
    [3600, 'Every hour'],
    [5400, 'Every 90 minutes'],
    [86400, 'Every day'],
    [1209600, 'Every 2 weeks']
  ])('says an interval of %s seconds as “%s”', (seconds, words) => {
    expect(scheduleWords({ kind: 'interval', seconds }, trans)).toBe(words);
  });
});

describe('nextTimes', () => {
  const at = (time: string) => Date.parse(`2026-11-20T${time}Z`);
  const created = at('09:00:00');
  const next = (schedule: ISchedule, now: string, last?: string, count = 2) =>
    nextTimes(schedule, { now: at(now), created, last: last ? at(last) : undefined }, count).map(
      time => new Date(time).toISOString().slice(11, 19)
    );
  const hourly: ISchedule = { kind: 'interval', seconds: 3600 };

  it('counts an interval from the last run, else from the start, else from the creation', () => {
    expect(next(hourly, '09:20:00')).toEqual(['10:00:00', '11:00:00']);
    expect(next(hourly, '10:20:00', '10:05:00')).toEqual(['11:05:00', '12:05:00']);
    const start = '2026-11-20T12:00:00Z';
    expect(next({ ...hourly, start }, '09:20:00')).toEqual(['13:00:00', '14:00:00']);
    expect(next({ ...hourly, start }, '09:20:00', '09:10:00')).toEqual(['12:00:00', '13:00:00']);
  });

  it('leaves out what was missed', () => {
    expect(next(hourly, '15:30:00', '10:05:00')).toEqual(['16:05:00', '17:05:00']);
    expect(next(hourly, '11:00:00')).toEqual(['12:00:00', '13:00:00']);
  });

  it('keeps to start and end', () => {
    const times = { start: '2026-11-20T12:00:00Z', end: '2026-11-20T12:20:00Z' };
    expect(next(cron('0 */15 * * * *', times), '09:20:00')).toEqual(['12:15:00']);
    expect(next(cron('0 */15 * * * *', times), '12:21:00')).toEqual([]);
    expect(next({ ...hourly, end: times.end }, '09:20:00', undefined, 9)).toHaveLength(3);
  });

  it('reads @every as a pause, and gives nothing for what cannot be read or never comes', () => {
    expect(next(cron('@every 90m'), '09:20:00')).toEqual(['10:30:00', '12:00:00']);
    expect(next(cron('nonsense'), '09:20:00')).toEqual([]);
    expect(next(cron('0 0 0 30 2 *'), '09:20:00')).toEqual([]);
  });
});
