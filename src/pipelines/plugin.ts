import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { createElement } from 'react';

import { detailTabs, type IDetailTab } from '../ui/detailTabs';
import { pipelinesIcon } from '../ui/icons';
import { addSidePanel, isLocal } from '../ui/sidePanel';
import { IKubeflow } from '../ui/tokens';
import { addCommands } from './commands';
import { CommandIDs, PipelinesContext } from './context';
import { RunArtifactsDrive } from './drive';
import { RunWatcher } from './watcher';

const PLUGIN_ID = 'jupyterlab-kubeflow:pipelines';
const PANEL_ID = 'kubeflow-pipelines-panel';
const TYPE = 'Kubeflow Pipelines';

/** The Pipelines panel, the detail tabs of runs and pipelines, and their commands. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Runs and pipelines of Kubeflow Pipelines: sidebar panel, detail tabs, commands.',
  autoStart: true,
  requires: [IKubeflow],
  optional: [
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    IStateDB,
    ISettingRegistry,
    IDocumentManager,
    IEditorServices
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
    editors: IEditorServices | null
  ) => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('jupyterlab_kubeflow');
    const watcher = new RunWatcher({
      client: kubeflow.pipelines,
      connection: kubeflow.connection,
      trans,
      state,
      open: run => void commands.execute(CommandIDs.openRun, { runId: run.id, name: run.name })
    });
    const context = new PipelinesContext(kubeflow, commands, trans, watcher, state, editors);
    app.serviceManager.contents.addDrive(new RunArtifactsDrive(kubeflow.pipelines, trans));

    const showPanel = addSidePanel({
      shell,
      connection: kubeflow.connection,
      trans,
      restorer,
      settings,
      plugin: PLUGIN_ID,
      id: PANEL_ID,
      caption: trans.__('Pipelines'),
      icon: pipelinesIcon,
      rank: 600,
      type: TYPE,
      belongs: state => Boolean(state?.components['pipelines']?.available) || isLocal(state),
      load: async () => {
        const { PipelinesPanel } = await import('./panel');
        return createElement(PipelinesPanel, { context });
      }
    });

    const tabs = detailTabs({ shell, trans, restorer, icon: pipelinesIcon, type: TYPE });
    const runs = tabs('kubeflow-pipelines-runs', CommandIDs.openRun);
    const pipelines = tabs('kubeflow-pipelines-pipelines', CommandIDs.openPipeline);
    const recurring = tabs('kubeflow-pipelines-recurring', CommandIDs.openRecurringRun);
    const rename = (tab: IDetailTab) => (name: string) => {
      tab.rename(name);
      tab.remember({ name });
    };

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
              section: text(tab.args['section']),
              onSection: chosen => tab.remember({ section: chosen }),
              onName: rename(tab),
              onGone: () => tab.close()
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
            onGone: () => tab.close()
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
            onName: rename(tab),
            onGone: () => tab.close()
          });
        });
      },
      current: () => ({
        runId: text(runs.front?.['runId']),
        pipelineId: text(pipelines.front?.['pipelineId']),
        recurringRunId: text(recurring.front?.['recurringRunId'])
      })
    });
    shell.currentChanged?.connect(() => commands.notifyCommandChanged());

    for (const command of PALETTE) {
      palette?.addItem({ command, category: trans.__('Kubeflow') });
    }
  }
};

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The arguments that are given. */
function argsOf(args: Record<string, string | undefined>): ReadonlyPartialJSONObject {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}

const PALETTE = [
  CommandIDs.showPanel,
  CommandIDs.refresh,
  CommandIDs.filter,
  CommandIDs.openRun,
  CommandIDs.runAgain,
  CommandIDs.terminateRun,
  CommandIDs.retryRun,
  CommandIDs.archiveRun,
  CommandIDs.restoreRun,
  CommandIDs.deleteRun,
  CommandIDs.openNotebook,
  CommandIDs.openPipeline,
  CommandIDs.runPipeline,
  CommandIDs.uploadPipeline,
  CommandIDs.deletePipeline,
  CommandIDs.schedulePipeline,
  CommandIDs.scheduleRun,
  CommandIDs.openRecurringRun,
  CommandIDs.showRunsOf,
  CommandIDs.enableRecurringRun,
  CommandIDs.disableRecurringRun,
  CommandIDs.deleteRecurringRun
];

export default plugin;
