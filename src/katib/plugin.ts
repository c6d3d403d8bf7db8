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

import { tuningExperiments } from '../client/kubernetes/kinds/katib';
import { optimizationJobs } from '../client/kubernetes/kinds/trainer';
import { detailTabs, type IDetailTab } from '../ui/detailTabs';
import { katibIcon } from '../ui/icons';
import { ServedKind } from '../ui/kubernetes/served';
import { addSidePanel } from '../ui/sidePanel';
import { IKubeflow } from '../ui/tokens';
import { addCommands, idOf, trialIdOf } from './commands';
import { CommandIDs, KatibContext } from './context';
import { addFormCommands, FormCommandIDs } from './create/commands';

const PLUGIN_ID = 'jupyterlab-kubeflow:katib';
const PANEL_ID = 'kubeflow-katib-panel';
const TYPE = 'Kubeflow Katib';

/** The Katib panel, the tabs of tuning experiments and of their trials, and their commands. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Hyperparameter tuning: sidebar panel, tabs of experiments and trials, commands.',
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
    const context = new KatibContext(kubeflow, commands, trans, services);

    const experiments = new ServedKind(kubeflow, tuningExperiments);
    const jobs = new ServedKind(kubeflow, optimizationJobs);
    const showPanel = addSidePanel({
      shell,
      connection: {
        get state() {
          return kubeflow.connection.state;
        },
        subscribe: listener => {
          const ends = [experiments.subscribe(listener), jobs.subscribe(listener)];
          return () => ends.forEach(end => end());
        }
      },
      trans,
      restorer,
      settings,
      plugin: PLUGIN_ID,
      id: PANEL_ID,
      caption: trans.__('Katib'),
      icon: katibIcon,
      rank: 620,
      type: TYPE,
      belongs: () => experiments.found || jobs.found,
      load: async () => {
        const { KatibPanel } = await import('./panel');
        return createElement(KatibPanel, { context });
      }
    });
    const tabs = detailTabs({ shell, trans, restorer, icon: katibIcon, type: TYPE });
    const studies = tabs('kubeflow-katib-experiments', CommandIDs.openExperiment);
    const trials = tabs('kubeflow-katib-trials', CommandIDs.openTrial);
    const viewOf = (tab: IDetailTab) => ({
      context,
      section: tab.args['section'] as string | undefined,
      onSection: (section: string) => tab.remember({ section }),
      onGone: tab.close
    });
    addCommands(context, {
      showPanel,
      openExperiment: (ref, section) => {
        const args = { ...ref, ...(section ? { section } : {}) };
        studies
          .open(idOf(ref), args, ref.name, async tab => {
            const { StudyDetail } = await import('./detail');
            return createElement(StudyDetail, { ...viewOf(tab), of: ref });
          })
          .remember(args);
      },
      closeExperiment: ref => studies.find(idOf(ref))?.close(),
      openTrial: (ref, section) => {
        const args = { ...ref, ...(section ? { section } : {}) };
        trials
          .open(trialIdOf(ref), args, ref.name, async tab => {
            const { TrialDetail } = await import('./trialDetail');
            return createElement(TrialDetail, { ...viewOf(tab), of: ref });
          })
          .remember(args);
      },
      front: () => studies.front,
      frontTrial: () => trials.front
    });
    addFormCommands(context, tabs('kubeflow-katib-forms', FormCommandIDs.restore), palette);
    shell.currentChanged?.connect(() => commands.notifyCommandChanged());
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('Kubeflow') });
    }
  }
};

export default plugin;
