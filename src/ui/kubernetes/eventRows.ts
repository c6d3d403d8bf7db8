/** Events as a person reads them. Pure. */
import { compareTimes, lastSeen } from '../../client/kubernetes/eventTime';
import type { Event } from '../../client/kubernetes/kinds';

/** What happened, once however often the server has written it. */
export interface IEventRow {
  key: string;
  warning: boolean;
  reason: string;
  message: string;
  /** `Pod digits-node-0`. */
  about: { kind: string; name: string; uid?: string };
  count: number;
  /** ISO 8601. */
  first?: string;
  last?: string;
  /** Who says it. */
  source?: string;
}

/** The events about the objects with these uids, newest first; those that say the same of the same object are one, counted. */
export function eventRows(events: readonly Event[], uids: ReadonlySet<string>): IEventRow[] {
  const rows = new Map<string, IEventRow>();
  for (const event of events) {
    const { kind = '', name = '', uid } = event.involvedObject ?? {};
    if (!uid || !uids.has(uid)) {
      continue;
    }
    const { reason = '', message = '', type } = event;
    const key = JSON.stringify([uid, type, reason, message]);
    const known = rows.get(key);
    const last = lastSeen(event);
    const first = event.firstTimestamp ?? event.eventTime ?? last;
    const count = event.series?.count ?? event.count ?? 1;
    rows.set(key, {
      key,
      warning: type === 'Warning',
      reason,
      message: message.trim(),
      about: { kind, name, uid },
      count: count + (known?.count ?? 0),
      first: ordered(known?.first, first)[0],
      last: ordered(known?.last, last).pop(),
      source: event.reportingComponent || event.source?.component || undefined
    });
  }
  // Of the same second, what was told later comes first.
  return [...rows.values()]
    .reverse()
    .sort((one, other) => compareTimes(other.last ?? '', one.last ?? ''));
}

function ordered(...times: (string | undefined)[]): string[] {
  return times.filter(time => time !== undefined).sort(compareTimes);
}
