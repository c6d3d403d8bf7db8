/** Lists of a registry, kept current. */
import type { IDisposable } from '@lumino/disposable';

import type { IRegistryList, IRegistryListOptions, Registered } from '../../client/registry';
import { LiveModel } from '../../ui/live';

/** Objects on the page that is read first: enough to fill a screen. */
const FIRST_PAGE = 50;
/** Objects on each further page. */
const NEXT_PAGE = 500;
/** Objects on the page that is read again and again. */
const NEWS_PAGE = 20;
/** Milliseconds between two looks for changes. */
const INTERVAL = 10_000;

/**
 * A whole list, what was changed last first, live while visible: the first page at once, the further ones after it, then what has changed since. The registry deletes
 * nothing, so what was changed since the last look comes first by the time of its last change, and all else is as it was.
 */
export class SyncedList<T extends Registered<object>> implements IDisposable {
  /** @param filter - which objects the server is asked for; all when left out */
  constructor(
    private readonly list: Pick<IRegistryList<T>, 'list'>,
    private readonly filter?: IRegistryListOptions['filterQuery']
  ) {
    this.live = new LiveModel<readonly T[]>({
      read: async (_, signal) => {
        await (this.isComplete ? this.renew(signal) : this.grow(signal));
        return this.ordered;
      },
      interval: () => (this.isComplete ? INTERVAL : 0)
    });
  }

  readonly live: LiveModel<readonly T[]>;

  /** Whether all pages have been read. */
  get isComplete(): boolean {
    return this.next === null;
  }

  get isDisposed(): boolean {
    return this.live.isDisposed;
  }

  setVisible(visible: boolean): void {
    this.live.setVisible(visible);
  }

  /** Looks for changes now. */
  refresh(): Promise<void> {
    return this.live.refresh();
  }

  /** Shows an object as the server has just answered it. */
  put(object: T): void {
    this.known.set(object.id, object);
    this.ordered = this.sorted();
    this.live.update(() => this.ordered);
  }

  dispose(): void {
    this.live.dispose();
  }

  /** Reads the next page of the first pass. */
  private async grow(signal: AbortSignal): Promise<void> {
    const first = this.next === undefined;
    const page = await this.page(first ? FIRST_PAGE : NEXT_PAGE, this.next ?? undefined, signal);
    if (first) {
      this.newest = latest(page.items, 0);
    }
    this.take(page.items);
    this.next = page.nextPageToken ?? null;
  }

  /** Reads what has changed since the last look; what changes meanwhile comes with the next one. */
  private async renew(signal: AbortSignal): Promise<void> {
    const since = this.newest;
    let token: string | undefined;
    let newest = since;
    do {
      const page = await this.page(NEWS_PAGE, token, signal);
      newest = latest(page.items, newest);
      this.take(page.items);
      const last = page.items[page.items.length - 1];
      token = last && timeOf(last) >= since ? page.nextPageToken : undefined;
    } while (token);
    this.newest = newest;
  }

  private page(pageSize: number, pageToken: string | undefined, signal: AbortSignal) {
    return this.list.list({
      pageSize,
      pageToken,
      orderBy: 'LAST_UPDATE_TIME',
      sortOrder: 'DESC',
      filterQuery: this.filter,
      signal
    });
  }

  /** Takes the items of a page, which are in order. */
  private take(items: readonly T[]): void {
    const fresh = items.filter(item => {
      const known = this.known.get(item.id);
      return !known || timeOf(known) <= timeOf(item);
    });
    const last = this.ordered[this.ordered.length - 1];
    const isTail =
      fresh.every(({ id }) => !this.known.has(id)) &&
      (!last || !fresh[0] || timeOf(fresh[0]) <= timeOf(last));
    fresh.forEach(item => this.known.set(item.id, item));
    this.ordered = isTail ? [...this.ordered, ...fresh] : this.sorted();
  }

  private sorted(): readonly T[] {
    return [...this.known.values()].sort((one, other) => timeOf(other) - timeOf(one));
  }

  private ordered: readonly T[] = [];
  private readonly known = new Map<string, T>();
  /** The page to read next; undefined before the first and null after the last one. */
  private next: string | null | undefined;
  /** The time of the last change that is surely known. */
  private newest = 0;
}

const timeOf = (item: Registered<object>) => Number(item.lastUpdateTimeSinceEpoch);

function latest(items: readonly Registered<object>[], known: number): number {
  return items.reduce((newest, item) => Math.max(newest, timeOf(item)), known);
}
