/** How many items are read at the same time. */
const PARALLEL = 2;

/** What a `RowCache` reads and when. */
export interface IRowCacheOptions<T, V> {
  key: (item: T) => string;
  read: (item: T, signal: AbortSignal) => Promise<V>;
  /** Whether there is something to read for an item in its state. */
  isWanted: (item: T) => boolean;
  /** What changes with an item's state, so that what was read before is read again; never when left out. */
  version?: (item: T) => string;
  /** Whether what is read for an item in its state stays true. */
  isFinal: (item: T) => boolean;
  /** Called after each answer. */
  onChange: () => void;
}

/**
 * What a list tells of each row beside the row itself: read when a row comes into sight, two at a time, and read again after each `refresh`
 * unless it stays true. A row whose answer fails does without until then.
 */
export class RowCache<T, V> {
  constructor(private readonly options: IRowCacheOptions<T, V>) {}

  /** What is known of an item. */
  get(key: string): V | undefined {
    return this.known.get(key)?.value;
  }

  /** Says which rows are on the screen and reads what is missing or has grown old. */
  show(items: readonly T[]): void {
    const { key, isWanted, isFinal } = this.options;
    this.wanted = items.filter(item => {
      const known = this.known.get(key(item));
      return (
        isWanted(item) && !(known?.final && isFinal(item)) && known?.stamp !== this.stampOf(item)
      );
    });
    this.pump();
  }

  /** What was read is old from now on. */
  refresh(): void {
    this.stamp += 1;
  }

  /** Forgets what was read of these items. */
  forget(keys: ReadonlySet<string>): void {
    keys.forEach(key => this.known.delete(key));
  }

  /** Forgets everything and cancels what is under way. */
  clear(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.known.clear();
    this.wanted = [];
    this.reading.clear();
  }

  private pump(): void {
    while (this.reading.size < PARALLEL) {
      const item = this.wanted.shift();
      if (item === undefined) {
        return;
      }
      if (!this.reading.has(this.options.key(item))) {
        void this.read(item, this.abort.signal);
      }
    }
  }

  private async read(item: T, signal: AbortSignal): Promise<void> {
    const stamp = this.stampOf(item);
    const key = this.options.key(item);
    this.reading.add(key);
    let value = this.get(key);
    let final = false;
    try {
      value = await this.options.read(item, signal);
      final = this.options.isFinal(item);
    } catch {
      // The list itself says when the server cannot be reached.
    }
    if (signal.aborted) {
      return;
    }
    this.reading.delete(key);
    this.known.set(key, { value, stamp, final });
    this.options.onChange();
    this.pump();
  }

  private stampOf(item: T): string {
    return `${this.stamp}/${this.options.version?.(item) ?? ''}`;
  }

  private readonly known = new Map<
    string,
    { value: V | undefined; stamp: string; final: boolean }
  >();
  private readonly reading = new Set<string>();
  private wanted: T[] = [];
  private stamp = 0;
  private abort = new AbortController();
}
