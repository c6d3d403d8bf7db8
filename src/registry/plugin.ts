import { createElement } from 'react';

import { renameOf, viewOf } from '../ui/detailTabs';
import { registryIcon } from '../ui/icons';
import { panelPlugin } from '../ui/panelPlugin';
import { componentPresence } from '../ui/sidePanel';
import { addCommands, modelTab, versionTab } from './commands';
import { CommandIDs, RegistryContext } from './context';
import { addRegisterCommands } from './register/commands';

/** The Model Registry panel, the tabs of models and versions, and their commands. */
export default panelPlugin({
  name: 'registry',
  description: 'Models with their versions: sidebar panel, detail tabs, registration, lineage.',
  type: 'Kubeflow Model Registry',
  caption: trans => trans.__('Model Registry'),
  icon: registryIcon,
  rank: 630,
  presence: kubeflow => componentPresence(kubeflow, 'registry'),
  palette: Object.values(CommandIDs).filter(id => id !== CommandIDs.openVersion),
  activate: host => {
    const context = new RegistryContext(host);
    const showPanel = host.addPanel(async () => {
      const { RegistryPanel } = await import('./panel');
      return createElement(RegistryPanel, { context });
    });
    const models = host.tabs('models', CommandIDs.openModel);
    const versions = host.tabs('versions', CommandIDs.openVersion);
    addCommands(context, {
      showPanel,
      openModel: (modelId, name, section) => {
        const ref = { modelId, name };
        models.show(modelTab(modelId), ref, section, async tab => {
          const { ModelDetail } = await import('./modelDetail');
          return createElement(ModelDetail, {
            context,
            modelId,
            onName: renameOf(tab),
            ...viewOf(tab)
          });
        });
      },
      openVersion: (versionId, name, section) => {
        const ref = { versionId, name };
        versions.show(versionTab(versionId), ref, section, async tab => {
          const { VersionDetail } = await import('./versionDetail');
          return createElement(VersionDetail, {
            context,
            versionId,
            onName: renameOf(tab),
            ...viewOf(tab)
          });
        });
      },
      front: () => models.front ?? versions.front
    });
    addRegisterCommands(context, host.palette);
  }
});
