import { DetailFrame } from '../ui/detailFrame';
import { registryIcon } from '../ui/icons';
import { useModel } from '../ui/live';
import { useSection, useTabName } from '../ui/tabHooks';
import { YamlView } from '../ui/yamlView';
import { About } from './about';
import { Artifacts } from './artifacts';
import { CommandIDs, type RegistryContext } from './context';
import { followVersion, type IVersionData } from './data';
import { Deployments } from './deployments';
import { Description } from './description';
import { Followed, type ICurrent, type IEntryTabProps } from './entryTab';
import { Labels } from './labels';
import { LineageTab } from './lineageTab';
import { modelArtifactOf } from './model/source';
import { useChanges, usePlace } from './place';
import { Properties } from './properties';
import { isArchived } from './search';

/** The tab of a version: its files, its properties, where it came from and where it runs. */
export function VersionDetail(props: IEntryTabProps & { versionId: string }): JSX.Element {
  const { context, versionId } = props;
  const { trans } = context;
  const place = usePlace(context);
  const version = useModel(() => followVersion(context, versionId), [context, versionId, place]);
  useChanges(context, change =>
    version.update(data =>
      change.kind === 'version' && change.object.id === versionId
        ? { ...data, version: change.object }
        : change.kind === 'model' && change.object.id === data.model.id
          ? { ...data, model: change.object }
          : data
    )
  );
  return (
    <Followed
      context={context}
      model={version}
      what={trans.__('versions')}
      absent={trans.__('This version is not in the registry of the active connection.')}
      onGone={props.onGone}
    >
      {(data, current) => <Detail key={place} {...props} data={data} current={current} />}
    </Followed>
  );
}

function Detail(props: IEntryTabProps & { data: IVersionData; current: ICurrent }): JSX.Element {
  const { context, data, current } = props;
  const { version, model, artifacts } = data;
  const { trans, commands, services } = context;
  const [section, setSection] = useSection(props, 'overview');
  const name = `${model.name} ${version.name}`;
  useTabName(props.onName, name);
  const archived = isArchived(version);
  const about = { versionId: version.id, name: version.name };
  const artifact = modelArtifactOf(artifacts);
  return (
    <DetailFrame
      trans={trans}
      icon={registryIcon}
      name={name}
      words={
        <>
          {isArchived(model)
            ? trans.__('Its model is archived')
            : archived
              ? trans.__('Archived')
              : artifact?.modelFormatName}{' '}
          <button
            type="button"
            className="jp-Kubeflow-link"
            onClick={() =>
              void commands.execute(CommandIDs.openModel, {
                modelId: model.id,
                name: model.name,
                section: 'versions'
              })
            }
          >
            {trans.__('All versions')}
          </button>
        </>
      }
      primary={
        archived && !isArchived(model)
          ? {
              label: trans.__('Restore'),
              run: () => commands.execute(CommandIDs.restore, about)
            }
          : undefined
      }
      menu={{
        commands,
        items: [
          { command: CommandIDs.insertSdkCode, args: about },
          ...(archived ? [] : [{ command: CommandIDs.archive, args: about }])
        ]
      }}
      notice={current.notice}
      stale={current.stale}
      current={section}
      onTab={setSection}
      tabs={[
        {
          id: 'overview',
          label: trans.__('Overview'),
          render: () => <Overview context={context} data={data} />
        },
        {
          id: 'lineage',
          label: trans.__('Lineage'),
          render: () => <LineageTab context={context} data={data} />
        },
        {
          id: 'yaml',
          label: trans.__('YAML'),
          render: () => (
            <YamlView
              trans={trans}
              editors={services.editors}
              value={{ ...version, artifacts } as never}
              name={name}
            />
          )
        }
      ]}
    />
  );
}

function Overview(props: { context: RegistryContext; data: IVersionData }): JSX.Element {
  const { context, data } = props;
  const { trans } = context;
  const { version, model, artifacts, deployments } = data;
  const entry = { kind: 'version', object: version } as const;
  const readOnly = isArchived(version) || isArchived(model);
  return (
    <div className="jp-Kubeflow-overview">
      <Description context={context} entry={entry} readOnly={readOnly} />
      <Labels context={context} entry={entry} readOnly={readOnly} />
      <Artifacts context={context} artifacts={artifacts} />
      <Deployments context={context} deployments={deployments} />
      <Properties context={context} entry={entry} readOnly={readOnly} />
      <About
        context={context}
        object={version}
        owner={{ label: trans.__('Author'), name: version.author }}
      />
    </div>
  );
}
