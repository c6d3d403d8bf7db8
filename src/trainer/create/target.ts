/** What *Train…* is about: the file or notebook that was clicked, or the cell. */
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { NotebookPanel } from '@jupyterlab/notebook';

import type { Args } from '../../ui/commands';
import type { ICreateSeed, ITrainerServices } from '../context';

/** Where the command was called from. */
export type Origin = 'file-browser' | 'notebook' | 'cell';

type Services = Pick<ITrainerServices, 'app' | 'browsers' | 'notebooks'>;

/** The start of a function at the top level of a cell: whether a menu offers it. Its name is read by the server. */
const DEFINES = /^def\s+\w/m;

/** What to train, or `null` where the command has nothing to be about. */
export function targetSeed(args: Args, services: Services): ICreateSeed | null {
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

/** The function of the cell whose menu was opened, else of the active one. */
function cellSeed(panel: NotebookPanel | null, { app }: Services): ICreateSeed | null {
  const node = app?.contextMenuHitTest(each => each.classList.contains('jp-Cell'));
  const clicked = node && panel?.content.widgets.find(each => each.node === node);
  const cell = clicked ?? panel?.content.activeCell;
  const source = cell?.model.type === 'code' ? cell.model.sharedModel.getSource() : '';
  return panel && cell && DEFINES.test(source)
    ? { path: panel.context.path, cell: cell.model.id }
    : null;
}

/** The Python file or notebook under the pointer when the context menu opened, in whichever file browser that was. */
function clickedPath({ app, browsers }: Services): string | null {
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
