import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { pipelinesIcon } from '../ui/icons';
import { IKubeflow } from '../ui/tokens';
import { readSettings } from './settings';
import { targetPath } from './target';

const PLUGIN_ID = 'jupyterlab-kubeflow:notebook';

/** The commands on notebooks. */
export namespace CommandIDs {
  /**
   * Runs a notebook as a pipeline, after asking for its parameters. Arguments: `{path?, origin?}`, see `targetPath`. Resolves with the run's
   * id, or with `null` when no run was created.
   */
  export const runAsPipeline = 'kubeflow-notebook:run-as-pipeline';
}

/** *Run as pipeline…* in the menus of notebooks, their toolbar and the palette. */
export const notebookPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Runs notebooks as Kubeflow pipelines.',
  autoStart: true,
  requires: [IKubeflow, IDocumentManager],
  optional: [
    ICommandPalette,
    IFileBrowserFactory,
    INotebookTracker,
    ISettingRegistry,
    IStateDB,
    ITranslator
  ],
  activate
};

function activate(
  app: JupyterFrontEnd,
  kubeflow: IKubeflow,
  docManager: IDocumentManager,
  palette: ICommandPalette | null,
  browsers: IFileBrowserFactory | null,
  notebooks: INotebookTracker | null,
  settingRegistry: ISettingRegistry | null,
  state: IStateDB | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('jupyterlab_kubeflow');
  const sources = { app, browsers, notebooks };
  const command = CommandIDs.runAsPipeline;

  app.commands.addCommand(command, {
    label: args => (args.toolbar ? '' : trans.__('Run as pipeline…')),
    caption: trans.__('Run this notebook as a Kubeflow pipeline'),
    icon: pipelinesIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: { type: 'string', description: trans.__('Path of the notebook') },
          origin: {
            type: 'string',
            enum: ['file-browser', 'notebook'],
            description: trans.__(
              'Without a path: the clicked item of the file browser, or the notebook that was used last. Otherwise the notebook in front.'
            )
          },
          toolbar: { type: 'boolean', description: trans.__('Shown in a toolbar') }
        }
      }
    },
    isEnabled: args =>
      args.origin !== undefined || args.path !== undefined || targetPath(args, sources) !== null,
    execute: async args => {
      const path = targetPath(args, sources);
      if (path === null) {
        return null;
      }
      const [settings, { runNotebook }] = await Promise.all([
        settingRegistry?.load(PLUGIN_ID).catch((error: unknown) => {
          console.warn('Kubeflow: the settings of notebooks could not be read.', error);
          return null;
        }),
        import('./run')
      ]);
      const run = await runNotebook({
        path,
        kubeflow,
        docManager,
        commands: app.commands,
        settings: readSettings(settings?.composite as Record<string, unknown> | undefined),
        state,
        trans
      });
      return run?.id ?? null;
    }
  });
  palette?.addItem({ command, category: trans.__('Kubeflow') });
}

export default notebookPlugin;
