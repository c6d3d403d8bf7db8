import type { TranslationBundle } from '@jupyterlab/translation';
import { historyIcon } from '@jupyterlab/ui-components';

import type { IRecurringRun } from '../client/pipelines';
import { formatExact, localeOf } from '../ui/format';
import { stateIcons } from '../ui/icons';
import { scheduleWords } from '../ui/schedule/words';
import { StateIcon } from '../ui/state';
import { stateLabel } from '../ui/stateLabel';
import { Name, RelativeTime } from '../ui/text';
import { hasEnded, type IRecurringFacts, nextRuns } from './recurring';

/** Whether a recurring run starts runs, in a word. */
export function statusLabel(item: IRecurringRun, now: number, trans: TranslationBundle): string {
  if (!item.enabled) {
    return trans.__('Disabled');
  }
  return hasEnded(item, now) ? trans.__('Ended') : trans.__('Enabled');
}

/** Whether a recurring run starts runs, as icon. */
export function RecurringIcon(props: {
  item: IRecurringRun;
  now: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { item, now, trans } = props;
  const label = statusLabel(item, now, trans);
  const Icon = item.enabled ? historyIcon : stateIcons.paused;
  return (
    <span
      className={`jp-Kubeflow-icon jp-Kubeflow-state jp-mod-${item.enabled ? 'enabled' : 'disabled'}`}
      role="img"
      aria-label={label}
      title={label}
    >
      <Icon.react tag={null} width="16px" height="16px" />
    </span>
  );
}

/** A recurring run's schedule in words. */
export function scheduleLabel(item: IRecurringRun, trans: TranslationBundle): string {
  return item.schedule ? scheduleWords(item.schedule, trans) : trans.__('No schedule');
}

/** A recurring run as one line: whether it is enabled, name, pipeline where there is room, schedule, last and next run. */
export function RecurringRow(props: {
  item: IRecurringRun;
  facts: IRecurringFacts | undefined;
  now: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { item, facts, now, trans } = props;
  const locale = localeOf(trans);
  const last = facts?.runs[0];
  const [next] = nextRuns(item, facts, now, 1);
  return (
    <>
      <RecurringIcon item={item} now={now} trans={trans} />
      <Name text={item.name} />
      <Name className="jp-Kubeflow-row-wide" text={facts?.pipeline ?? ''} />
      <span
        className={`jp-Kubeflow-words${item.error ? ' jp-mod-failed' : ''}`}
        title={describe(item, facts, next, trans)}
      >
        {item.error ?? scheduleLabel(item, trans)}
      </span>
      <span
        className="jp-Kubeflow-lastRun"
        title={last && trans.__('Last run: %1', formatExact(last.createdAt, locale))}
      >
        {last && <StateIcon state={last.state} trans={trans} />}
      </span>
      {next === undefined ? (
        <span className="jp-Kubeflow-time">
          {item.enabled ? trans.__('ended') : trans.__('off')}
        </span>
      ) : (
        <RelativeTime iso={new Date(next).toISOString()} now={now} locale={locale} />
      )}
    </>
  );
}

/** Everything that the row has no room for, on hover. */
function describe(
  item: IRecurringRun,
  facts: IRecurringFacts | undefined,
  next: number | undefined,
  trans: TranslationBundle
): string {
  const locale = localeOf(trans);
  const last = facts?.runs[0];
  return [
    item.error ?? '',
    scheduleLabel(item, trans),
    item.schedule?.kind === 'cron' ? item.schedule.cron : '',
    next === undefined
      ? ''
      : trans.__('Next run: %1', formatExact(new Date(next).toISOString(), locale)),
    facts?.pipeline ? trans.__('Pipeline: %1', facts.pipeline) : '',
    last
      ? trans.__(
          'Last run: %1, %2',
          stateLabel(last.state, trans),
          formatExact(last.createdAt, locale)
        )
      : facts
        ? trans.__('No run yet')
        : ''
  ]
    .filter(line => line !== '')
    .join('\n');
}
