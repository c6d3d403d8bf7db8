/** The plugin of a panel: its place in the sidebar, the tabs of its objects, and what is the same for all panels. */
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
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import { type DetailTabs, detailTabs } from './detailTabs';
import type { IPanelParts } from './panelContext';
import { addSidePanel, type IPresence } from './sidePanel';
import { IKubeflow } from './tokens';

/** A panel. */
export interface IPanel {
  /** In its plugin's id `jupyterlab-kubeflow:NAME`, its widget's `kubeflow-NAME-panel` and what its tabs are remembered under. */
  name: string;
  /** Of the plugin. */
  description: string;
  /** The type of its widgets for the shell. */
  type: string;
  caption: (trans: TranslationBundle) => string;
  icon: LabIcon;
  /** Its place in the sidebar. */
  rank: number;
  /** Whether the connection has what the panel is for. */
  presence: (kubeflow: IKubeflow) => IPresence;
  /** The commands that the palette offers. */
  palette: readonly string[];
  /** Adds the panel, its tabs and its commands. */
  activate: (host: IPanelHost) => void;
}

/** What a panel is activated with. */
export interface IPanelHost extends IPanelParts {
  readonly app: JupyterFrontEnd;
  readonly palette: ICommandPalette | null;
  /**
   * Adds the panel to the sidebar.
   * @param load - fetches the code and draws the content, when it is first shown
   * @returns what shows it, also where it would not be in the sidebar
   */
  addPanel(load: () => Promise<JSX.Element>): () => void;
  /**
   * The tabs of one kind of object.
   * @param name - the kind's, unique in the panel
   * @param command - opens a tab by its arguments
   */
  tabs(name: string, command: string): DetailTabs;
}

/** Makes the plugin of a panel. */
export function panelPlugin(panel: IPanel): JupyterFrontEndPlugin<void> {
  const { name, type, icon } = panel;
  const id = `jupyterlab-kubeflow:${name}`;
  return {
    id,
    description: panel.description,
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
      INotebookTracker,
      IRenderMimeRegistry
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
      notebooks: INotebookTracker | null,
      rendermime: IRenderMimeRegistry | null
    ) => {
      const { commands, shell } = app;
      const trans = (translator ?? nullTranslator).load('jupyterlab_kubeflow');
      const tabs = detailTabs({ shell, trans, restorer, icon, type });
      panel.activate({
        app,
        kubeflow,
        commands,
        trans,
        palette,
        services: { app, documents, browsers, notebooks, editors, rendermime, settings, state },
        addPanel: load =>
          addSidePanel({
            shell,
            presence: panel.presence(kubeflow),
            trans,
            restorer,
            settings,
            plugin: id,
            id: `kubeflow-${name}-panel`,
            caption: panel.caption(trans),
            icon,
            rank: panel.rank,
            type,
            load
          }),
        tabs: (kind, command) => tabs(`kubeflow-${name}-${kind}`, command)
      });
      shell.currentChanged?.connect(() => commands.notifyCommandChanged());
      for (const command of panel.palette) {
        palette?.addItem({ command, category: trans.__('Kubeflow') });
      }
    }
  };
}
