import { type IAnsiStyle, parseAnsi, PLAIN, stripAnsi } from './ansi';

/** One line of a log and the style that it begins in. */
export interface ILogLine {
  readonly text: string;
  readonly style: IAnsiStyle;
}

/** The most that a view keeps of one log, give or take a tenth: beyond it the oldest lines go, and the view says how many. */
export const LOG_LIMIT = { lines: 100_000, characters: 20_000_000 };

/** Of a longer log, only so many bytes at its end are read at first. */
export const LOG_TAIL = 10_000_000;

/** A log's lines in bounded memory. A carriage return begins the line anew, as in a terminal. */
export class LogBuffer {
  constructor(private readonly limit = LOG_LIMIT) {}

  /** The lines kept, the last one perhaps unfinished. */
  get lines(): readonly ILogLine[] {
    return this._lines;
  }

  /** How many bytes before the first line were never read. */
  get skipped(): number {
    return this._skipped;
  }

  /** How many lines were dropped at the start. */
  get dropped(): number {
    return this._dropped;
  }

  /** How many characters were dropped at the start of the first line kept, which alone is longer than the limit. */
  get cut(): number {
    return this._cut;
  }

  /** Grows with each change. */
  get version(): number {
    return this._version;
  }

  /** Says how many bytes at the log's start are left out of what follows. */
  skip(bytes: number): void {
    this._skipped = bytes;
    this._version += 1;
  }

  /** Adds text as it came. */
  append(chunk: string): void {
    if (!chunk) {
      return;
    }
    this._version += 1;
    const parts = chunk.split('\n');
    parts.forEach((part, index) => {
      this.extend(part);
      if (index < parts.length - 1) {
        const open = this._lines[this._lines.length - 1]!;
        this.push({ text: '', style: parseAnsi(open.text, open.style).style });
      }
    });
    this.trim();
  }

  /** Forgets everything. */
  clear(): void {
    this._lines = [];
    this._skipped = 0;
    this._dropped = 0;
    this._cut = 0;
    this.characters = 0;
    this._version += 1;
  }

  /** The numbers of the lines that hold `query`, whatever the case. */
  find(query: string): number[] {
    const wanted = query.toLowerCase();
    const found: number[] = [];
    if (wanted) {
      this._lines.forEach((line, index) => {
        if (stripAnsi(line.text).toLowerCase().includes(wanted)) {
          found.push(index);
        }
      });
    }
    return found;
  }

  /** The lines kept, as plain text. */
  text(): string {
    return this._lines.map(line => stripAnsi(line.text)).join('\n');
  }

  private extend(part: string): void {
    const open = this._lines[this._lines.length - 1];
    if (!open) {
      this.push({ text: lastWritten(part), style: PLAIN });
      return;
    }
    const written = open.text + part;
    const text = lastWritten(written);
    if (this._lines.length === 1 && text.length < written.length) {
      this._cut = 0;
    }
    this.characters += text.length - open.text.length;
    this._lines[this._lines.length - 1] = { text, style: open.style };
  }

  private push(line: ILogLine): void {
    this._lines.push(line);
    this.characters += line.text.length;
  }

  private trim(): void {
    const { lines, characters: most } = this.limit;
    // Dropping copies what is kept: a tenth at a time, so that a line costs the same however many there are.
    if (this._lines.length <= lines * 1.1 && this.characters <= most * 1.1) {
      return;
    }
    let count = Math.max(0, this._lines.length - lines);
    let characters = this.characters;
    for (let i = 0; i < count; i++) {
      characters -= this._lines[i]!.text.length;
    }
    while (characters > most && count < this._lines.length - 1) {
      characters -= this._lines[count]!.text.length;
      count += 1;
    }
    if (count > 0) {
      this._lines = this._lines.slice(count);
      this._dropped += count;
      this._cut = 0;
      this.characters = characters;
    }
    this.cutOpenLine();
  }

  /** Cuts the head of the only line when it alone exceeds the limit. */
  private cutOpenLine(): void {
    const excess = this.characters - this.limit.characters;
    const open = this._lines[0];
    if (excess > 0 && open) {
      const style = parseAnsi(open.text.slice(0, excess), open.style).style;
      this._lines[0] = { text: open.text.slice(excess), style };
      this.characters -= excess;
      this._cut += excess;
    }
  }

  private _lines: ILogLine[] = [];
  private _skipped = 0;
  private _dropped = 0;
  private _cut = 0;
  private _version = 0;
  private characters = 0;
}

/** What stands on the line after its carriage returns; one at the end waits for what follows (`\r\n`). */
function lastWritten(text: string): string {
  const body = text.endsWith('\r') ? text.slice(0, -1) : text;
  const cut = body.lastIndexOf('\r');
  return cut < 0 ? text : text.slice(cut + 1);
}
