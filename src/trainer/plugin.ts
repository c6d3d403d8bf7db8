import { createElement } from 'react';

import { trainJobs } from '../client/kubernetes/kinds/trainer';
import { viewOf } from '../ui/detailTabs';
import { trainerIcon } from '../ui/icons';
import { ServedKind } from '../ui/kubernetes/served';
import { panelPlugin } from '../ui/panelPlugin';
import { addCommands, idOf } from './commands';
import { addFormCommands, FormCommandIDs } from './create/commands';
import { CommandIDs, TrainerContext } from './context';

/** The Trainer panel, the tabs of its jobs, and their commands. */
export default panelPlugin({
  name: 'trainer',
  description: 'Training jobs of Kubeflow Trainer: sidebar panel, detail tabs, form, commands.',
  type: 'Kubeflow Trainer',
  caption: trans => trans.__('Trainer'),
  icon: trainerIcon,
  rank: 610,
  presence: kubeflow => new ServedKind(kubeflow, trainJobs),
  palette: Object.values(CommandIDs),
  activate: host => {
    const context = new TrainerContext(host);
    const showPanel = host.addPanel(async () => {
      const { TrainerPanel } = await import('./panel');
      return createElement(TrainerPanel, { context });
    });
    const jobs = host.tabs('jobs', CommandIDs.openJob);
    addCommands(context, {
      showPanel,
      openJob: (ref, section) =>
        jobs.show(idOf(ref), ref, section, async tab => {
          const { JobDetail } = await import('./detail');
          return createElement(JobDetail, { context, of: ref, ...viewOf(tab) });
        }),
      closeJob: ref => jobs.find(idOf(ref))?.close(),
      front: () => jobs.front
    });
    addFormCommands(context, host.tabs('forms', FormCommandIDs.restore), host.palette);
  }
});
