import type { IDisposable } from '@lumino/disposable';

import { isNotFound } from '../client/errors';
import type { IListOptions, IPipelinesClient, IRun } from '../client/pipelines';
import { LiveModel } from '../ui/live';
import { progressCache } from './progress';
import {
  appendPage,
  applyFirstPage,
  changeRuns,
  type IRunList,
  unfinished,
  withoutRuns
} from './runs';

/** Runs on the page that is read first: enough to fill a screen. */
const FIRST_PAGE = 50;
/** Runs on the page that is read again and again. */
const LIVE_PAGE = 20;
/** Runs on each further page. */
const NEXT_PAGE = 200;
/** Unfinished runs below the first page that are renewed at each turn. */
const RENEWED = 8;
const ORDER = 'created_at desc';

/**
 * The runs of the active connection, live while visible: the first page at once, the further pages after it in the background, then the
 * first page and the unfinished runs again and again. What has been changed further down from elsewhere shows in the server's count, or is
 * asked for by `refresh`: then all pages are read anew, and the runs at hand stay until that is done.
 */
export class RunsModel implements IDisposable {
  /**
   * @param onRuns - called with the runs that were just read
   * @param filter - which runs the server is asked for; all when left out
   */
  constructor(
    private readonly client: IPipelinesClient,
    private readonly onRuns: (runs: readonly IRun[]) => void = () => undefined,
    private readonly filter?: IListOptions['filter']
  ) {
    this.live = new LiveModel<IRunList>({
      read: (_, signal) => this.read(signal),
      interval: list => (unfinished(list.runs).length > 0 ? 2000 : 5000)
    });
    this.progress = progressCache(client, () => this.live.update(list => ({ ...list })));
    const end = this.live.subscribe(() => {
      if (this.live.state.status === 'live' && this.growing?.next && !this.filling) {
        void this.fill();
      }
    });
    this.end = end;
  }

  readonly live: LiveModel<IRunList>;
  readonly progress: ReturnType<typeof progressCache>;

  get isDisposed(): boolean {
    return this.live.isDisposed;
  }

  setVisible(visible: boolean): void {
    this.live.setVisible(visible);
    if (!visible) {
      this.abort.abort();
      this.anew ||= this.fresh !== undefined;
      this.fresh = undefined;
    }
  }

  /** Reads all runs anew, also those that were read before. Resolves when the newest are there. */
  refresh(): Promise<void> {
    this.anew = true;
    return this.live.refresh();
  }

  /** Shows what was done to runs without waiting for the server, and asks it anew. */
  change(ids: ReadonlySet<string>, change: Partial<IRun>): void {
    this.fresh &&= changeRuns(this.fresh, ids, change);
    this.live.update(list => (this.list = changeRuns(list, ids, change)));
    this.progress.forget(ids);
    void this.live.refresh();
  }

  /** Takes runs that were deleted out of the list without waiting for the server. */
  remove(ids: ReadonlySet<string>): void {
    this.fresh &&= withoutRuns(this.fresh, ids);
    this.live.update(list => (this.list = withoutRuns(list, ids)));
  }

  dispose(): void {
    this.end();
    this.abort.abort();
    this.progress.clear();
    this.live.dispose();
  }

  private async read(signal: AbortSignal): Promise<IRunList> {
    const page = await this.client.listRuns({
      pageSize: this.list && !this.anew ? LIVE_PAGE : FIRST_PAGE,
      sortBy: ORDER,
      filter: this.filter,
      signal
    });
    const others = await this.renew(new Set(page.items.map(run => run.id)), signal);
    const first = this.list === undefined;
    const list = (this.list = applyFirstPage(this.list, page, others));
    this.fresh &&= applyFirstPage(this.fresh, page, others);
    if ((this.anew && !first) || this.isOutdated(list)) {
      this.fresh = applyFirstPage(undefined, page);
    }
    this.anew = false;
    this.adopt();
    this.progress.refresh();
    this.onRuns([...page.items, ...[...others.values()].filter(run => run !== null)]);
    return this.list;
  }

  /** Whether the server has more or fewer runs than a list that was wholly read. A difference that reading anew does not mend is no sign. */
  private isOutdated(list: IRunList): boolean {
    if (list.next !== null || this.fresh) {
      return false;
    }
    const known = this.difference;
    this.difference = (list.total ?? list.runs.length) - list.runs.length;
    return this.difference !== 0 && this.difference !== known;
  }

  /** The list that lacks pages: the one that is read anew, else the one that is shown. */
  private get growing(): IRunList | undefined {
    return this.fresh ?? this.list;
  }

  /** Shows the list that was read anew once all of it is there. */
  private adopt(): void {
    if (this.fresh?.next === null) {
      this.list = this.fresh;
      this.fresh = undefined;
    }
  }

  /** Reads unfinished runs that are not on the first page, some at each turn. */
  private async renew(
    onPage: ReadonlySet<string>,
    signal: AbortSignal
  ): Promise<Map<string, IRun | null>> {
    const ids = unfinished(this.list?.runs ?? []).filter(id => !onPage.has(id));
    const from = ids.length > 0 ? this.turn % ids.length : 0;
    const some = [...ids.slice(from), ...ids.slice(0, from)].slice(0, RENEWED);
    this.turn = from + some.length;
    const runs = await Promise.all(
      some.map(id =>
        this.client.getRun(id, signal).catch((error: unknown) => {
          if (isNotFound(error)) {
            return null;
          }
          throw error;
        })
      )
    );
    return new Map(some.map((id, index) => [id, runs[index] ?? null]));
  }

  /** Reads all further pages, one after the other. A failure leaves it to the next turn. */
  private async fill(): Promise<void> {
    this.filling = true;
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      while (this.growing?.next && !signal.aborted) {
        const pageToken = this.growing.next;
        const page = await this.client.listRuns({
          pageSize: NEXT_PAGE,
          pageToken,
          sortBy: ORDER,
          filter: this.filter,
          signal
        });
        if (this.growing.next === pageToken && !signal.aborted) {
          if (this.fresh) {
            this.fresh = appendPage(this.fresh, page);
            this.adopt();
          } else {
            this.list = appendPage(this.growing, page);
          }
          this.live.update(() => this.list!);
        }
      }
    } catch {
      // The live read says so when the server cannot be reached.
    } finally {
      this.filling = false;
    }
  }

  private list: IRunList | undefined;
  /** All runs read anew, as far as they are there. */
  private fresh: IRunList | undefined;
  private anew = false;
  /** How many runs more than the list the server counted last. */
  private difference = 0;
  private filling = false;
  private turn = 0;
  private abort = new AbortController();
  private readonly end: () => void;
}
