import { createElement } from 'react';

import { tuningExperiments } from '../client/kubernetes/kinds/katib';
import { optimizationJobs } from '../client/kubernetes/kinds/trainer';
import { viewOf } from '../ui/detailTabs';
import { katibIcon } from '../ui/icons';
import { ServedKind } from '../ui/kubernetes/served';
import { panelPlugin } from '../ui/panelPlugin';
import { addCommands, idOf, trialIdOf } from './commands';
import { CommandIDs, KatibContext } from './context';
import { addFormCommands, FormCommandIDs } from './create/commands';

/** The Katib panel, the tabs of tuning experiments and of their trials, and their commands. */
export default panelPlugin({
  name: 'katib',
  description: 'Hyperparameter tuning: sidebar panel, tabs of experiments and trials, commands.',
  type: 'Kubeflow Katib',
  caption: trans => trans.__('Katib'),
  icon: katibIcon,
  rank: 620,
  presence: kubeflow => new ServedKind(kubeflow, tuningExperiments, optimizationJobs),
  palette: Object.values(CommandIDs),
  activate: host => {
    const context = new KatibContext(host);
    const showPanel = host.addPanel(async () => {
      const { KatibPanel } = await import('./panel');
      return createElement(KatibPanel, { context });
    });
    const studies = host.tabs('experiments', CommandIDs.openExperiment);
    const trials = host.tabs('trials', CommandIDs.openTrial);
    addCommands(context, {
      showPanel,
      openExperiment: (ref, section) =>
        studies.show(idOf(ref), ref, section, async tab => {
          const { StudyDetail } = await import('./detail');
          return createElement(StudyDetail, { context, of: ref, ...viewOf(tab) });
        }),
      closeExperiment: ref => studies.find(idOf(ref))?.close(),
      openTrial: (ref, section) =>
        trials.show(trialIdOf(ref), ref, section, async tab => {
          const { TrialDetail } = await import('./trialDetail');
          return createElement(TrialDetail, { context, of: ref, ...viewOf(tab) });
        }),
      front: () => studies.front,
      frontTrial: () => trials.front
    });
    addFormCommands(context, host.tabs('forms', FormCommandIDs.restore), host.palette);
  }
});
