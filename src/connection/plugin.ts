import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ServerConnection } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';

import { Connection } from '../client/connection';
import { JupyterServer, JupyterTransport } from '../client/jupyter';
import { PipelinesClient } from '../client/pipelinesClient';
import { IKubeflow } from '../ui/tokens';
import { ConnectionMonitor } from './monitor';
import { chooseRegistry, registryChoices } from './registry';
import { ConnectionStatus } from './statusItem';

const PLUGIN_ID = 'jupyterlab-kubeflow:connection';

/** Seconds between two reads of a connection that works, unless the setting says otherwise. */
const REFRESH_INTERVAL = 60;

/** The commands of the connection. */
export namespace CommandIDs {
  /** Switches to `{active?, namespace?}`; asks when neither is given. */
  export const switchTo = 'kubeflow-connection:switch';
  /** Switches to the model registry `{registry?}`; asks when it is not given. */
  export const switchRegistry = 'kubeflow-connection:switch-registry';
  /** Reads the connection and its components now. */
  export const refresh = 'kubeflow-connection:refresh';
}

/** Provides the active connection and the clients over it, and shows it in the status bar. */
export const connectionPlugin: JupyterFrontEndPlugin<IKubeflow> = {
  id: PLUGIN_ID,
  description: 'Provides the active Kubeflow connection and shows it in the status bar.',
  autoStart: true,
  provides: IKubeflow,
  optional: [ICommandPalette, ISettingRegistry, IStatusBar, ITranslator],
  activate
};

function activate(
  app: JupyterFrontEnd,
  palette: ICommandPalette | null,
  settingRegistry: ISettingRegistry | null,
  statusBar: IStatusBar | null,
  translator: ITranslator | null
): IKubeflow {
  const trans = (translator ?? nullTranslator).load('jupyterlab_kubeflow');
  const server = new JupyterServer({
    settings: app.serviceManager.serverSettings,
    makeRequest: ServerConnection.makeRequest,
    onReached: reached => monitor.heard(reached)
  });
  const connection = new Connection(server);
  const transport = new JupyterTransport(server);
  const pipelines = new PipelinesClient(transport, { connection });
  const monitor: ConnectionMonitor = new ConnectionMonitor(connection, REFRESH_INTERVAL * 1000);

  const item = statusBar
    ? new ConnectionStatus(connection, () => void app.commands.execute(CommandIDs.switchTo), trans)
    : null;
  if (statusBar && item) {
    statusBar.registerStatusItem(PLUGIN_ID, {
      item,
      align: 'left',
      rank: 10,
      isActive: () => item.isActive,
      activeStateChanged: item.activeChanged
    });
  }

  app.commands.addCommand(CommandIDs.switchTo, {
    label: trans.__('Switch Kubeflow connection…'),
    caption: trans.__('Choose the Kubeflow connection and the namespace'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          active: { type: 'string', description: trans.__('Name of the profile to switch to') },
          namespace: { type: 'string', description: trans.__('Namespace to switch to') }
        }
      }
    },
    execute: async args => {
      try {
        if (args.active === undefined && args.namespace === undefined) {
          const { openSwitcher } = await import('./switcher');
          const refresh = () => monitor.refresh();
          await openSwitcher({ connection, refresh, trans }, item);
        } else {
          await connection.select({
            active: args.active as string | undefined,
            namespace: args.namespace as string | undefined
          });
        }
      } catch (error) {
        Notification.error(
          trans.__('The Kubeflow connection was not switched. %1', (error as Error).message)
        );
      }
    }
  });
  app.commands.addCommand(CommandIDs.switchRegistry, {
    label: trans.__('Switch model registry…'),
    caption: trans.__('Choose among the model registries of the Kubeflow connection'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          registry: {
            type: 'string',
            description: trans.__('Name of the registry among those of the connection')
          }
        }
      }
    },
    isEnabled: () => registryChoices(connection).length > 0,
    execute: async ({ registry }) => {
      try {
        if (registry === undefined) {
          await chooseRegistry(connection, trans);
        } else {
          await connection.select({ registry: registry as string });
        }
      } catch (error) {
        Notification.error(
          trans.__('The model registry was not switched. %1', (error as Error).message)
        );
      }
    }
  });
  connection.subscribe(() => app.commands.notifyCommandChanged(CommandIDs.switchRegistry));
  app.commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh Kubeflow connection'),
    caption: trans.__('Look again for the connection’s components'),
    icon: refreshIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => monitor.refresh()
  });
  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category: trans.__('Kubeflow') });
  }

  void app.restored.then(async () => {
    try {
      const settings = await settingRegistry?.load(PLUGIN_ID);
      const update = () => {
        const seconds = Number(settings?.composite.refreshInterval ?? REFRESH_INTERVAL);
        monitor.setInterval(seconds * 1000);
      };
      settings?.changed.connect(update, settings);
      update();
    } catch (error) {
      console.warn('Kubeflow: the settings of the connection could not be read.', error);
    }
    await monitor.start();
  });

  return { server, transport, connection, pipelines };
}

export default connectionPlugin;
