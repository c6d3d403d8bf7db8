import type { IDisposable } from '@lumino/disposable';

import { isNotFound } from '../client/errors';
import type { IPipelinesClient, IRun } from '../client/pipelines';
import { LiveModel } from '../ui/live';
import { ProgressCache } from './progress';
import { appendPage, applyFirstPage, type IRunList, unfinished, withoutRuns } from './runs';

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
 * first page and the unfinished runs again and again.
 */
export class RunsModel implements IDisposable {
  /** @param onRuns - called with the runs that were just read */
  constructor(
    private readonly client: IPipelinesClient,
    private readonly onRuns: (runs: readonly IRun[]) => void = () => undefined
  ) {
    this.live = new LiveModel<IRunList>({
      read: (_, signal) => this.read(signal),
      interval: list => (unfinished(list.runs).length > 0 ? 2000 : 5000)
    });
    this.progress = new ProgressCache(client, () => this.live.update(list => ({ ...list })));
    const end = this.live.subscribe(() => {
      if (this.live.state.status === 'live' && this.list?.next && !this.filling) {
        void this.fill();
      }
    });
    this.end = end;
  }

  readonly live: LiveModel<IRunList>;
  readonly progress: ProgressCache;

  get isDisposed(): boolean {
    return this.live.isDisposed;
  }

  setVisible(visible: boolean): void {
    this.live.setVisible(visible);
    if (!visible) {
      this.abort.abort();
    }
  }

  /** Takes runs that were deleted out of the list without waiting for the server. */
  remove(ids: ReadonlySet<string>): void {
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
      pageSize: this.list ? LIVE_PAGE : FIRST_PAGE,
      sortBy: ORDER,
      signal
    });
    const others = await this.renew(new Set(page.items.map(run => run.id)), signal);
    this.list = applyFirstPage(this.list, page, others);
    this.progress.refresh();
    this.onRuns([...page.items, ...[...others.values()].filter(run => run !== null)]);
    return this.list;
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
      while (this.list?.next && !signal.aborted) {
        const pageToken = this.list.next;
        const page = await this.client.listRuns({
          pageSize: NEXT_PAGE,
          pageToken,
          sortBy: ORDER,
          signal
        });
        if (this.list.next === pageToken && !signal.aborted) {
          this.list = appendPage(this.list, page);
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
  private filling = false;
  private turn = 0;
  private abort = new AbortController();
  private readonly end: () => void;
}
