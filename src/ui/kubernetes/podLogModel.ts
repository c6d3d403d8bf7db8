/** The logs of containers as they are written, merged by time. */
import { delay } from '../../client/delay';
import { isRetryable } from '../../client/errors';
import type { KubernetesClient } from '../../client/kubernetes/client';
import type { IPodLogOptions } from '../../client/kubernetes/podLog';
import { LogBuffer } from '../logBuffer';
import { type ITimedLine, LineCutter, MergedLines, timedLine } from './mergedLines';

/** Where the client's logs come from. */
export type LogReader = Pick<KubernetesClient, 'log'>;

/** One run of a container. */
export interface ILogSource {
  /** The same for the same run. */
  key: string;
  /** What its lines begin with; empty for none. */
  label: string;
  pod: { namespace: string; name: string };
  container: string;
  previous: boolean;
  /** Whether the container has ended, so that nothing is added any more. */
  ended: boolean;
}

/** Which part of each log is read at first. */
export type LogRange = Pick<IPodLogOptions, 'tailLines' | 'sinceSeconds'>;

/** What a view draws. A new object after each change. */
export interface ILogState {
  readonly buffer: LogBuffer;
  readonly version: number;
  /** How many logs are still followed. */
  readonly following: number;
  /** How many logs were read to their end. */
  readonly ended: number;
  /** Why nothing can be heard at present; it is tried again. */
  readonly trouble?: unknown;
  /** Logs that could not be read, by label or container. */
  readonly failures: ReadonlyMap<string, unknown>;
}

/** Between the label of a line and its text: a control character, which the view does not show and which text is searched without. */
export const LABEL_END = '\x1f';

/** Milliseconds that new lines are gathered before they are drawn. */
const GATHER = 100;
/** Milliseconds after which a log that says nothing does not hold up the others. */
const SILENCE = 400;
const RETRY = { first: 500, longest: 15_000 };

interface IReading {
  source: ILogSource;
  abort: AbortController;
  /** Of the last line: where to go on after an interruption. */
  last: { time: string; count: number };
  heard: number;
}

/** Follows the logs of `setSources` while it is visible. After an interruption each goes on where it stopped. */
export class PodLogModel {
  constructor(
    private readonly reader: LogReader,
    private readonly range: LogRange = {},
    private readonly now: () => number = () => performance.now()
  ) {}

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** For `useSyncExternalStore`. */
  readonly snapshot = (): ILogState => this.state;

  /** Says whose logs are read. Lines of logs that are left out stay; a log that ends is read to its end. */
  setSources(sources: readonly ILogSource[]): void {
    const wanted = new Map(sources.map(each => [each.key, each]));
    for (const [key, reading] of this.readings) {
      const source = wanted.get(key);
      if (source) {
        reading.source = source;
        wanted.delete(key);
      }
    }
    for (const source of wanted.values()) {
      this.readings.set(source.key, {
        source,
        abort: new AbortController(),
        last: { time: '', count: 0 },
        heard: this.now()
      });
      this.start(source.key);
    }
  }

  /** Reads, or rests. */
  setVisible(visible: boolean): void {
    if (visible === this.visible) {
      return;
    }
    this.visible = visible;
    for (const key of this.readings.keys()) {
      if (visible) {
        this.start(key);
      } else {
        this.readings.get(key)!.abort.abort();
      }
    }
    if (!visible) {
      window.clearTimeout(this.timer);
      this.timer = undefined;
    }
  }

  /** Ends all reading. */
  dispose(): void {
    this.setVisible(false);
    this.listeners.clear();
  }

  private start(key: string): void {
    const reading = this.readings.get(key);
    if (this.visible && reading && !this.done.has(key)) {
      reading.abort = new AbortController();
      reading.heard = this.now();
      this.merged.open(key);
      this.open.add(key);
      this.draw({});
      void this.follow(key, reading, reading.abort.signal);
    }
  }

  private async follow(key: string, reading: IReading, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      const { source } = reading;
      const ended = source.ended || source.previous;
      try {
        const heard = await this.read(key, reading, signal);
        this.trouble(undefined);
        if (ended) {
          break;
        }
        failures = heard ? 1 : failures + 1;
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (!isRetryable(error) && !isWaiting(error)) {
          this.draw({
            failures: new Map(this.state.failures).set(source.label || source.container, error)
          });
          break;
        }
        failures += 1;
        if (!isWaiting(error)) {
          this.trouble(error);
        }
      }
      const wait = Math.min(RETRY.longest, RETRY.first * 2 ** (failures - 1));
      await delay(wait, signal).catch(() => undefined);
    }
    if (!signal.aborted) {
      this.done.add(key);
      this.open.delete(key);
      this.merged.close(key);
      this.gather();
      this.draw({});
    }
  }

  /** Reads on from where the log stopped; whether there was anything new. */
  private async read(key: string, reading: IReading, signal: AbortSignal): Promise<boolean> {
    const { source, last } = reading;
    const { pod, container, previous } = source;
    const from = last.time ? { sinceTime: last.time } : this.range;
    const chunks = this.reader.log(pod, {
      container,
      previous: previous || undefined,
      follow: !(previous || source.ended) || undefined,
      timestamps: true,
      ...from,
      signal
    });
    const fresh = unread(last);
    const cutter = new LineCutter();
    let heard = false;
    const take = (lines: readonly string[]) => {
      for (const line of lines.map(timedLine)) {
        if (fresh(line)) {
          heard = true;
          reading.last =
            line.time === reading.last.time || !line.time
              ? { ...reading.last, count: reading.last.count + 1 }
              : { time: line.time, count: 1 };
          this.merged.push(key, line);
        }
      }
      reading.heard = this.now();
      this.gather();
    };
    for await (const chunk of chunks) {
      this.trouble(undefined);
      take(cutter.add(chunk));
    }
    take(cutter.end());
    return heard;
  }

  /** Draws what has come, soon. */
  private gather(): void {
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      const { now } = this;
      this.merged.release(key => now() - (this.readings.get(key)?.heard ?? 0) >= SILENCE);
      if (this.merged.size > 0) {
        this.gather();
      }
      this.draw({});
    }, GATHER);
  }

  private trouble(trouble: unknown): void {
    if (this.state.trouble !== trouble) {
      this.draw({ trouble });
    }
  }

  private draw(change: Partial<ILogState>): void {
    const { version } = this.buffer;
    this.state = {
      ...this.state,
      ...change,
      version,
      following: this.open.size,
      ended: this.done.size
    };
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  private readonly buffer = new LogBuffer();
  private readonly merged = new MergedLines((key, { text }) => {
    const label = this.readings.get(key)?.source.label;
    // A carriage return begins the text anew, not the label; colours end with the line.
    const shown = text.replace(/\r$/, '');
    const last = shown.slice(shown.lastIndexOf('\r') + 1);
    this.buffer.append(label ? `${label}${LABEL_END} ${last}\x1b[0m\n` : `${text}\n`);
  });
  private readonly readings = new Map<string, IReading>();
  private readonly open = new Set<string>();
  private readonly done = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private state: ILogState = {
    buffer: this.buffer,
    version: 0,
    following: 0,
    ended: 0,
    failures: new Map()
  };
  private visible = false;
  private timer: number | undefined;
}

/** Whether a line was not read before: the API goes on from a time, often from the whole second, so that some lines come again. */
function unread({ time, count }: { time: string; count: number }): (line: ITimedLine) => boolean {
  let left = count;
  let past = time === '';
  return line => {
    if (past) {
      return true;
    }
    if (line.time === time && left > 0) {
      left -= 1;
      return false;
    }
    past = line.time >= time;
    return past;
  };
}

/** Whether the container has not started yet, or is gone for a moment. */
function isWaiting(error: unknown): boolean {
  const { status, message = '' } = error as { status?: number; message?: string };
  return status === 400 && /waiting to start|PodInitializing|ContainerCreating/.test(message);
}
