import { move, NO_SELECTION, prune, select, selectAll } from './selection';

const keys = ['a', 'b', 'c', 'd', 'e'];
const selected = (selection: { selected: ReadonlySet<string> }) => [...selection.selected];

describe('select', () => {
  it('selects one, a range from there, and single rows more', () => {
    const one = select(NO_SELECTION, keys, 'b', 'one');
    expect(selected(one)).toEqual(['b']);
    const range = select(one, keys, 'd', 'range');
    expect(selected(range)).toEqual(['b', 'c', 'd']);
    const back = select(range, keys, 'a', 'range');
    expect(selected(back)).toEqual(['a', 'b']);
    const more = select(back, keys, 'e', 'toggle');
    expect(selected(more)).toEqual(['a', 'b', 'e']);
    expect(selected(select(more, keys, 'a', 'toggle'))).toEqual(['b', 'e']);
  });

  it('takes one row when a range has no start', () => {
    expect(selected(select(NO_SELECTION, keys, 'c', 'range'))).toEqual(['c']);
  });
});

it('selectAll takes every row', () => {
  expect(selected(selectAll(NO_SELECTION, keys))).toEqual(keys);
});

it('move stays within the list', () => {
  const at = select(NO_SELECTION, keys, 'd', 'one');
  expect(move(at, keys, 1)).toBe('e');
  expect(move(at, keys, 10)).toBe('e');
  expect(move(at, keys, -Infinity)).toBe('a');
  expect(move(NO_SELECTION, keys, 1)).toBe('a');
  expect(move(NO_SELECTION, keys, -1)).toBe('e');
  expect(move(NO_SELECTION, [], 1)).toBeUndefined();
});

it('prune drops what is gone and keeps the object when nothing is', () => {
  const some = select(select(NO_SELECTION, keys, 'a', 'one'), keys, 'b', 'toggle');
  expect(prune(some, new Set(keys))).toBe(some);
  const less = prune(some, new Set(['a']));
  expect(selected(less)).toEqual(['a']);
  expect(less.active).toBeNull();
});
