/** Panels of the left sidebar, which come and go with what the connection has. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { IConnection, IConnectionState } from '../client/connection';
import { LazyWidget } from './lazy';

/** The setting `panel` of a panel's plugin: when it is in the sidebar; `auto` where it belongs to what the connection has. */
export type PanelVisibility = 'auto' | 'always' | 'never';

/** A panel and where it is placed. */
export interface ISidePanelOptions {
  shell: JupyterFrontEnd.IShell;
  connection: Pick<IConnection, 'state' | 'subscribe'>;
  trans: TranslationBundle;
  restorer: ILayoutRestorer | null;
  settings: ISettingRegistry | null;
  /** The plugin whose setting `panel` decides when it is shown. */
  plugin: string;
  id: string;
  caption: string;
  icon: LabIcon;
  rank: number;
  /** Its type for the shell. */
  type: string;
  /** Whether `auto` shows it; asked again after each change of the connection. */
  belongs: (state: IConnectionState | null) => boolean;
  /** Fetches the code and draws the content, when it is first shown. */
  load: () => Promise<JSX.Element>;
}

/** Adds a panel. Answers what shows it, also where it would not be in the sidebar. */
export function addSidePanel(options: ISidePanelOptions): () => void {
  const { shell, connection, settings, id, caption, rank, type, belongs } = options;
  const panel = new LazyWidget(options.load, options.trans);
  panel.id = id;
  panel.title.icon = options.icon;
  panel.title.caption = caption;
  panel.node.setAttribute('role', 'region');
  panel.node.setAttribute('aria-label', caption);
  options.restorer?.add(panel, id);

  let visibility: PanelVisibility = 'auto';
  let pinned = false;
  const place = () => {
    const wanted = visibility === 'auto' ? belongs(connection.state) : visibility === 'always';
    const shown = pinned || wanted;
    if (shown && !panel.isAttached && !panel.parent) {
      shell.add(panel, 'left', { rank, type });
    } else if (!shown && panel.parent) {
      panel.parent = null;
    }
  };
  connection.subscribe(place);
  if (settings) {
    void settings.load(options.plugin).then(loaded => {
      const read = () => {
        visibility = loaded.get('panel').composite as PanelVisibility;
        place();
      };
      loaded.changed.connect(read);
      read();
    });
  } else {
    place();
  }
  return () => {
    pinned = true;
    place();
    shell.activateById(id);
  };
}

/** Whether the active connection is Local Kubeflow, which is started when it is first asked for something. */
export function isLocal(state: IConnectionState | null): boolean {
  return Boolean(
    state?.profiles.some(({ kind, name }) => kind === 'local' && name === state.active)
  );
}
