import type { IDisposable } from '@lumino/disposable';

import { everything } from '../client/paging';
import type { IPipelinesClient, IRecurringRun } from '../client/pipelines';
import { LiveModel } from '../ui/live';
import { RowCache } from '../ui/rowCache';
import { type IRecurringFacts, readFacts } from './recurring';

const PAGE = 200;
const INTERVAL = 10_000;

/** The recurring runs of the active connection, newest first and live while visible; of those on the screen also the last run and the pipeline. */
export class RecurringModel implements IDisposable {
  constructor(client: IPipelinesClient) {
    this.live = new LiveModel<readonly IRecurringRun[]>({
      read: async (_, signal) => {
        const options = { pageSize: PAGE, sortBy: 'created_at desc', signal };
        const items = await everything(options, page => client.listRecurringRuns(page));
        this.facts.refresh();
        return items;
      },
      interval: () => INTERVAL
    });
    this.facts = new RowCache<IRecurringRun, IRecurringFacts>({
      key: item => item.id,
      read: (item, signal) => readFacts(client, item, 1, signal),
      isWanted: () => true,
      isFinal: () => false,
      onChange: () => this.live.update(items => [...items])
    });
  }

  readonly live: LiveModel<readonly IRecurringRun[]>;
  /** By the recurring run's id. */
  readonly facts: RowCache<IRecurringRun, IRecurringFacts>;

  get isDisposed(): boolean {
    return this.live.isDisposed;
  }

  setVisible(visible: boolean): void {
    this.live.setVisible(visible);
  }

  dispose(): void {
    this.facts.clear();
    this.live.dispose();
  }
}
