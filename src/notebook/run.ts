/** From a notebook to a run: save, inspect, ask, compile, create. Loaded when it is first used. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRun } from '../client/pipelines';
import { defaultRunName, showSubmitDialog } from '../ui/form';
import type { IKubeflow } from '../ui/tokens';
import { compileNotebook, inspectNotebook } from './api';
import type { IInspection } from './api';
import { problemText, showRefusal } from './refusal';
import type { INotebookSettings } from './settings';

/** What a notebook's run needs. */
export interface IRunNotebookOptions {
  /** The notebook's path with its drive, if it has one. */
  path: string;
  kubeflow: IKubeflow;
  docManager: IDocumentManager;
  commands: Pick<JupyterFrontEnd['commands'], 'execute' | 'hasCommand'>;
  settings: INotebookSettings;
  state: IStateDB | null;
  trans: TranslationBundle;
}

/** The drives whose paths are those of the Jupyter server: its own and that of real-time collaboration. */
const SERVER_DRIVES = ['', 'RTC'];

const OPEN_RUN = 'kubeflow-pipelines:open-run';
/** Says in a notification when the run has ended. */
const WATCH_RUN = 'kubeflow-pipelines:watch-run';

/** Asks for what a run needs and creates it. Resolves with the run, or with `null` when there is none; says why where it is not the person's choice. */
export async function runNotebook(options: IRunNotebookOptions): Promise<IRun | null> {
  const { path, docManager, kubeflow, trans } = options;
  const name = PathExt.basename(path);
  const refused = trans.__('%1 cannot run as a pipeline', name);
  const { contents } = docManager.services;
  if (!SERVER_DRIVES.includes(contents.driveName(path))) {
    await refuse(
      refused,
      trans.__('It is not a file of the Jupyter server. Copy it there first.'),
      trans
    );
    return null;
  }
  let inspection: IInspection;
  try {
    if (!(await save(options, name))) {
      return null;
    }
    inspection = await inspectNotebook(kubeflow.server, contents.localPath(path));
  } catch (error) {
    await refuse(refused, (error as Error).message, trans);
    return null;
  }
  const errors = inspection.problems.filter(problem => problem.severity === 'error');
  if (errors.length > 0) {
    await showRefusal({ name, path, problems: errors, docManager, trans });
    return null;
  }
  const run = await submit(options, name, inspection);
  if (run) {
    announce(run, options);
  }
  return run;
}

/** Saves a notebook that is open and has changes. `false` when the person would rather not, or when it could not be saved. */
async function save(
  { docManager, path, trans }: IRunNotebookOptions,
  name: string
): Promise<boolean> {
  const widget = docManager.findWidget(path, null);
  const context = widget && docManager.contextForWidget(widget);
  if (!context?.model.dirty) {
    return true;
  }
  const answer = await showDialog({
    title: trans.__('Save %1 first?', name),
    body: trans.__('It has changes that are not saved. A run uses the saved notebook.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Save and run') })
    ]
  });
  if (!answer.button.accept) {
    return false;
  }
  await context.save();
  return !context.model.dirty;
}

function submit(
  { path, docManager, kubeflow, settings, state, trans }: IRunNotebookOptions,
  name: string,
  inspection: IInspection
): Promise<IRun | null> {
  const local = docManager.services.contents.localPath(path);
  const component = kubeflow.connection.state?.components.pipelines;
  return showSubmitDialog({
    title: trans.__('Run %1 as a pipeline', name),
    name: defaultRunName(inspection.name),
    parameters: inspection.parameters,
    experiments: kubeflow.pipelines,
    caching: settings.caching,
    notices: [
      ...(component?.available === false && component.reason ? [component.reason] : []),
      ...inspection.problems.map(problem => problemText(problem, trans))
    ],
    memory:
      state && settings.rememberValues
        ? { state, key: `kubeflow-notebook:form:${local}` }
        : undefined,
    submit: async ({ name: runName, parameters, experimentId, caching }, { signal, progress }) => {
      progress(trans.__('Compiling %1…', name));
      const compiled = await compileNotebook(
        kubeflow.server,
        local,
        { ...settings.compile, caching },
        signal
      );
      progress(trans.__('Creating the run…'));
      return kubeflow.pipelines.createRun({
        name: runName,
        experimentId,
        pipelineSpec: compiled.pipeline_spec,
        parameters,
        caching
      });
    },
    trans
  });
}

/** Says that the run is there, with a way to it, and shows it. */
function announce(run: IRun, { commands, trans }: IRunNotebookOptions): void {
  const open = () => {
    if (commands.hasCommand(OPEN_RUN)) {
      void commands.execute(OPEN_RUN, { runId: run.id });
    }
  };
  Notification.success(trans.__('%1 submitted', run.name), {
    actions: [{ label: trans.__('Open run'), callback: open }],
    autoClose: 5000
  });
  if (commands.hasCommand(WATCH_RUN)) {
    void commands.execute(WATCH_RUN, { runId: run.id });
  }
  open();
}

function refuse(title: string, message: string, trans: TranslationBundle): Promise<void> {
  return showErrorMessage(title, message, [Dialog.cancelButton({ label: trans.__('Close') })]);
}
