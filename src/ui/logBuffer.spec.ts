import { ansiClass, parseAnsi, stripAnsi } from './ansi';
import { LogBuffer } from './logBuffer';

const texts = (buffer: LogBuffer) => buffer.lines.map(line => line.text);

describe('LogBuffer', () => {
  it('joins chunks into lines wherever they were cut', () => {
    const buffer = new LogBuffer();
    for (const chunk of ['on', 'e\ntw', 'o\n', 'three']) {
      buffer.append(chunk);
    }
    expect(texts(buffer)).toEqual(['one', 'two', 'three']);
  });

  it('begins a line anew at a carriage return, also when it is cut before the line feed', () => {
    const buffer = new LogBuffer();
    buffer.append('10 %\r50 %');
    buffer.append('\r100 %\r');
    buffer.append('\ndone\r\n');
    expect(buffer.text()).toBe('100 %\ndone\n');
  });

  it('drops the oldest lines beyond its limits and counts them', () => {
    const buffer = new LogBuffer({ lines: 3, characters: 1000 });
    buffer.append('a\nb\nc\nd\ne');
    expect(texts(buffer)).toEqual(['c', 'd', 'e']);
    expect(buffer.dropped).toBe(2);
    const small = new LogBuffer({ lines: 100, characters: 5 });
    small.append('aaaa\nbbbb\ncc');
    expect(texts(small)).toEqual(['cc']);
    expect(small.dropped).toBe(2);
  });

  it('stays within its limits, give or take a tenth, however much comes', () => {
    const buffer = new LogBuffer({ lines: 1000, characters: 50_000 });
    let most = 0;
    for (let i = 0; i < 50_000; i++) {
      buffer.append(`${i}\n`);
      most = Math.max(most, buffer.lines.length);
    }
    expect(most).toBeLessThanOrEqual(1100);
    expect(buffer.lines.length).toBeGreaterThanOrEqual(1000);
    expect(buffer.dropped + buffer.lines.length).toBe(50_001);
    expect(buffer.lines.at(-2)!.text).toBe('49999');
  });

  it('keeps the end of a line that never ends, and counts what it cut off', () => {
    const buffer = new LogBuffer({ lines: 100, characters: 5 });
    buffer.append('a\n\x1b[31m');
    for (let i = 0; i < 100; i++) {
      buffer.append('0123456789');
    }
    expect(texts(buffer)).toEqual(['56789']);
    expect(buffer.lines[0]!.style.foreground).toBe('red');
    expect([buffer.dropped, buffer.cut]).toEqual([1, 1000]);
    buffer.append('\r12');
    expect([buffer.text(), buffer.cut]).toEqual(['12', 0]);
    buffer.append('3456\nnext');
    expect(texts(buffer)).toEqual(['next']);
    expect([buffer.dropped, buffer.cut]).toEqual([2, 0]);
  });

  it('carries colours over lines and finds text through them', () => {
    const buffer = new LogBuffer();
    buffer.append('\x1b[31mError\nmo\x1b[1mre\x1b[0m\nplain');
    expect(buffer.lines[1]!.style.foreground).toBe('red');
    expect(buffer.lines[2]!.style.foreground).toBeUndefined();
    expect(buffer.find('MORE')).toEqual([1]);
    expect(buffer.find('')).toEqual([]);
  });
});

describe('parseAnsi', () => {
  it('reads basic, bright and indexed colours', () => {
    const { spans } = parseAnsi(
      '\x1b[1;32mok\x1b[0m \x1b[91mbad\x1b[38;5;4mblue\x1b[38;2;1;2;3mrgb'
    );
    expect(spans.map(span => [span.text, ansiClass(span.style)])).toEqual([
      ['ok', 'ansi-bold ansi-green-fg'],
      [' ', undefined],
      ['bad', 'ansi-red-intense-fg'],
      ['blue', 'ansi-blue-fg'],
      ['rgb', undefined]
    ]);
  });

  it('drops what a terminal would obey: cursor moves, titles, links, bells', () => {
    expect(stripAnsi('\x1b[2Ka\x1b]8;;http://x\x07b\x1b]0;title\x1b\\c\x07\x1b[?25ld')).toBe(
      'abcd'
    );
  });

  it('keeps markup as text', () => {
    expect(parseAnsi('<img src=x onerror=alert(1)>').spans[0]!.text).toBe(
      '<img src=x onerror=alert(1)>'
    );
  });
});
