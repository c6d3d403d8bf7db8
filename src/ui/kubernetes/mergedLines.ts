/** Lines of many logs in the order of their times, while they arrive. */

/** A line with its time, from one of the logs. */
export interface ITimedLine {
  /** RFC 3339 with up to nine digits of the second, as the API writes it; empty for a line without one. */
  time: string;
  text: string;
}

/**
 * Lines waiting for those of other logs that may be older. A line leaves once every open log has come past its time. Logs that
 * are silent for a while are told to `release`, so that they hold up nobody.
 */
export class MergedLines {
  /** @param emit - called with each line, in order */
  constructor(private readonly emit: (source: string, line: ITimedLine) => void) {}

  /** A log begins, or goes on. */
  open(source: string): void {
    if (!this.logs.has(source)) {
      this.logs.set(source, { waiting: [], time: '', until: '' });
    }
  }

  /** A log has ended: it holds up nobody any more. */
  close(source: string): void {
    const log = this.logs.get(source);
    if (log) {
      log.until = LAST;
      this.release();
      if (log.waiting.length === 0) {
        this.logs.delete(source);
      }
    }
  }

  /** A line has come. Those of one log come in order. */
  push(source: string, line: ITimedLine): void {
    const log = this.logs.get(source);
    if (log) {
      // Without a time of its own it belongs to the line before.
      const time = line.time || log.time;
      log.waiting.push({ ...line, time });
      log.time = time;
      log.until = key(time);
      this.waiting += 1;
    }
  }

  /** Lets go of what no open log can come before, but for those that are `silent`. */
  release(silent: (source: string) => boolean = () => false): void {
    let watermark = LAST;
    for (const [source, log] of this.logs) {
      if (log.until < watermark && !silent(source)) {
        watermark = log.until;
      }
    }
    this.drain(watermark);
  }

  /** How many lines wait. */
  get size(): number {
    return this.waiting;
  }

  private drain(watermark: string): void {
    for (;;) {
      let first: string | undefined;
      let oldest = '';
      for (const [source, log] of this.logs) {
        const head = log.waiting[0];
        if (head && (first === undefined || key(head.time) < oldest)) {
          first = source;
          oldest = key(head.time);
        }
      }
      if (first === undefined || oldest > watermark) {
        return;
      }
      const log = this.logs.get(first)!;
      // All that this log may say before the others is said at once, so that one log alone costs no search a line.
      const limit = this.next(first, watermark);
      let count = 0;
      do {
        this.emit(first, log.waiting[count]!);
        count += 1;
      } while (count < log.waiting.length && key(log.waiting[count]!.time) <= limit);
      log.waiting.splice(0, count);
      this.waiting -= count;
      if (log.waiting.length === 0 && log.until === LAST) {
        this.logs.delete(first);
      }
    }
  }

  /** Until when a log may go on alone: the oldest line of the others, or the watermark. */
  private next(source: string, watermark: string): string {
    let limit = watermark;
    for (const [other, log] of this.logs) {
      const head = log.waiting[0];
      if (other !== source && head && key(head.time) < limit) {
        limit = key(head.time);
      }
    }
    return limit;
  }

  private readonly logs = new Map<string, { waiting: ITimedLine[]; time: string; until: string }>();
  private waiting = 0;
}

const LAST = '\uffff';

/** A time that can be compared as text: the digits of the second filled up, as `…:01Z` would come after `…:01.5Z`. */
function key(time: string): string {
  const [, whole = time, digits = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return time === LAST ? LAST : `${whole}.${digits.padEnd(9, '0')}`;
}

/** Takes a line apart that was asked for with `timestamps=true`. */
export function timedLine(line: string): ITimedLine {
  const [, time = '', text = line] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ?(.*)$/s.exec(line) ?? [];
  return { time, text };
}

/** Cuts chunks of text into whole lines. */
export class LineCutter {
  /** The lines that this chunk completes. */
  add(chunk: string): string[] {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }

  /** What stands after the last line break. */
  end(): string[] {
    const { rest } = this;
    this.rest = '';
    return rest ? [rest] : [];
  }

  private rest = '';
}
