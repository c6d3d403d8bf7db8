import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { CodeText } from '../ui/codeText';
import type { IProblem } from './api';

/** A problem's place and message in one sentence: "Cell 3, line 2: …". */
export function problemText(problem: IProblem, trans: TranslationBundle): string {
  const place = problemPlace(problem, trans);
  return place ? trans.__('%1: %2', place, problem.message) : problem.message;
}

/** Says why a notebook cannot run, and offers to go to the first cell that is to blame. */
export async function showRefusal(options: {
  /** The notebook's file name. */
  name: string;
  /** The notebook's path with its drive. */
  path: string;
  problems: IProblem[];
  docManager: IDocumentManager;
  trans: TranslationBundle;
}): Promise<void> {
  const { name, path, problems, docManager, trans } = options;
  const first = problems.find(problem => problem.cell !== null);
  const close = Dialog.cancelButton({ label: trans.__('Close') });
  const result = await showDialog({
    title: trans.__('%1 cannot run as a pipeline', name),
    body: (
      <ul className="jp-Kubeflow-Refusal">
        {problems.map((problem, index) => (
          <li key={index}>
            <strong>{problemPlace(problem, trans)}</strong>
            <span>
              <CodeText text={problem.message} />
            </span>
          </li>
        ))}
      </ul>
    ),
    buttons: first?.cell
      ? [close, Dialog.okButton({ label: trans.__('Go to cell %1', first.cell) })]
      : [close]
  });
  if (result.button.accept && first?.cell) {
    await revealCell(docManager, path, first.cell, first.line ?? 1);
  }
}

/** Opens the notebook if need be and puts the cursor on a line of a cell; both count from 1. */
async function revealCell(
  docManager: IDocumentManager,
  path: string,
  cell: number,
  line: number
): Promise<void> {
  const panel = docManager.openOrReveal(path, 'Notebook') as NotebookPanel | undefined;
  if (!panel) {
    return;
  }
  await panel.context.ready;
  await panel.revealed;
  const notebook = panel.content;
  notebook.activeCellIndex = cell - 1;
  await notebook.scrollToItem(cell - 1);
  const target = notebook.activeCell;
  if (target) {
    await target.ready;
    target.editor?.setCursorPosition({ line: line - 1, column: 0 });
    notebook.mode = 'edit';
  }
}

function problemPlace({ cell, line }: IProblem, trans: TranslationBundle): string | null {
  if (cell === null) {
    return null;
  }
  return line === null ? trans.__('Cell %1', cell) : trans.__('Cell %1, line %2', cell, line);
}
