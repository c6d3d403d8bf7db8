import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { createElement } from 'react';

import { trainJobs } from '../client/kubernetes/kinds/trainer';
import { detailTabs } from '../ui/detailTabs';
import { trainerIcon } from '../ui/icons';
import { ServedKind } from '../ui/kubernetes/served';
import { addSidePanel } from '../ui/sidePanel';
import { IKubeflow } from '../ui/tokens';
import { addCommands, idOf } from './commands';
import { addFormCommands, FormCommandIDs } from './create/commands';
import { CommandIDs, TrainerContext } from './context';

const PLUGIN_ID = 'jupyterlab-kubeflow:trainer';
const PANEL_ID = 'kubeflow-trainer-panel';
const TYPE = 'Kubeflow Trainer';

/** The Trainer panel, the tabs of its jobs, and their commands. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Training jobs of Kubeflow Trainer: sidebar panel, detail tabs, form, commands.',
  autoStart: true,
  requires: [IKubeflow],
  optional: [
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    IStateDB,
    ISettingRegistry,
    IDocumentManager,
    IEditorServices,
    IFileBrowserFactory,
    INotebookTracker
  ],
  activate: (
    app: JupyterFrontEnd,
    kubeflow: IKubeflow,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    state: IStateDB | null,
    settings: ISettingRegistry | null,
    documents: IDocumentManager | null,
    editors: IEditorServices | null,
    browsers: IFileBrowserFactory | null,
    notebooks: INotebookTracker | null
  ) => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_kubeflow');
    const services = { app, documents, browsers, notebooks, editors, settings, state };
    const context = new TrainerContext(kubeflow, commands, trans, services);

    const served = new ServedKind(kubeflow, trainJobs);
    const showPanel = addSidePanel({
      shell,
      connection: served,
      trans,
      restorer,
      settings,
      plugin: PLUGIN_ID,
      id: PANEL_ID,
      caption: trans.__('Trainer'),
      icon: trainerIcon,
      rank: 610,
      type: TYPE,
      belongs: () => served.found,
      load: async () => {
        const { TrainerPanel } = await import('./panel');
        return createElement(TrainerPanel, { context });
      }
    });
    const tabs = detailTabs({ shell, trans, restorer, icon: trainerIcon, type: TYPE });
    const jobs = tabs('kubeflow-trainer-jobs', CommandIDs.openJob);
    addCommands(context, {
      showPanel,
      openJob: (ref, section) => {
        const args = { ...ref, ...(section ? { section } : {}) };
        jobs
          .open(idOf(ref), args, ref.name, async tab => {
            const { JobDetail } = await import('./detail');
            return createElement(JobDetail, {
              context,
              of: ref,
              section: tab.args['section'] as string | undefined,
              onSection: chosen => tab.remember({ section: chosen }),
              onGone: tab.close
            });
          })
          .remember(args);
      },
      closeJob: ref => jobs.find(idOf(ref))?.close(),
      front: () => jobs.front
    });
    addFormCommands(context, tabs('kubeflow-trainer-forms', FormCommandIDs.restore), palette);
    shell.currentChanged?.connect(() => commands.notifyCommandChanged());
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('Kubeflow') });
    }
  }
};

export default plugin;
