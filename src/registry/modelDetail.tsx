import { useMemo, useState } from 'react';

import type { IModelVersion } from '../client/registry';
import { DetailFrame } from '../ui/detailFrame';
import { registryIcon } from '../ui/icons';
import { useLive, useModel } from '../ui/live';
import { REGISTER } from '../ui/registering';
import { useSection, useTabName } from '../ui/tabHooks';
import { RelativeTime, useNow } from '../ui/text';
import { YamlView } from '../ui/yamlView';
import { About } from './about';
import { CompareTab } from './compareTab';
import { CommandIDs, type RegistryContext } from './context';
import { followModel, type IModelData } from './data';
import { Deployments } from './deployments';
import { Description } from './description';
import { Followed, type ICurrent, type IEntryTabProps } from './entryTab';
import { Labels } from './labels';
import { SyncedList } from './model/syncedList';
import { isoOf } from './model/times';
import { useChanges, usePlace } from './place';
import { Properties } from './properties';
import { isArchived } from './search';
import { VersionsTab } from './versionsTab';

/** The tab of a registered model: what it is, its versions, and where they run. */
export function ModelDetail(props: IEntryTabProps & { modelId: string }): JSX.Element {
  const { context, modelId } = props;
  const { trans } = context;
  const place = usePlace(context);
  const model = useModel(() => followModel(context, modelId), [context, modelId, place]);
  useChanges(context, change => {
    if (change.kind === 'model' && change.object.id === modelId) {
      model.update(data => ({ ...data, model: change.object }));
    }
  });
  return (
    <Followed
      context={context}
      model={model}
      what={trans.__('models')}
      absent={trans.__('This model is not in the registry of the active connection.')}
      onGone={props.onGone}
    >
      {(data, current) => <Detail key={place} {...props} data={data} current={current} />}
    </Followed>
  );
}

/** The versions of a model, live; with what the user changes. */
function useVersions(context: RegistryContext, modelId: string): SyncedList<IModelVersion> {
  const versions = useModel(
    () => new SyncedList<IModelVersion>(context.client.versionsOf(modelId)),
    [context, modelId]
  );
  useChanges(context, ({ kind, object }) => {
    if (kind === 'version' && object.registeredModelId === modelId) {
      versions.put(object);
    }
  });
  return versions;
}

function Detail(props: IEntryTabProps & { data: IModelData; current: ICurrent }): JSX.Element {
  const { context, data, current } = props;
  const { model, deployments } = data;
  const { trans, commands, services } = context;
  const [section, setSection] = useSection(props, 'overview');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const versions = useVersions(context, model.id);
  const state = useLive(versions.live);
  useTabName(props.onName, model.name);
  const archived = isArchived(model);
  const about = { modelId: model.id, name: model.name };
  const compared = useMemo(
    () => state.data?.filter(({ id }) => chosen.has(id)) ?? [],
    [state.data, chosen]
  );
  return (
    <DetailFrame
      trans={trans}
      icon={registryIcon}
      name={model.name}
      words={
        archived ? (
          trans.__('Archived')
        ) : (
          <VersionWords context={context} versions={state.data} whole={versions.isComplete} />
        )
      }
      primary={
        archived
          ? {
              label: trans.__('Restore'),
              run: () => commands.execute(CommandIDs.restore, about)
            }
          : commands.hasCommand(REGISTER)
            ? {
                label: trans.__('Register version…'),
                run: () => commands.execute(REGISTER, { model: model.name })
              }
            : undefined
      }
      menu={
        archived ? undefined : { commands, items: [{ command: CommandIDs.archive, args: about }] }
      }
      notice={current.notice}
      stale={current.stale}
      current={section}
      onTab={setSection}
      tabs={[
        {
          id: 'overview',
          label: trans.__('Overview'),
          render: () => (
            <Overview
              context={context}
              data={data}
              versionName={id => state.data?.find(version => version.id === id)?.name}
            />
          )
        },
        {
          id: 'versions',
          label: trans.__('Versions'),
          render: () => (
            <VersionsTab
              context={context}
              model={model}
              versions={versions}
              deployments={deployments}
              chosen={chosen}
              onChoose={setChosen}
              onCompare={() => setSection('compare')}
            />
          )
        },
        {
          id: 'compare',
          label: trans.__('Compare'),
          render: () => (
            <CompareTab
              context={context}
              versions={compared}
              onChoose={() => setSection('versions')}
            />
          )
        },
        {
          id: 'yaml',
          label: trans.__('YAML'),
          render: () => (
            <YamlView
              trans={trans}
              editors={services.editors}
              value={model as never}
              name={model.name}
            />
          )
        }
      ]}
    />
  );
}

/** How many versions there are, and which is the newest. */
function VersionWords(props: {
  context: RegistryContext;
  versions: readonly IModelVersion[] | undefined;
  /** Whether all of them have been read. */
  whole: boolean;
}): JSX.Element | null {
  const { versions, whole } = props;
  const { trans } = props.context;
  const now = useNow(60_000);
  const live = versions?.filter(version => !isArchived(version));
  const newest = live?.reduce<IModelVersion | undefined>(
    (last, each) =>
      !last || Number(each.createTimeSinceEpoch) > Number(last.createTimeSinceEpoch) ? each : last,
    undefined
  );
  if (!live) {
    return null;
  }
  return (
    <>
      {whole
        ? trans._n('%1 version', '%1 versions', live.length, live.length.toLocaleString())
        : trans.__('%1 versions and more', live.length.toLocaleString())}
      {newest && (
        <>
          {' · '}
          {trans.__('newest %1', newest.name)}{' '}
          <RelativeTime iso={isoOf(newest.createTimeSinceEpoch)} now={now} />
        </>
      )}
    </>
  );
}

function Overview(props: {
  context: RegistryContext;
  data: IModelData;
  versionName: (id: string) => string | undefined;
}): JSX.Element {
  const { context, data } = props;
  const { trans } = context;
  const { model, deployments } = data;
  const entry = { kind: 'model', object: model } as const;
  const readOnly = isArchived(model);
  return (
    <div className="jp-Kubeflow-overview">
      <Description context={context} entry={entry} readOnly={readOnly} />
      <Labels context={context} entry={entry} readOnly={readOnly} />
      <Deployments context={context} deployments={deployments} versionName={props.versionName} />
      <Properties context={context} entry={entry} readOnly={readOnly} />
      <About
        context={context}
        object={model}
        owner={{ label: trans.__('Owner'), name: model.owner }}
      />
    </div>
  );
}
