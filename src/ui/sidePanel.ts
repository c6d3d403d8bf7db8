/** Panels of the left sidebar, which come and go with what the connection has. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { IConnectionState } from '../client/connection';
import { LazyWidget } from './lazy';
import type { IKubeflow } from './tokens';

/** The setting `panel` of a panel's plugin: when it is in the sidebar; `auto` where it belongs to what the connection has. */
export type PanelVisibility = 'auto' | 'always' | 'never';

/** Whether the active connection has what a panel is for. */
export interface IPresence {
  readonly found: boolean;
  /** Has the listener called whenever that may have changed. Answers what ends it. */
  subscribe(listener: () => void): () => void;
}

/** A panel and where it is placed. */
export interface ISidePanelOptions {
  shell: JupyterFrontEnd.IShell;
  /** Whether the setting `auto` shows it. */
  presence: IPresence;
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
  /** Fetches the code and draws the content, when it is first shown. */
  load: () => Promise<JSX.Element>;
}

/** Adds a panel. Answers what shows it, also where it would not be in the sidebar. */
export function addSidePanel(options: ISidePanelOptions): () => void {
  const { shell, presence, settings, id, caption, rank, type } = options;
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
    const wanted = visibility === 'auto' ? presence.found : visibility === 'always';
    const shown = pinned || wanted;
    if (shown && !panel.isAttached && !panel.parent) {
      shell.add(panel, 'left', { rank, type });
    } else if (!shown && panel.parent) {
      panel.parent = null;
    }
  };
  presence.subscribe(place);
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

/** Whether the active connection has a component that the server looks for, such as `pipelines`, or is Local Kubeflow, which has it also while it is not started. */
export function componentPresence({ connection }: IKubeflow, component: string): IPresence {
  return {
    get found() {
      const { state } = connection;
      return Boolean(state?.components[component]?.available) || isLocal(state);
    },
    subscribe: listener => connection.subscribe(listener)
  };
}
