import type { IRegisteredModel } from '../client/registry';
import { addCommand, type Args, describe, text } from '../ui/commands';
import { addPanelCommands } from '../ui/objectCommands';
import type { IEntry } from './actions';
import { CommandIDs, type RegistryContext } from './context';
import { isArchived } from './search';

/** What the commands need beside the context. */
export interface ICommandHost {
  /** Reveals the sidebar panel. */
  showPanel: () => void;
  /** Opens or activates a model's tab, at a section. */
  openModel: (id: string, name: string, section?: string) => void;
  /** Opens or activates a version's tab, at a section. */
  openVersion: (id: string, name: string, section?: string) => void;
  /** What the tab in front is opened with: `{modelId}` or `{versionId}`. */
  front: () => Args | undefined;
}

/** The id of a model's tab. */
export const modelTab = (id: string) => `kubeflow-registered-model-${id}`;

/** The id of a version's tab. */
export const versionTab = (id: string) => `kubeflow-model-version-${id}`;

/** Adds the panel's commands. The heavy parts are loaded when a command first needs them. */
export function addCommands(context: RegistryContext, host: ICommandHost): void {
  const { trans, client } = context;
  const add = addCommand.bind(undefined, context);
  const actions = () => import('./actions');
  const entry = describe({
    modelId: trans.__('The model; without it, that of the tab in front or the selected ones'),
    versionId: trans.__('The version, in place of a model'),
    name: trans.__('Its name'),
    from: trans.__('“list” means the models that are selected in the panel')
  });
  /** What names the objects of a command: its arguments, else the tab in front. */
  const named = (args: Args): Args | undefined =>
    text(args, 'modelId') || text(args, 'versionId')
      ? args
      : args['from'] === 'list'
        ? undefined
        : host.front();
  const listed = (args: Args): readonly IRegisteredModel[] => {
    const modelId = text(named(args) ?? {}, 'modelId');
    return named(args) ? context.selection.filter(({ id }) => id === modelId) : context.selection;
  };
  const isAbout = (args: Args) => named(args) !== undefined || context.selection.length > 0;
  const entriesOf = async (args: Args): Promise<readonly IEntry[]> => {
    const given = named(args);
    const versionId = given && text(given, 'versionId');
    const modelId = given && text(given, 'modelId');
    if (versionId) {
      return [{ kind: 'version', object: await client.modelVersions.get(versionId) }];
    }
    const models = modelId ? [await client.registeredModels.get(modelId)] : context.selection;
    return models.map(object => ({ kind: 'model', object }));
  };
  const inState = async (args: Args, archived: boolean) =>
    (await entriesOf(args)).filter(({ object }) => isArchived(object) === archived);

  addPanelCommands(context, {
    show: host.showPanel,
    ask: request => context.ask(request),
    ids: CommandIDs,
    words: {
      showPanel: [
        trans.__('Show Model Registry panel'),
        trans.__('Show the models of the active connection’s registry')
      ],
      refresh: [trans.__('Refresh models'), trans.__('Read the models again')],
      filter: [
        trans.__('Filter models'),
        trans.__('Put the keyboard into the filter of the Model Registry panel')
      ]
    }
  });
  add(CommandIDs.openModel, {
    label: trans.__('Open model'),
    caption: trans.__('Show what a model is, its versions and where it runs'),
    describedBy: describe({
      modelId: trans.__('The model; without it, the selected ones'),
      name: trans.__('Its name'),
      section: trans.__('What to show first: overview, versions, compare or yaml')
    }),
    isEnabled: args => text(args, 'modelId') !== undefined || context.selection.length > 0,
    execute: args => {
      const modelId = text(args, 'modelId');
      const models = modelId
        ? [{ id: modelId, name: text(args, 'name') ?? '…' }]
        : context.selection;
      models.forEach(({ id, name }) => host.openModel(id, name, text(args, 'section')));
    }
  });
  add(CommandIDs.openVersion, {
    label: trans.__('Open model version'),
    caption: trans.__('Show a version’s files, properties, and where it came from and runs'),
    describedBy: describe(
      {
        versionId: trans.__('The version'),
        name: trans.__('Its name'),
        section: trans.__('What to show first: overview, lineage or yaml')
      },
      ['versionId']
    ),
    isEnabled: args => text(args, 'versionId') !== undefined,
    execute: args => {
      const versionId = text(args, 'versionId');
      if (versionId) {
        host.openVersion(versionId, text(args, 'name') ?? '…', text(args, 'section'));
      }
    }
  });
  add(CommandIDs.archive, {
    label: trans.__('Archive…'),
    caption: trans.__('Put a model or a version aside; nothing of it is deleted'),
    describedBy: entry,
    isEnabled: isAbout,
    isVisible: args => args['from'] !== 'list' || listed(args).some(each => !isArchived(each)),
    execute: async args => (await actions()).archive(context, await inState(args, false))
  });
  add(CommandIDs.restore, {
    label: trans.__('Restore'),
    caption: trans.__('Take a model or a version out of the archive'),
    describedBy: entry,
    isEnabled: isAbout,
    isVisible: args => args['from'] !== 'list' || listed(args).some(isArchived),
    execute: async args => (await actions()).restore(context, await inState(args, true))
  });
  add(CommandIDs.insertSdkCode, {
    label: trans.__('Insert SDK code'),
    caption: trans.__('Put the Python that finds this version into the notebook used last'),
    describedBy: describe({
      versionId: trans.__('The version; without it, that of the tab in front')
    }),
    isEnabled: args =>
      text(named(args) ?? {}, 'versionId') !== undefined && context.services.notebooks !== null,
    execute: async args => {
      const { insertVersionCode } = await actions();
      await insertVersionCode(context, text(named(args) ?? {}, 'versionId')!);
    }
  });
}
