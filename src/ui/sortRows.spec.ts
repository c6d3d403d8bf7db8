import { csvText } from './csv';
import { sortRows } from './sortRows';

describe('sorting rows', () => {
  const sorted = (values: readonly (number | string | undefined)[], descending = false) =>
    sortRows(
      values.map((value, index) => ({ value, index })),
      row => row.value,
      descending
    );
  const valuesOf = (rows: readonly { value: unknown }[]) => rows.map(({ value }) => value);

  it('puts numbers before texts, and texts as people order them', () => {
    expect(valuesOf(sorted([3, 'b10', -1, 'b9', 'A']))).toEqual([-1, 3, 'A', 'b9', 'b10']);
  });

  it('puts what has no value last, whichever way', () => {
    expect(valuesOf(sorted([undefined, 2, 1]))).toEqual([1, 2, undefined]);
    expect(valuesOf(sorted([undefined, 2, 1], true))).toEqual([2, 1, undefined]);
  });

  it('keeps the order of what is the same', () => {
    const rows = sortRows(
      [
        { a: 1, b: 'x' },
        { a: 0, b: 'y' },
        { a: 1, b: 'z' }
      ],
      row => row.a,
      true
    );
    expect(rows.map(({ b }) => b)).toEqual(['x', 'z', 'y']);
  });
});

describe('CSV', () => {
  it('quotes what has to be, and leaves out what is not there', () => {
    expect(
      csvText([
        ['a', 'b,c'],
        [1.5, undefined],
        ['say "hi"', 'two\nlines']
      ])
    ).toBe('a,"b,c"\r\n1.5,\r\n"say ""hi""","two\nlines"\r\n');
  });
});
