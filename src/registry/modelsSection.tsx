import { deleteIcon, undoIcon } from '@jupyterlab/ui-components';
import { useEffect, useMemo, useState } from 'react';

import type { IModelVersion, IRegisteredModel } from '../client/registry';
import { registryIcon } from '../ui/icons';
import { ListSection } from '../ui/listSection';
import { useModel } from '../ui/live';
import { REGISTER } from '../ui/registering';
import { RowCache } from '../ui/rowCache';
import { Name, RelativeTime, useNow } from '../ui/text';
import { useListRequests } from '../ui/useListRequests';
import { CommandIDs, type RegistryContext } from './context';
import { SyncedList } from './model/syncedList';
import { isoOf } from './model/times';
import { useChanges, useRegistryProblem } from './place';
import { holds, isArchived, stateOptions } from './search';

const keyOf = ({ id }: IRegisteredModel) => id;

/** The models of the registry, what was changed last first. */
export function ModelsSection(props: { context: RegistryContext }): JSX.Element {
  const { context } = props;
  const { trans, client, commands } = context;
  const list = useModel(() => new SyncedList<IRegisteredModel>(client.registeredModels), [client]);
  const problem = useRegistryProblem(context, trans.__('models'));
  const section = useListRequests(context.asked, () => void list.refresh());
  const newest = useNewest(context);
  const now = useNow(60_000);
  useChanges(context, change => change.kind === 'model' && list.put(change.object));
  useEffect(() => () => context.select([]), [context]);

  const about = ({ id, name }: IRegisteredModel) => ({ modelId: id, name });
  const open = (model: IRegisteredModel) =>
    void commands.execute(CommandIDs.openModel, about(model));
  return (
    <ListSection
      trans={trans}
      model={list.live}
      problem={problem}
      handle={section}
      words={{
        list: trans.__('Models'),
        filter: trans.__('Filter models by name, label or property=value'),
        noMatch: () =>
          list.isComplete
            ? trans.__('No model matches.')
            : trans.__('No model matches so far; others are still being read.'),
        count: (shown, all) =>
          shown < all
            ? trans.__('%1 of %2 models', shown.toLocaleString(), all.toLocaleString())
            : trans._n('%1 model', '%1 models', all, all.toLocaleString())
      }}
      choice={{
        label: trans.__('State'),
        options: stateOptions(trans, {
          message: trans.__('All models are in the archive.'),
          label: trans.__('Show archived models')
        })
      }}
      empty={{
        message: trans.__(
          'No models yet. Right-click a model’s file and choose Register model…, or do so with a run’s artifact, a training job or a trial.'
        ),
        action: commands.hasCommand(REGISTER)
          ? { label: trans.__('Register model…'), run: () => void commands.execute(REGISTER) }
          : undefined
      }}
      kind="registered-model"
      itemKey={keyOf}
      holds={holds}
      itemLabel={model => (isArchived(model) ? trans.__('%1, archived', model.name) : model.name)}
      renderRow={model => (
        <>
          <registryIcon.react tag="span" className="jp-Kubeflow-icon" width="16px" height="16px" />
          <Name text={model.name} facts={model.description} />
          <span className="jp-Kubeflow-figure" title={trans.__('Newest version')}>
            {isArchived(model) ? trans.__('archived') : newest.get(model.id)?.name}
          </span>
          <RelativeTime iso={isoOf(model.lastUpdateTimeSinceEpoch)} now={now} />
        </>
      )}
      actions={model => [
        isArchived(model)
          ? {
              id: 'restore',
              icon: undoIcon,
              label: trans.__('Restore model'),
              run: () => void commands.execute(CommandIDs.restore, about(model))
            }
          : {
              id: 'archive',
              icon: deleteIcon,
              label: trans.__('Archive model…'),
              run: () => void commands.execute(CommandIDs.archive, about(model))
            }
      ]}
      onOpen={open}
      onDelete={() => void commands.execute(CommandIDs.archive, { from: 'list' })}
      onSelect={chosen => context.select(chosen)}
      onVisible={models => newest.show(models)}
    />
  );
}

/** The newest version of each model in sight. */
function useNewest({ client }: RegistryContext): RowCache<IRegisteredModel, IModelVersion | null> {
  const [, setTurn] = useState(0);
  const newest = useMemo(
    () =>
      new RowCache<IRegisteredModel, IModelVersion | null>({
        key: keyOf,
        read: async ({ id }, signal) => {
          const page = await client
            .versionsOf(id)
            .list({ pageSize: 1, orderBy: 'CREATE_TIME', sortOrder: 'DESC', signal });
          return page.items[0] ?? null;
        },
        isWanted: () => true,
        version: model => model.lastUpdateTimeSinceEpoch,
        isFinal: () => false,
        onChange: () => setTurn(turn => turn + 1)
      }),
    [client]
  );
  useEffect(() => () => newest.clear(), [newest]);
  return newest;
}
