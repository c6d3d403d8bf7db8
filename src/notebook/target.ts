import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { INotebookTracker } from '@jupyterlab/notebook';

/** Where the command was called from. */
export type Origin = 'file-browser' | 'notebook';

/** What tells which notebook a command means. */
export interface ITargetSources {
  app: Pick<JupyterFrontEnd, 'contextMenuHitTest' | 'shell'>;
  notebooks: Pick<INotebookTracker, 'currentWidget'> | null;
  browsers: IFileBrowserFactory | null;
}

/**
 * The path (with its drive) of the notebook that is meant: the one that `args` names, the item of the file browser that was clicked, the
 * notebook whose menu or toolbar was used, or else the notebook in front.
 */
export function targetPath(
  args: { path?: unknown; origin?: unknown },
  sources: ITargetSources
): string | null {
  if (typeof args.path === 'string' && args.path !== '') {
    return args.path;
  }
  const panel = sources.notebooks?.currentWidget ?? null;
  switch (args.origin) {
    case 'file-browser':
      return clickedPath(sources);
    case 'notebook':
      return panel?.context.path ?? null;
    default:
      return panel && sources.app.shell.currentWidget === panel ? panel.context.path : null;
  }
}

/** The notebook under the pointer when the context menu opened, in whichever file browser that was. */
function clickedPath({ app, browsers }: ITargetSources): string | null {
  const item = app.contextMenuHitTest(node => node.classList.contains('jp-DirListing-item'));
  const browser = item
    ? browsers?.tracker.find(candidate => candidate.node.contains(item))
    : browsers?.tracker.currentWidget;
  if (!browser) {
    return null;
  }
  const bounds = item?.getBoundingClientRect();
  const clicked =
    bounds &&
    browser.modelForClick(
      new MouseEvent('contextmenu', {
        clientX: bounds.left + bounds.width / 2,
        clientY: bounds.top + bounds.height / 2
      })
    );
  const model = clicked ?? [...browser.selectedItems()].find(other => other.type === 'notebook');
  return model?.type === 'notebook' ? model.path : null;
}
