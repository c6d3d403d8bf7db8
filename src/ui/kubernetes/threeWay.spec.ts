import { parse } from './yamlText';
import { changes, takeOver } from './threeWay';

const BASE = { spec: { a: 1, b: 2, list: [1, 2], gone: true } };

it('lists what was changed', () => {
  expect(changes(BASE, { spec: { a: 1, b: 3, list: [1, 5], more: {} } })).toEqual([
    { path: ['spec', 'b'], value: 3 },
    { path: ['spec', 'list', 1], value: 5 },
    { path: ['spec', 'gone'], value: undefined },
    { path: ['spec', 'more'], value: {} }
  ]);
  expect(changes({ list: [1] }, { list: [1, 2] })).toEqual([{ path: ['list'], value: [1, 2] }]);
});

it('takes over what others have changed and keeps one’s own edits and comments', () => {
  const mine = parse('spec:\n  a: 10 # mine\n  b: 2\n  list: [1, 2]\n  gone: true\n');
  const kept = takeOver(mine, BASE, { spec: { a: 1, b: 3, list: [1, 2, 3] } });
  expect(kept).toEqual([]);
  expect(mine.toJS()).toEqual({ spec: { a: 10, b: 3, list: [1, 2, 3] } });
  expect(mine.toString()).toContain('# mine');
});

it('keeps one’s own value where both have changed the same, and says where', () => {
  const mine = parse('spec:\n  a: 10\n  b: 2\n  list: [1, 2, 9]\n  gone: true\n');
  const kept = takeOver(mine, BASE, { spec: { a: 11, b: 2, list: [1, 7], gone: true } });
  expect(kept).toEqual([
    ['spec', 'a'],
    ['spec', 'list', 1]
  ]);
  expect(mine.toJS()).toEqual({ spec: { a: 10, b: 2, list: [1, 2, 9], gone: true } });
});

it('finds no conflict where both have made the same change', () => {
  const mine = parse('spec:\n  a: 10\n  b: 2\n  list: [1, 2]\n  gone: true\n');
  expect(takeOver(mine, BASE, { spec: { ...BASE.spec, a: 10 } })).toEqual([]);
});
