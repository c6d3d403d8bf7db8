import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { createElement } from 'react';

import { renameOf, viewOf } from '../ui/detailTabs';
import { pipelinesIcon } from '../ui/icons';
import { panelPlugin } from '../ui/panelPlugin';
import { componentPresence } from '../ui/sidePanel';
import { addCommands } from './commands';
import { CommandIDs, PipelinesContext } from './context';
import { RunArtifactsDrive } from './drive';
import { RunWatcher } from './watcher';

/** The Pipelines panel, the detail tabs of runs and pipelines, and their commands. */
export default panelPlugin({
  name: 'pipelines',
  description: 'Runs and pipelines of Kubeflow Pipelines: sidebar panel, detail tabs, commands.',
  type: 'Kubeflow Pipelines',
  caption: trans => trans.__('Pipelines'),
  icon: pipelinesIcon,
  rank: 600,
  presence: kubeflow => componentPresence(kubeflow, 'pipelines'),
  palette: Object.values(CommandIDs).filter(id => id !== CommandIDs.watchRun),
  activate: host => {
    const { app, kubeflow, commands, trans } = host;
    const { documents, editors, state } = host.services;
    const watcher = new RunWatcher({
      client: kubeflow.pipelines,
      connection: kubeflow.connection,
      trans,
      state,
      open: run => void commands.execute(CommandIDs.openRun, { runId: run.id, name: run.name })
    });
    const context = new PipelinesContext(kubeflow, commands, trans, watcher, state, editors);
    app.serviceManager.contents.addDrive(new RunArtifactsDrive(kubeflow.pipelines, trans));

    const showPanel = host.addPanel(async () => {
      const { PipelinesPanel } = await import('./panel');
      return createElement(PipelinesPanel, { context });
    });
    const runs = host.tabs('runs', CommandIDs.openRun);
    const pipelines = host.tabs('pipelines', CommandIDs.openPipeline);
    const recurring = host.tabs('recurring', CommandIDs.openRecurringRun);

    addCommands(context, {
      documents,
      showPanel,
      openRun: (runId, name, section = 'graph') => {
        runs.open(
          `kubeflow-run-${runId}`,
          argsOf({ runId, name, section }),
          name ?? '…',
          async tab => {
            const { RunDetail } = await import('./runDetail');
            return createElement(RunDetail, {
              context,
              runId,
              onName: renameOf(tab),
              ...viewOf(tab)
            });
          }
        );
      },
      openPipeline: (pipelineId, name) => {
        const id = `kubeflow-pipeline-${pipelineId}`;
        pipelines.open(id, argsOf({ pipelineId, name }), name ?? '…', async tab => {
          const { PipelineDetail } = await import('./pipelineDetail');
          return createElement(PipelineDetail, {
            context,
            pipelineId,
            name: name ?? pipelineId,
            onGone: tab.close
          });
        });
      },
      openRecurringRun: (recurringRunId, name) => {
        const id = `kubeflow-recurring-run-${recurringRunId}`;
        recurring.open(id, argsOf({ recurringRunId, name }), name ?? '…', async tab => {
          const { RecurringDetail } = await import('./recurringDetail');
          return createElement(RecurringDetail, {
            context,
            recurringRunId,
            onName: renameOf(tab),
            onGone: tab.close
          });
        });
      },
      current: () => ({
        runId: text(runs.front?.['runId']),
        pipelineId: text(pipelines.front?.['pipelineId']),
        recurringRunId: text(recurring.front?.['recurringRunId'])
      })
    });
  }
});

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The arguments that are given. */
function argsOf(args: Record<string, string | undefined>): ReadonlyPartialJSONObject {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}
