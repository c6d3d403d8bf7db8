/** @jest-environment node */
import { between, itemsIn, partsOf, withBrush } from './brush';
import { axisOf, categories, exactly, numbers, placeless } from './columns';
import { itemsCsv, linesOf } from './items';
import { lineThrough, nearest, nearestLine, shapeAt, stepsThrough } from './marks';
import { ranksOf, shadeOf, SHADES } from './ranks';
import { categoryScale, linearScale, logScale, thinned } from './scales';
import { fitting } from './words';

const labels = (scale: { ticks: readonly { label: string }[] }) =>
  scale.ticks.map(({ label }) => label);
const column = (values: number[], more: object = {}) =>
  numbers({ name: 'x', values: Float64Array.from(values), ...more });

describe('axes', () => {
  it('have ticks at round numbers, without the noise of sums', () => {
    expect(labels(linearScale([0, 0.7]))).toEqual([
      '0',
      '0.1',
      '0.2',
      '0.3',
      '0.4',
      '0.5',
      '0.6',
      '0.7'
    ]);
    expect(labels(linearScale([1, 8]))).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(labels(linearScale([-3, 41]))).toEqual(['0', '10', '20', '30', '40']);
  });

  it('have labels that differ, as many as there is room for', () => {
    expect(labels(linearScale([0.9876, 0.98764]))).toEqual([
      '0.9876',
      '0.98761',
      '0.98762',
      '0.98763',
      '0.98764'
    ]);
    expect(labels(linearScale([1234560, 1234570]))[1]).toBe('1234562');
    const many = categoryScale(Array.from({ length: 100 }, (_, index) => String(index)));
    expect(
      thinned(many.ticks, 300, 12)
        .map(({ label }) => label)
        .slice(0, 3)
    ).toEqual(['0', '4', '8']);
    expect(thinned(many.ticks, 3000, 12)).toHaveLength(100);
  });

  it('may end at round numbers, so that a new value seldom moves the others', () => {
    const one = linearScale([0.61, 0.985], { nice: true });
    const other = linearScale([0.615, 0.999], { nice: true });
    expect([one.place(0.8), one.value(0), one.value(1)]).toEqual([
      other.place(0.8),
      expect.closeTo(0.6),
      expect.closeTo(1)
    ]);
  });

  it('have a width where all values are the same', () => {
    expect(linearScale([0.5, 0.5]).place(0.5)).toBeCloseTo(0.5);
    expect(linearScale([0, 0]).place(0)).toBe(0.5);
    expect(logScale([10, 10]).place(10)).toBeCloseTo(0.5);
  });

  it('have powers of ten where they are logarithmic, and multiples of few of those', () => {
    const scale = logScale([1e-5, 0.1]);
    expect(labels(scale)).toEqual(['1e-5', '0.0001', '0.001', '0.01', '0.1']);
    expect(scale.place(0.001)).toBeCloseTo(0.5);
    expect(scale.value(0.5)).toBeCloseTo(0.001);
    expect([scale.place(0), scale.place(-1)]).toEqual([NaN, NaN]);
    expect(labels(logScale([16, 512]))).toEqual(['20', '50', '100', '200', '500']);
  });

  it('have an equal part for each category', () => {
    const scale = categoryScale(['a', 'b', 'c', 'd']);
    expect(scale.ticks).toEqual([
      { place: 0.125, label: 'a' },
      { place: 0.375, label: 'b' },
      { place: 0.625, label: 'c' },
      { place: 0.875, label: 'd' }
    ]);
    expect(scale.value(0.375)).toBeCloseTo(1);
  });
});

describe('columns', () => {
  it('keep their known ends, which values beyond move', () => {
    const known = axisOf(column([0.2, 3], { limits: [0, 2] }));
    expect([known.place(0), known.place(3)]).toEqual([0, 1]);
  });

  it('begin at zero where it is near, and have an axis without any value', () => {
    expect(axisOf(column([0.05, 1])).place(0)).toBe(0);
    expect(axisOf(column([0.9, 0.95])).value(0)).toBeCloseTo(0.9);
    expect(axisOf(column([NaN])).place(0)).toBe(0);
  });

  it.each([
    [[0.46, 0.95]],
    [[0.46, 0.905]],
    [[0.1, 1]],
    [[0.2, 1.25]],
    [[-5.1, -3.02]],
    [[7, 7.0001]],
    [[-0.3, 0.61]],
    [[123456, 987654]]
  ])('fit their values, so that the best lie in the last tenth of the axis: %j', values => {
    const { place } = axisOf(column(values));
    const [low, high] = [place(Math.min(...values)), place(Math.max(...values))];
    expect([low >= 0, low <= 0.1, high >= 0.9, high <= 1]).toEqual([true, true, true, true]);
  });

  it.each([
    [
      [0, 1],
      ['0', '1']
    ],
    [
      [1, 3],
      ['1', '2', '3']
    ],
    [[6, 6], ['6']],
    [
      [1, 40],
      ['0', '10', '20', '30', '40']
    ]
  ])('of whole numbers have ticks at whole numbers only: %j', (values, ticks) => {
    expect(labels(axisOf(column(values, { whole: true })))).toEqual(ticks);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const known = labels(axisOf(column(values, { whole: true, limits: [low, high] })));
    expect(known.filter(label => !/^\d+$/.test(label))).toEqual([]);
    expect(known.length).toBeGreaterThan(0);
  });

  it('show a level that is not far from their values', () => {
    const values = column([0.46, 0.95]);
    expect(axisOf(values, 0.99).place(0.99)).toBeLessThanOrEqual(1);
    expect(axisOf(values, 0.99).place(0.95)).toBeLessThan(axisOf(values).place(0.95));
    expect(axisOf(values, 20).place(0.95)).toBe(axisOf(values).place(0.95));
    expect(axisOf(column([]), 0.5).place(0.5)).toBe(0.5);
  });

  it('are logarithmic as far as their values are above zero', () => {
    const values = Float64Array.of(0, 0.01, -1, 100, NaN);
    const log = numbers({ name: 'x', values, limits: [0, 100] }, true);
    expect([log.kind, placeless(log)]).toEqual(['log', 2]);
    expect([axisOf(log).place(0.01), axisOf(log).place(0)]).toEqual([0, NaN]);
    expect(numbers({ name: 'x', values: Float64Array.of(0, NaN) }, true).kind).toBe('linear');
  });

  it('have categories that are known, then those that occur', () => {
    const kinds = categories('kind', ['sgd', 'adam'], ['adam', undefined, 'lion', 'sgd']);
    expect(kinds.categories).toEqual(['sgd', 'adam', 'lion']);
    expect([...kinds.values]).toEqual([1, NaN, 2, 0]);
    expect([0, 1, 2].map(item => exactly(kinds, item))).toEqual(['adam', '', 'lion']);
  });

  it('are told exactly, as text and as a file', () => {
    const items = {
      label: 'Trial',
      names: ['a', 'b, "c"'],
      notes: [{ label: 'State', texts: ['Succeeded', ''] }]
    };
    const all = [column([1 / 3, NaN]), categories('kind', [], ['x', undefined])];
    expect(itemsCsv(items, all)).toBe(
      'Trial,State,x,kind\r\na,Succeeded,0.3333333333333333,x\r\n"b, ""c""",,,\r\n'
    );
    expect(linesOf(items, all, 0)).toEqual(['Succeeded', 'x: 0.3333333333333333', 'kind: x']);
    expect(linesOf(items, all, 1)).toEqual([]);
  });
});

describe('brushes', () => {
  const size = column([1, 5, 10, NaN], { limits: [0, 10] });
  const kind = categories('kind', ['a', 'b', 'c'], ['a', 'b', 'c', 'b']);

  it('choose what lies in all of them', () => {
    const sizes = withBrush(new Map(), 'x', between(size, axisOf(size), 1, 0.5));
    expect(sizes.get('x')).toEqual({ from: 5, to: 10 });
    expect(itemsIn(sizes, [size, kind], 4)).toEqual([1, 2]);
    const both = withBrush(sizes, 'kind', { choices: new Set(['a', 'b']) });
    expect(itemsIn(both, [size, kind], 4)).toEqual([1]);
    expect(itemsIn(withBrush(both, 'x', undefined), [size, kind], 4)).toEqual([0, 1, 3]);
    expect(itemsIn(new Map(), [size, kind], 4)).toEqual([0, 1, 2, 3]);
  });

  it('take the categories whose middle they cover, else the one that is there', () => {
    const axis = axisOf(kind);
    expect(between(kind, axis, 0.1, 0.6)).toEqual({ choices: new Set(['a', 'b']) });
    expect(between(kind, axis, 0.75, 0.7)).toEqual({ choices: new Set(['c']) });
  });

  it('cover parts of their axis', () => {
    const log = numbers({ name: 'lr', values: Float64Array.of(0.01, 1) }, true);
    expect(partsOf({ from: 0, to: 0.1 }, log, axisOf(log))).toEqual([[0, expect.closeTo(0.5)]]);
    expect(partsOf({ from: -Infinity, to: Infinity }, size, axisOf(size))).toEqual([[0, 1]]);
    const parts = partsOf({ choices: new Set(['c', 'a']) }, kind, axisOf(kind));
    expect(parts.flat()).toEqual([0, 1 / 3, 2 / 3, 1].map(each => expect.closeTo(each)));
  });
});

describe('ranks', () => {
  it('follow the direction that is wanted; equal values share theirs', () => {
    const values = Float64Array.of(3, NaN, 1, 2, 2, Infinity);
    expect([...ranksOf(values, 'higher')]).toEqual([1, NaN, 0, 0.5, 0.5, NaN]);
    expect([...ranksOf(values, 'lower')]).toEqual([0, NaN, 1, 0.5, 0.5, NaN]);
    expect([...ranksOf(Float64Array.of(7), 'lower')]).toEqual([1]);
    expect([...ranksOf(new Float64Array(), 'lower')]).toEqual([]);
  });

  it('have a colour each', () => {
    expect([NaN, 0, 1].map(shadeOf)).toEqual([-1, 0, SHADES - 1]);
  });
});

describe('marks', () => {
  it('break a line where a value is missing, and show one that is alone', () => {
    expect(lineThrough([0, 10, 20, 30], [1, NaN, 2, 3.14159])).toBe('M0 1h0M20 2L30 3.1');
    expect(lineThrough([0, 10], [NaN, 5])).toBe('M10 5h0');
    expect(lineThrough([0, 10], [NaN, NaN])).toBe('');
  });

  it('go in steps to the end', () => {
    expect(stepsThrough([0, 10, 15, 20], [5, 4, NaN, 1], 30)).toBe('M0 5H10V4H20V1H30');
    expect(stepsThrough([], [], 30)).toBe('');
  });

  it('find the nearest point within reach', () => {
    expect(nearest({ x: 9, y: 1 }, [0, 10, NaN], [0, 0, 0], 5)).toBe(1);
    expect(nearest({ x: 5, y: 8 }, [0, 10], [0, 0], 5)).toBeUndefined();
  });

  it('find the line that passes nearest', () => {
    const lines = [
      [0, 100],
      [100, 0],
      [NaN, 50]
    ];
    expect(nearestLine({ x: 2, y: 30 }, [0, 10], lines, 15)).toBe(0);
    expect(nearestLine({ x: 8, y: 30 }, [0, 10], lines, 15)).toBe(1);
    expect(nearestLine({ x: 2, y: 50 }, [0, 10], lines, 15)).toBeUndefined();
    expect(nearestLine({ x: 20, y: 50 }, [0, 10], lines, 15)).toBeUndefined();
    expect(nearestLine({ x: 0, y: 4 }, [0], [[3]], 15)).toBe(0);
  });

  it('have shapes that differ', () => {
    const shapes = ['dot', 'ring', 'cross', 'diamond', 'square', 'triangle', 'dash'] as const;
    expect(new Set(shapes.map(each => shapeAt(each, 1, 2))).size).toBe(shapes.length);
  });

  it('shorten texts at their end', () => {
    expect([fitting('short', 100), fitting('a-very-long-name', 52)]).toEqual(['short', 'a-very-…']);
  });
});
