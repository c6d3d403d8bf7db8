/** The commands that register a model. The form itself is loaded when it is first opened. */
import type { ICommandPalette } from '@jupyterlab/apputils';

import { addCommand, describe, describeWith } from '../../ui/commands';
import { registryIcon } from '../../ui/icons';
import { type IRegisterSeed, REGISTER } from '../../ui/registering';
import { CommandIDs, type RegistryContext } from '../context';
import { seedOf } from './seed';

/** Registers what is selected in the file browser. */
export const REGISTER_FILE = 'kubeflow-registry:register-file';

/** Adds the commands. */
export function addRegisterCommands(
  context: RegistryContext,
  palette: ICommandPalette | null
): void {
  const { trans, commands, services } = context;
  const add = addCommand.bind(undefined, context);
  const open = async (seed: IRegisterSeed) => {
    const { askRegistration } = await import('./dialog');
    const made = await askRegistration(context, seed);
    if (made) {
      context.tell({ kind: 'model', object: made.model });
      context.tell({ kind: 'version', object: made.version });
      await commands.execute(CommandIDs.openVersion, {
        versionId: made.version.id,
        name: `${made.model.name} ${made.version.name}`
      });
    }
  };
  const selected = () => {
    const items = [...(services.browsers?.tracker.currentWidget?.selectedItems() ?? [])];
    return items.length === 1 ? items[0] : undefined;
  };
  add(REGISTER, {
    label: trans.__('Register model…'),
    caption: trans.__('Register a version of a model with where its files are'),
    describedBy: describeWith(
      {
        path: trans.__('A file or folder of the Jupyter server'),
        uri: trans.__('Where the model is stored, for example s3://bucket/path'),
        model: trans.__('The registered model of which it is another version')
      },
      {
        source: trans.__(
          'What made it: {kind, name, id?, namespace?, class?}; the kind is run, train-job, trial or notebook'
        ),
        properties: trans.__('Properties of the version by name, as texts')
      }
    ),
    execute: args => open(seedOf(args))
  });
  add(REGISTER_FILE, {
    label: trans.__('Register model…'),
    caption: trans.__('Register the selected file or folder as a version of a model'),
    icon: registryIcon,
    describedBy: describe({}),
    isEnabled: () => selected() !== undefined,
    execute: async () => {
      const item = selected();
      if (item) {
        await open({ path: item.path });
      }
    }
  });
  palette?.addItem({ command: REGISTER, category: trans.__('Kubeflow') });
}
