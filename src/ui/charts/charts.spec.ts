/** @jest-environment node */
import { nullTranslator } from '@jupyterlab/translation';

import { csvOf } from './csv';
import { describe as inWords } from './describe';
import { oncePerFrame } from './frames';
import { lookOf } from './lines';
import { placesOf } from './png';
import { extent, pointAt, rowsOf, seriesOf, showsZero, thinned } from './series';
import { LINES } from './theme';
import { formatExactly, formatShort, formatTick, scaleOf } from './units';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const TIME = { label: 'Time', unit: 'time' } as const;
const STEP = { label: 'step', unit: 'number' } as const;
const LOSS = { label: 'loss', unit: 'number' } as const;

/** A line through points. */
const line = (name: string, x: number[], y: number[]) =>
  seriesOf(name, Float64Array.from(x), Float64Array.from(y));

describe('series', () => {
  it('are in the order of x, those of one x as they came', () => {
    const { x, y } = line('loss', [3, 1, 2, 1], [30, 10, 20, 11]);
    expect([...x]).toEqual([1, 1, 2, 3]);
    expect([...y]).toEqual([10, 11, 20, 30]);
  });

  it('have the limits of their finite numbers', () => {
    expect(extent([[NaN, 2, Infinity], [-1]])).toEqual([-1, 2]);
    expect(extent([[NaN], []])).toBeUndefined();
  });

  it('tell the last point up to a place', () => {
    const sparse = line('eval_loss', [2, 4, 4, 6], [0.5, 0.4, 0.3, NaN]);
    expect([1, 2, 3, 4, 5, 6].map(x => pointAt(sparse, x))).toEqual([
      undefined,
      { x: 2, y: 0.5 },
      { x: 2, y: 0.5 },
      { x: 4, y: 0.3 },
      { x: 4, y: 0.3 },
      undefined
    ]);
  });

  it('are thinned to what can be told apart, in the part that is shown', () => {
    const x = Float64Array.from({ length: 10_000 }, (_, index) => index);
    const y = x.map(each => (each === 4321 ? 9 : each === 4322 ? -9 : (each % 7) / 7));
    const all = thinned({ name: 'loss', x, y }, [0, 9999], 100);
    expect(all.x.length).toBeLessThanOrEqual(404);
    expect([all.x[0], all.x.at(-1)]).toEqual([0, 9999]);
    expect(extent([all.y])).toEqual([-9, 9]);
    expect([...all.x]).toEqual([...all.x].sort((one, other) => one - other));
    const part = thinned({ name: 'loss', x, y }, [4000, 4100], 100);
    expect([...part.x]).toEqual(
      expect.arrayContaining([0, 3999, ...x.subarray(4000, 4101), 4101, 9999])
    );
    expect(part.x.length).toBeLessThan(120);
    const few = line('few', [1, 2, 3], [1, NaN, 3]);
    expect(thinned(few, [1, 3], 100)).toEqual(few);
    const gap = thinned({ name: 'gap', x, y: y.fill(NaN, 5000, 6000) }, [0, 9999], 100);
    expect(gap.y.some(Number.isNaN)).toBe(true);
  });

  it('make rows that lose no point', () => {
    const one = line('one', [1, 2, 2], [0.1, NaN, 0.3]);
    const other = line('other', [2, 3], [5, 6]);
    expect(rowsOf([one, other])).toEqual([
      { x: 1, values: [0.1, undefined] },
      { x: 2, values: [NaN, 5] },
      { x: 2, values: [0.3, undefined] },
      { x: 3, values: [undefined, 6] }
    ]);
    expect(rowsOf([])).toEqual([]);
  });

  it.each([
    ['bytes', [900, 1000], true],
    ['number', [0.9, 1], false],
    ['number', [0.46, 0.95], false],
    ['number', [0.2, 1], false],
    ['number', [0.05, 1], true],
    ['number', [-1, -0.05], true],
    ['number', [-1, 0.5], true],
    ['number', [0, 0], true],
    ['number', [-5, -4], false],
    ['number', undefined, true]
  ] as const)('show zero where it matters: %s %j', (unit, range, shows) => {
    expect(showsZero(unit, range)).toBe(shows);
  });
});

describe('units', () => {
  it('stand in the title of an axis, or at its ticks', () => {
    const memory = scaleOf('Memory', 'bytes', 3.2e9);
    expect([memory.title, memory.tick(1.5e9)]).toEqual(['Memory (GB)', '1.5']);
    expect(scaleOf('Memory', 'bytes', 0).title).toBe('Memory (B)');
    expect(scaleOf('Progress', 'percent', 100).title).toBe('Progress (%)');
    const elapsed = scaleOf('Elapsed', 'seconds', 600);
    expect([elapsed.title, elapsed.tick(90)]).toEqual(['Elapsed', '1 min 30 s']);
    expect(scaleOf('loss', 'number', 1)).toMatchObject({ title: 'loss' });
  });

  it('are short in descriptions and exact elsewhere', () => {
    expect(formatShort(0.123456789, 'number')).toBe('0.1235');
    expect(formatExactly(0.123456789, 'number')).toBe('0.123456789');
    expect(formatShort(1234567, 'bytes')).toBe('1.2 MB');
    expect(formatExactly(1234567, 'bytes')).toBe('1234567 B');
    expect(formatExactly(33.5, 'percent')).toBe('33.5 %');
    expect(formatExactly(Date.UTC(2026, 0, 31, 12, 0, 0, 7), 'time', 'en-GB')).toContain('00.007');
  });
});

describe('ticks of time', () => {
  it('are as exact as they need, and name the day at midnight', () => {
    const at = (...parts: number[]) =>
      formatTick(new Date(2026, 10, 22, ...(parts as [number])).getTime(), 'en-GB');
    expect(at(0)).toBe('22 Nov');
    expect(at(0, 1)).toBe('00:01');
    expect(at(9, 30, 15)).toBe('09:30:15');
    expect(at(9, 30, 0, 250)).toBe('09:30:00.250');
  });
});

describe('csv', () => {
  it('has every point exactly, and quotes names', () => {
    const at = Date.UTC(2026, 0, 31, 12);
    const series = [line('loss, "mean"', [at, at + 1], [1 / 3, NaN]), line('acc', [at], [0.5])];
    expect(csvOf(TIME, series)).toBe(
      'Time,"loss, ""mean""",acc\r\n' +
        '2026-01-31T12:00:00.000Z,0.3333333333333333,0.5\r\n' +
        '2026-01-31T12:00:00.001Z,NaN,\r\n'
    );
  });
});

describe('words', () => {
  it('tell from where to where lines go', () => {
    const series = [line('loss', [1, 2, 3], [2, 0.25, 0.5]), line('nan', [1], [NaN])];
    expect(inWords({ title: 'loss', x: STEP, y: LOSS, series }, trans)).toBe(
      'loss, line chart over step from 1 to 3. loss goes from 2 to 0.5 in 3 values, lowest 0.25, highest 2. nan has no numbers.'
    );
  });

  it('say how many lines they leave out', () => {
    const series = Array.from({ length: 11 }, (_, index) => line(`m${index}`, [1], [index]));
    expect(inWords({ title: 'all', x: STEP, y: LOSS, series }, trans)).toMatch(
      /m7 is 7\. 3 more lines\.$/
    );
    expect(inWords({ title: 'all', x: STEP, y: LOSS, series: [] }, trans)).toBe(
      'all: no values yet.'
    );
  });
});

it('gives each of many lines a look of its own', () => {
  const looks = Array.from({ length: 3 * LINES.length }, (_, place) => lookOf(place));
  expect(new Set(looks.map(({ variable, dash }) => variable + dash)).size).toBe(looks.length);
});

it('puts the names of lines in rows that fit', () => {
  expect(placesOf([50, 50, 200, 10], 130)).toEqual([
    { x: 0, row: 0 },
    { x: 66, row: 0 },
    { x: 0, row: 1 },
    { x: 0, row: 2 }
  ]);
});

describe('frames', () => {
  const frames: (() => void)[] = [];
  const global = globalThis as unknown as Record<string, unknown>;
  let now = 0;

  beforeAll(() => {
    global['requestAnimationFrame'] = (frame: () => void) => frames.push(frame);
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });

  afterAll(() => {
    delete global['requestAnimationFrame'];
    jest.restoreAllMocks();
  });

  const play = () => frames.splice(0).forEach(frame => frame());

  it('do what was asked for once, and nothing that was dropped', () => {
    const work = jest.fn();
    const { request, cancel } = oncePerFrame(work);
    request();
    request();
    play();
    expect(work).toHaveBeenCalledTimes(1);
    request();
    cancel();
    play();
    expect(work).toHaveBeenCalledTimes(1);
    expect(frames).toEqual([]);
  });

  it('leave to the next one what would take too long', () => {
    const done: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      oncePerFrame(() => {
        done.push(name);
        now += 6;
      }).request();
    }
    play();
    expect(done).toEqual(['one', 'two']);
    play();
    expect(done).toEqual(['one', 'two', 'three']);
  });
});
