import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { createElement } from 'react';

import type { IConnectionState } from '../client/connection';
import { pipelinesIcon } from '../ui/icons';
import { LazyWidget } from '../ui/lazy';
import { IKubeflow } from '../ui/tokens';
import { addCommands } from './commands';
import { CommandIDs, PipelinesContext } from './context';
import { RunArtifactsDrive } from './drive';
import { RunWatcher } from './watcher';

const PLUGIN_ID = 'jupyterlab-kubeflow:pipelines';
const PANEL_ID = 'kubeflow-pipelines-panel';

/** When the panel is in the sidebar. */
export type PanelVisibility = 'auto' | 'always' | 'never';

/** Whether the panel belongs in the sidebar: `auto` where the connection has Pipelines, or is local and can start them. */
export function isPanelShown(visibility: PanelVisibility, state: IConnectionState | null): boolean {
  if (visibility !== 'auto') {
    return visibility === 'always';
  }
  return Boolean(
    state?.components['pipelines']?.available ||
    state?.profiles.some(profile => profile.kind === 'local' && profile.name === state.active)
  );
}

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

    const panel = new LazyWidget(async () => {
      const { PipelinesPanel } = await import('./panel');
      return createElement(PipelinesPanel, { context });
    }, trans);
    panel.id = PANEL_ID;
    panel.title.icon = pipelinesIcon;
    panel.title.caption = trans.__('Pipelines');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Pipelines'));
    restorer?.add(panel, PANEL_ID);

    let visibility: PanelVisibility = 'auto';
    let pinned = false;
    const place = () => {
      const shown = pinned || isPanelShown(visibility, kubeflow.connection.state);
      if (shown && !panel.isAttached && !panel.parent) {
        shell.add(panel, 'left', { rank: 600, type: 'Kubeflow Pipelines' });
      } else if (!shown && panel.parent) {
        panel.parent = null;
      }
    };
    kubeflow.connection.subscribe(place);
    if (settings) {
      void settings.load(PLUGIN_ID).then(loaded => {
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

    type Detail = MainAreaWidget<LazyWidget>;
    const runs = new WidgetTracker<Detail>({ namespace: 'kubeflow-pipelines-runs' });
    const pipelines = new WidgetTracker<Detail>({ namespace: 'kubeflow-pipelines-pipelines' });
    const recurring = new WidgetTracker<Detail>({ namespace: 'kubeflow-pipelines-recurring' });
    const open = (
      tracker: WidgetTracker<Detail>,
      key: string,
      name: string | undefined,
      load: (widget: () => Detail) => Promise<JSX.Element>
    ) => {
      let widget = tracker.find(item => item.id === key);
      if (!widget) {
        const created: Detail = new MainAreaWidget({
          content: new LazyWidget(() => load(() => created), trans)
        });
        created.id = key;
        created.title.label = name ?? '…';
        created.title.icon = pipelinesIcon;
        created.title.closable = true;
        created.toolbar.hide();
        created.disposed.connect(() => sections.delete(key));
        void tracker.add(created);
        shell.add(created, 'main', { type: 'Kubeflow Pipelines' });
        widget = created;
      }
      shell.activateById(widget.id);
    };
    /** The section that each run's tab shows, by the tab's id: kept while the tab is moved, and over a reload. */
    const sections = new Map<string, string>();
    const retitle = (widget: Detail) => (name: string) => {
      widget.title.label = name;
      widget.title.caption = name;
    };
    const idOf = (tracker: WidgetTracker<Detail>, prefix: string) => {
      const { currentWidget } = shell;
      return currentWidget && tracker.has(currentWidget)
        ? currentWidget.id.slice(prefix.length)
        : undefined;
    };

    addCommands(context, {
      documents,
      showPanel: () => {
        pinned = true;
        place();
        shell.activateById(PANEL_ID);
      },
      openRun: (runId, name, section) => {
        const key = RUN_PREFIX + runId;
        if (section && !runs.find(item => item.id === key)) {
          sections.set(key, section);
        }
        open(runs, key, name, async widget => {
          const { RunDetail } = await import('./runDetail');
          return createElement(RunDetail, {
            context,
            runId,
            section: sections.get(key),
            onSection: chosen => {
              sections.set(key, chosen);
              void runs.save(widget());
            },
            onName: retitle(widget()),
            onGone: () => widget().dispose()
          });
        });
      },
      openPipeline: (pipelineId, name) =>
        open(pipelines, PIPELINE_PREFIX + pipelineId, name, async widget => {
          const { PipelineDetail } = await import('./pipelineDetail');
          return createElement(PipelineDetail, {
            context,
            pipelineId,
            name: name ?? pipelineId,
            onGone: () => widget().dispose()
          });
        }),
      openRecurringRun: (recurringRunId, name) =>
        open(recurring, RECURRING_PREFIX + recurringRunId, name, async widget => {
          const { RecurringDetail } = await import('./recurringDetail');
          return createElement(RecurringDetail, {
            context,
            recurringRunId,
            onName: retitle(widget()),
            onGone: () => widget().dispose()
          });
        }),
      current: () => ({
        runId: idOf(runs, RUN_PREFIX),
        pipelineId: idOf(pipelines, PIPELINE_PREFIX),
        recurringRunId: idOf(recurring, RECURRING_PREFIX)
      })
    });
    shell.currentChanged?.connect(() => commands.notifyCommandChanged());

    void restorer?.restore(runs, {
      command: CommandIDs.openRun,
      args: widget => ({
        runId: widget.id.slice(RUN_PREFIX.length),
        name: widget.title.label,
        section: sections.get(widget.id) ?? 'graph'
      }),
      name: widget => widget.id
    });
    void restorer?.restore(pipelines, {
      command: CommandIDs.openPipeline,
      args: widget => ({
        pipelineId: widget.id.slice(PIPELINE_PREFIX.length),
        name: widget.title.label
      }),
      name: widget => widget.id
    });
    void restorer?.restore(recurring, {
      command: CommandIDs.openRecurringRun,
      args: widget => ({
        recurringRunId: widget.id.slice(RECURRING_PREFIX.length),
        name: widget.title.label
      }),
      name: widget => widget.id
    });
    for (const command of PALETTE) {
      palette?.addItem({ command, category: trans.__('Kubeflow') });
    }
  }
};

const RUN_PREFIX = 'kubeflow-run-';
const PIPELINE_PREFIX = 'kubeflow-pipeline-';
const RECURRING_PREFIX = 'kubeflow-recurring-run-';
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
