/** @jest-environment node */
import { makeStudy, makeTrial as trial } from '../../testing/study';
import type { IParameter, ITrial } from '../model/study';
import { columnsOf, parameterColumn, placesOf } from './columns';
import { linesOf, metricsOf, oversOf } from './curves';
import { bestFirst } from './order';
import { bestSoFar } from './progress';
import type { ISeries } from './props';
import { TrialSeries } from './trialSeries';

const studyOf = (trials: ITrial[], direction: 'maximize' | 'minimize' = 'minimize') =>
  makeStudy(trials, { objective: { metric: 'loss', direction } });

describe('columns', () => {
  const values = (parameter: Partial<IParameter>, texts: (string | undefined)[]) => {
    const all = texts.map((text, index) =>
      trial(index + 1, { parameters: text === undefined ? {} : { p: text } })
    );
    return parameterColumn({ name: 'p', type: 'double', log: false, ...parameter }, all);
  };

  it('have numbers as they are, and nothing for what is none', () => {
    const column = values({ min: 0, max: 1 }, ['0.1', '1e-3', 'nan', undefined, 'Infinity']);
    expect([...column.values]).toEqual([0.1, 0.001, NaN, NaN, NaN]);
    expect([column.kind, column.limits]).toEqual(['linear', [0, 1]]);
  });

  it('are logarithmic where the experiment says so and zero is not all there is', () => {
    expect(values({ log: true, min: 0, max: 1 }, ['0', '0.1']).kind).toBe('log');
    expect(values({ log: true }, ['0']).kind).toBe('linear');
  });

  it('have discrete values as categories by size, however they are written', () => {
    const column = values({ type: 'discrete', choices: ['64', '16', '0.1'] }, [
      '16.0',
      '0.10',
      '7'
    ]);
    expect(column.categories).toEqual(['0.1', '16', '64', '7']);
    expect([...column.values]).toEqual([1, 0, 3]);
  });

  it('have many discrete values as numbers, and words as categories', () => {
    const choices = Array.from({ length: 40 }, (_, index) => String(index));
    expect(values({ type: 'discrete', choices }, ['7'])).toMatchObject({
      kind: 'linear',
      limits: [0, 39]
    });
    expect(values({ type: 'discrete', choices: ['b', 'a'] }, ['a']).categories).toEqual(['b', 'a']);
  });

  it('end with the objective', () => {
    const study = studyOf([trial(1, { objective: 2, parameters: { lr: '0.1' } }), trial(2)]);
    const [lr, loss] = columnsOf(study);
    expect(lr).toMatchObject({ name: 'lr', kind: 'log' });
    expect(loss).toMatchObject({ name: 'loss', better: 'lower' });
    expect([...loss!.values]).toEqual([2, NaN]);
  });

  it('know which trials are chosen', () => {
    const { trials } = studyOf([trial(1), trial(2)]);
    expect(placesOf(new Set(['t2', 'gone']), trials)).toEqual(new Set([1]));
    expect(placesOf(new Set(['gone']), trials)).toBeUndefined();
  });
});

describe('the best', () => {
  const trials = [undefined, 3, 4, NaN, 1, 1, undefined, 2].map((objective, index) =>
    trial(index + 1, { objective })
  );

  it('so far is told where it changes', () => {
    expect(bestSoFar(studyOf(trials))).toEqual([
      { number: 2, value: 3 },
      { number: 5, value: 1 }
    ]);
    expect(bestSoFar(studyOf(trials, 'maximize')).map(each => each.value)).toEqual([3, 4]);
    expect(bestSoFar(studyOf([]))).toEqual([]);
  });

  it('come first, those without a value last', () => {
    const names = (direction: 'maximize' | 'minimize') =>
      bestFirst(studyOf(trials, direction)).map(({ number }) => number);
    expect(names('minimize')).toEqual([5, 6, 8, 2, 3, 1, 4, 7]);
    expect(names('maximize')).toEqual([3, 2, 8, 5, 6, 1, 4, 7]);
  });
});

describe('curves', () => {
  const readings = (...values: [time: number, value: number][]) =>
    values.map(([time, value]) => ({ time, value }));
  const history = (metrics: ISeries['metrics']): ISeries => ({ source: 'history', metrics });
  const one = {
    name: 'one',
    series: history({
      loss: readings([1000, 3], [2000, NaN], [4000, 1]),
      epoch: readings([1000, 1], [2000, 2], [4000, 3]),
      eval: readings([3500, 0.5])
    })
  };
  const other = { name: 'other', series: history({ loss: readings([500, 2]) }) };
  const points = (lines: { x: Float64Array; y: Float64Array }[]) =>
    lines.map(({ x, y }) => [[...x], [...y]]);

  it('are of the objective first, and of what is a number', () => {
    const silent = { name: 'silent', series: history({ note: readings([1, NaN]) }) };
    expect(metricsOf([one, other, silent], ['eval', 'accuracy'])).toEqual(['eval', 'loss']);
  });

  it('are drawn over the count of their values, seconds, or steps', () => {
    expect(oversOf([one, other])).toEqual([
      { kind: 'count' },
      { kind: 'time' },
      { kind: 'step', name: 'epoch' }
    ]);
    expect(points(linesOf([one, other], 'loss', { kind: 'count' }))).toEqual([
      [
        [1, 2, 3],
        [3, NaN, 1]
      ],
      [[1], [2]]
    ]);
    expect(points(linesOf([one], 'loss', { kind: 'time' }))).toEqual([
      [
        [0, 1, 3],
        [3, NaN, 1]
      ]
    ]);
    const epochs = { kind: 'step', name: 'epoch' } as const;
    expect(points(linesOf([one, other], 'loss', epochs))).toEqual([
      [
        [1, 2, 3],
        [3, NaN, 1]
      ]
    ]);
    expect(points(linesOf([one], 'eval', epochs))).toEqual([[[2], [0.5]]]);
  });

  it('are not over time where a log had none', () => {
    const timeless = { name: 'a', series: history({ loss: readings([0, 1], [0, 2]) }) };
    expect(oversOf([timeless])).toEqual([{ kind: 'count' }]);
  });
});

describe('the metrics of trials', () => {
  const none: ISeries = { source: 'history', metrics: {} };

  it('are read again when a trial changes or goes on', async () => {
    const series = new TrialSeries();
    const read = jest.fn(async (_: ITrial) => none);
    const [ended, running] = [trial(1), trial(2, { state: 'running' })];
    await series.read([ended, running], read, false);
    await series.read([{ ...ended }, running], read, false);
    expect(read).toHaveBeenCalledTimes(2);
    await series.read([ended, running], read, true);
    expect(read.mock.calls.slice(2)).toEqual([[running]]);
    await series.read([ended, trial(2)], read, false);
    expect(read.mock.calls.slice(3)).toEqual([[trial(2)]]);
    expect([...series.snapshot().keys()]).toEqual(['u1', 'u2']);
  });

  it('keep what was read when they cannot be read again, and say why', async () => {
    const series = new TrialSeries();
    const running = trial(1, { state: 'running' });
    await series.read([running], async () => none, false);
    await series.read([running], () => Promise.reject(new Error('gone')), true);
    expect(series.snapshot().get('u1')).toEqual({ series: none, error: new Error('gone') });
    const listener = jest.fn();
    series.subscribe(listener);
    await series.read([running], async () => none, true);
    expect(series.snapshot().get('u1')).toEqual({ series: none });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('are read three at a time', async () => {
    const series = new TrialSeries();
    const waiting: (() => void)[] = [];
    let most = 0;
    const done = series.read(
      Array.from({ length: 7 }, (_, index) => trial(index)),
      () =>
        new Promise(resolve => {
          most = Math.max(
            most,
            waiting.push(() => resolve(none))
          );
          if (waiting.length === 3) {
            waiting.splice(0).forEach(each => each());
          }
        }),
      false
    );
    await Promise.resolve();
    while (series.snapshot().size < 6) {
      await Promise.resolve();
    }
    waiting.splice(0).forEach(each => each());
    await done;
    expect([most, series.snapshot().size]).toEqual([3, 7]);
  });
});
