/** The list of runs as data: merging pages, filtering. Pure functions; runs are newest first. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IPage, IRun } from '../client/pipelines';
import type { GraphState } from '../graph/schema';
import { isFinal } from '../ui/state';

/** The runs read so far. */
export interface IRunList {
  readonly runs: readonly IRun[];
  /** All runs of the server, when it says. */
  readonly total?: number;
  /** Where the next page begins; `null` when all are read. */
  readonly next: string | null;
}

/** What the list shows of the runs. */
export interface IRunFilter {
  text: string;
  /** `all` leaves archived runs out; `archived` shows only those. */
  status: GraphState | 'all' | 'unfinished' | 'archived';
}

/** A filter that hides nothing but archived runs. */
export const NO_FILTER: IRunFilter = { text: '', status: 'all' };

/** A run as the list keeps it: without the answer and the spec, which are large and read again for a detail. */
function slim(run: IRun): IRun {
  return { ...run, raw: {}, pipelineSpec: undefined };
}

/**
 * The list after its first page was read again: runs on the page are renewed, and runs that should be on it but are not have been deleted.
 * When the page holds no known run, others may lie between it and the list: the list begins anew.
 * @param others - runs further down that were read again by themselves; `null` for one that is gone
 */
export function applyFirstPage(
  last: IRunList | undefined,
  page: IPage<IRun>,
  others: ReadonlyMap<string, IRun | null> = new Map()
): IRunList {
  const first = page.items.map(slim);
  const known = new Set(first.map(run => run.id));
  const oldest = first[first.length - 1];
  const whole = !page.nextPageToken;
  const list = whole || last?.runs.some(run => known.has(run.id)) ? last : undefined;
  const rest: IRun[] = [];
  for (const run of whole || !oldest ? [] : (list?.runs ?? [])) {
    const fresh = others.get(run.id);
    if (!known.has(run.id) && run.createdAt <= oldest!.createdAt && fresh !== null) {
      rest.push(fresh ? slim(fresh) : run);
    }
  }
  const next = whole ? null : list ? list.next : (page.nextPageToken ?? null);
  return { runs: [...first, ...rest], total: page.total ?? list?.total, next };
}

/** The list with its next page added. */
export function appendPage(list: IRunList, page: IPage<IRun>): IRunList {
  const known = new Set(list.runs.map(run => run.id));
  const more = page.items.filter(run => !known.has(run.id)).map(slim);
  return {
    runs: [...list.runs, ...more],
    total: page.total ?? list.total,
    next: page.nextPageToken ?? null
  };
}

/** The list in which these runs have been changed so. */
export function changeRuns(
  list: IRunList,
  ids: ReadonlySet<string>,
  change: Partial<IRun>
): IRunList {
  const runs = list.runs.map(run => (ids.has(run.id) ? { ...run, ...change } : run));
  return { ...list, runs };
}

/** The list without these runs. */
export function withoutRuns(list: IRunList, ids: ReadonlySet<string>): IRunList {
  const runs = list.runs.filter(run => !ids.has(run.id));
  const gone = list.runs.length - runs.length;
  return { ...list, runs, total: list.total === undefined ? undefined : list.total - gone };
}

/** The runs that the filter lets through. */
export function filterRuns(runs: readonly IRun[], filter: IRunFilter): readonly IRun[] {
  const wanted = filter.text.trim().toLowerCase();
  return runs.filter(
    run =>
      run.archived === (filter.status === 'archived') &&
      (filter.status === 'all' ||
        filter.status === 'archived' ||
        (filter.status === 'unfinished' ? !isFinal(run.state) : run.state === filter.status)) &&
      (wanted === '' || run.name.toLowerCase().includes(wanted))
  );
}

/** What a run is like as soon as it was retried. */
export const RETRIED: Partial<IRun> = {
  state: 'pending',
  rawState: 'PENDING',
  finishedAt: undefined,
  error: undefined
};

/** Why KFP does not retry a run in this state, as in “it has succeeded”; `undefined` where it does. */
export function retryRefusal(
  run: Pick<IRun, 'state' | 'rawState'>,
  trans: TranslationBundle
): string | undefined {
  if (run.rawState === 'CANCELING') {
    return trans.__('it is being terminated');
  }
  switch (run.state) {
    case 'failed':
    case 'cancelled':
      return undefined;
    case 'succeeded':
      return trans.__('it has succeeded');
    case 'skipped':
    case 'cached':
      return trans.__('it was skipped');
    default:
      return trans.__('it has not ended');
  }
}

/** The ids of the runs that go on. */
export function unfinished(runs: readonly IRun[]): string[] {
  return runs.filter(run => !isFinal(run.state)).map(run => run.id);
}
