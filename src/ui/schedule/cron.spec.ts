/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

import { nextTime, parseCron } from './cron';

const trans = nullTranslator.load('jupyterlab_kubeflow');

/** What KFP's own library says of each expression. */
const referee = readFileSync(path.join(__dirname, 'fixtures', 'cron.tsv'), 'utf8')
  .split('\n')
  .filter(line => !line.startsWith('#') && line !== '')
  .map(line => line.split('\t'));

const error = (expression: string) => parseCron(expression, trans).error;

describe('parseCron and nextTime', () => {
  it.each(referee)('agree with robfig/cron on “%s”', (expression, from, ...next) => {
    const result = parseCron(expression ?? '', trans);
    if (from === 'error') {
      expect(result.error).toMatch(/\w+ \w+/);
      return;
    }
    if (result.error !== undefined) {
      throw new Error(result.error);
    }
    const times: string[] = [];
    for (let at = Date.parse(from!); times.length < 4;) {
      const time = nextTime(result.cron, at);
      if (time === undefined) {
        break;
      }
      at = time;
      times.push(new Date(at).toISOString().replace('.000', ''));
    }
    expect(times).toEqual(next);
  });

  it('name the field that is wrong, and what it may hold', () => {
    expect(error('0 8 * *')).toMatch(/six fields.*0 0 8 \* \* \*/);
    expect(error('0 0 25 * * *')).toBe(
      'The hour cannot be “25”: numbers from 0 to 23 are known, with “,” between several, “-” for a range and “/” for a step.'
    );
    expect(error('0 0 8 * * 7')).toMatch(/^The weekday cannot be “7”: numbers from 0 to 6/);
    expect(error('@every soon')).toMatch(/such as 90m or 1h30m, not “soon”/);
  });
});
