import { deleteIcon, listIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { IRecurringRun } from '../client/pipelines';
import { type IListSection, ListSection, nameHas } from '../ui/listSection';
import { useLive, useModel } from '../ui/live';
import { useNow } from '../ui/text';
import { CommandIDs, type IChange, type PipelinesContext } from './context';
import { useComponentProblem } from './problem';
import { RecurringModel } from './recurringModel';
import { RecurringRow, scheduleLabel, statusLabel } from './recurringRow';

const itemKey = (item: IRecurringRun) => item.id;

/** The section *Recurring* of the panel. */
export function RecurringSection(props: { context: PipelinesContext }): JSX.Element {
  const { context } = props;
  const { trans, commands } = context;
  const model = useModel(() => new RecurringModel(context.client), [context]);
  const { since } = useLive(model.live);
  const section = useRef<IListSection>(null);
  const now = useNow(10_000);
  const problem = useComponentProblem(context, trans.__('recurring runs'));
  const [visible, setVisible] = useState<IRecurringRun[]>([]);
  useEffect(() => model.facts.show(visible), [model, visible, since]);
  const onSelect = useCallback(
    (recurring: IRecurringRun[]) => context.select({ recurring }),
    [context]
  );

  useEffect(() => {
    const onChange = (_: PipelinesContext, change: IChange) => {
      if (change.kind === 'filter') {
        section.current?.focusFilter();
      } else if (change.kind === 'recurring-deleted') {
        model.live.update(items => items.filter(item => !change.ids.has(item.id)));
        void model.live.refresh();
      } else if (['refresh', 'recurring', 'runs-deleted'].includes(change.kind)) {
        void model.live.refresh();
      }
    };
    context.changed.connect(onChange);
    return () => {
      context.changed.disconnect(onChange);
      context.select({ recurring: [] });
    };
  }, [context, model]);

  const about = (item: IRecurringRun) => ({ recurringRunId: item.id, name: item.name });
  const action = (item: IRecurringRun, id: string, icon: typeof runIcon) => ({
    id,
    icon,
    label: commands.label(id, about(item)),
    run: () => void commands.execute(id, about(item))
  });
  return (
    <ListSection
      trans={trans}
      model={model.live}
      problem={problem}
      handle={section}
      words={{
        list: trans.__('Recurring runs'),
        filter: trans.__('Filter recurring runs'),
        noMatch: () => trans.__('No recurring run matches.'),
        count: (shown, all) =>
          shown < all
            ? trans.__('%1 of %2 recurring runs', shown, all)
            : trans._n('%1 recurring run', '%1 recurring runs', shown, shown)
      }}
      choice={{
        label: trans.__('Status'),
        options: [
          { value: 'all', label: trans.__('All'), test: () => true },
          { value: 'enabled', label: trans.__('Enabled'), test: item => item.enabled },
          { value: 'disabled', label: trans.__('Disabled'), test: item => !item.enabled }
        ]
      }}
      empty={{
        message: trans.__(
          'No recurring runs yet. Schedule a pipeline or a run to have it run again and again.'
        ),
        action: {
          label: trans.__('Schedule a pipeline…'),
          run: () => void commands.execute(CommandIDs.schedulePipeline)
        }
      }}
      kind="recurring-run"
      itemKey={itemKey}
      holds={(item, text) => nameHas(item.name, text)}
      itemLabel={item =>
        [
          item.name,
          statusLabel(item, now, trans),
          scheduleLabel(item, trans),
          ...(item.error ? [item.error] : [])
        ].join(', ')
      }
      renderRow={item => (
        <RecurringRow item={item} facts={model.facts.get(item.id)} now={now} trans={trans} />
      )}
      actions={item => [
        action(item, CommandIDs.showRunsOf, listIcon),
        item.enabled
          ? action(item, CommandIDs.disableRecurringRun, stopIcon)
          : action(item, CommandIDs.enableRecurringRun, runIcon),
        action(item, CommandIDs.deleteRecurringRun, deleteIcon)
      ]}
      onOpen={item => void commands.execute(CommandIDs.openRecurringRun, about(item))}
      onDelete={() => void commands.execute(CommandIDs.deleteRecurringRun, { from: 'list' })}
      onSelect={onSelect}
      onVisible={setVisible}
    />
  );
}
