/** What a command on code, such as *Train…*, is about: the file or notebook that was clicked, or the cell. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { type Args, describe } from '../commands';

/** Where the command was called from. */
export type Origin = 'file-browser' | 'notebook' | 'cell';

/** A Python file or a notebook, or the function that a cell of it defines. */
export interface ITarget {
  /** As the contents API names it. */
  path: string;
  /** The id of the cell. */
  cell?: string;
}

/** What tells where a command was called; `null` for what is not there. */
export interface ITargetServices {
  readonly app: JupyterFrontEnd | null;
  readonly browsers: IFileBrowserFactory | null;
  readonly notebooks: INotebookTracker | null;
}

/** The start of a function at the top level of a cell: whether a menu offers it. Its name is read by the server. */
const DEFINES = /^def\s+\w/m;

/** What it is, or `null` where the command has nothing to be about. */
export function targetSeed(args: Args, services: ITargetServices): ITarget | null {
  const given = typeof args['path'] === 'string' && args['path'] ? args['path'] : undefined;
  const panel = services.notebooks?.currentWidget ?? null;
  switch (args['origin']) {
    case 'file-browser': {
      const path = given ?? clickedPath(services);
      return path ? { path } : null;
    }
    case 'cell':
      return cellSeed(panel, services);
    case 'notebook':
      return panel ? { path: panel.context.path } : null;
    default: {
      const front = panel && services.app?.shell.currentWidget === panel ? panel : null;
      const path = given ?? front?.context.path;
      return path ? { path } : null;
    }
  }
}

/** What a command on code has of its options: its arguments, where it is offered, and that it opens what it is about. */
export function onTarget(
  { services, trans }: { services: ITargetServices; trans: TranslationBundle },
  open: (target: ITarget) => Promise<void>
): Pick<CommandRegistry.ICommandOptions, 'describedBy' | 'isEnabled' | 'isVisible' | 'execute'> {
  const isThere = (args: Args) => targetSeed(args, services) !== null;
  return {
    describedBy: describe({
      path: trans.__('Path of a Python file or a notebook'),
      origin: trans.__(
        'Without a path: “file-browser” for the clicked file, “notebook” for the notebook that was used last, “cell” for the function in its active cell; otherwise the notebook in front'
      )
    }),
    isEnabled: args => args['origin'] === 'file-browser' || isThere(args),
    isVisible: args => args['origin'] !== 'cell' || isThere(args),
    execute: async args => {
      const target = targetSeed(args, services);
      if (target) {
        await open(target);
      }
    }
  };
}

/** The function of the cell whose menu was opened, else of the active one. */
function cellSeed(panel: NotebookPanel | null, { app }: ITargetServices): ITarget | null {
  const node = app?.contextMenuHitTest(each => each.classList.contains('jp-Cell'));
  const clicked = node && panel?.content.widgets.find(each => each.node === node);
  const cell = clicked ?? panel?.content.activeCell;
  const source = cell?.model.type === 'code' ? cell.model.sharedModel.getSource() : '';
  return panel && cell && DEFINES.test(source)
    ? { path: panel.context.path, cell: cell.model.id }
    : null;
}

/** The Python file or notebook under the pointer when the context menu opened, in whichever file browser that was. */
function clickedPath({ app, browsers }: ITargetServices): string | null {
  const item = app?.contextMenuHitTest(node => node.classList.contains('jp-DirListing-item'));
  const browser = item
    ? browsers?.tracker.find(candidate => candidate.node.contains(item))
    : browsers?.tracker.currentWidget;
  const bounds = item?.getBoundingClientRect();
  const clicked =
    bounds &&
    browser?.modelForClick(
      new MouseEvent('contextmenu', {
        clientX: bounds.left + bounds.width / 2,
        clientY: bounds.top + bounds.height / 2
      })
    );
  const model = clicked ?? selected(browser)[0];
  return model && isTrainable(model) ? model.path : null;
}

function selected(browser: ReturnType<IFileBrowserFactory['tracker']['find']> | null) {
  return browser ? [...browser.selectedItems()].filter(isTrainable) : [];
}

function isTrainable({ path, type }: { path: string; type: string }): boolean {
  return type === 'notebook' || (type === 'file' && /\.py$/i.test(path));
}
