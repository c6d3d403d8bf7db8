import { LineCutter, MergedLines, timedLine } from './mergedLines';

const at = (second: number, text: string) => ({
  time: `2026-11-20T10:00:${String(second).padStart(2, '0')}Z`,
  text
});

function merging() {
  const said: string[] = [];
  const merged = new MergedLines((source, { text }) => said.push(`${source}:${text}`));
  return { said, merged };
}

it('says lines of all logs in the order of their times, as soon as none can come before', () => {
  const { said, merged } = merging();
  merged.open('a');
  merged.open('b');
  merged.push('a', at(1, '1'));
  merged.push('a', at(4, '4'));
  merged.release();
  expect(said).toEqual([]);
  merged.push('b', at(2, '2'));
  merged.push('b', at(3, '3'));
  merged.release();
  expect(said).toEqual(['a:1', 'b:2', 'b:3']);
  merged.close('b');
  expect(said).toEqual(['a:1', 'b:2', 'b:3', 'a:4']);
});

it('does not wait for a log that is silent', () => {
  const { said, merged } = merging();
  merged.open('a');
  merged.open('silent');
  merged.push('a', at(1, '1'));
  merged.release(source => source === 'silent');
  expect(said).toEqual(['a:1']);
});

it('compares fractions of a second by their value', () => {
  const { said, merged } = merging();
  merged.open('a');
  merged.open('b');
  merged.push('a', { time: '2026-11-20T10:00:01.5Z', text: 'later' });
  merged.push('b', { time: '2026-11-20T10:00:01Z', text: 'earlier' });
  merged.close('a');
  merged.close('b');
  expect(said).toEqual(['b:earlier', 'a:later']);
});

it('keeps lines without a time with the line before', () => {
  const { said, merged } = merging();
  merged.open('a');
  merged.open('b');
  merged.push('a', at(1, 'one'));
  merged.push('a', { time: '', text: 'more of one' });
  merged.push('b', at(2, 'two'));
  merged.close('a');
  merged.close('b');
  expect(said).toEqual(['a:one', 'a:more of one', 'b:two']);
});

it('takes lines apart', () => {
  expect(timedLine('2026-11-20T10:00:01.123456789Z hello  there')).toEqual({
    time: '2026-11-20T10:00:01.123456789Z',
    text: 'hello  there'
  });
  expect(timedLine('plain')).toEqual({ time: '', text: 'plain' });
  const cutter = new LineCutter();
  expect([cutter.add('a\nb'), cutter.add('c\n'), cutter.add('d'), cutter.end()]).toEqual([
    ['a'],
    ['bc'],
    [],
    ['d']
  ]);
});
