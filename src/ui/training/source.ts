/** Code of the Jupyter server, as it stands in an editor when it is open, else as it is saved. */
import { PathExt } from '@jupyterlab/coreutils';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { Contents } from '@jupyterlab/services';

import { ApiError } from '../../client/errors';
import { type Json, list, object } from '../../graph/wire';
import type { IParameter, ParameterType } from '../form/parameters';

/** What code is read by; `null` for what is not there. */
export interface ISourceServices {
  readonly app: JupyterFrontEnd | null;
  readonly documents: IDocumentManager | null;
}

/** Something to tell of the code (`Problem` of `jupyterlab_kubeflow.notebook`). */
export interface ISourceProblem {
  severity: 'error' | 'warning';
  message: string;
  cell: number | null;
  line: number | null;
}

/** An argument; `ANY` where the source tells no type. */
export interface IArgument extends Omit<IParameter, 'type'> {
  type: ParameterType | 'ANY';
}

/** A function that a notebook defines (`TrainFunction` of `jupyterlab_kubeflow.notebook.training`). */
export interface IFunction {
  name: string;
  cell: number;
  cell_id: string;
  source: string;
  parameters: IArgument[];
  problems: ISourceProblem[];
}

/** The text of a file. Rejects with an `Error` in words. */
export async function readFile(path: string, { app, documents }: ISourceServices): Promise<string> {
  const open = openModel(path, documents);
  if (open) {
    return open.toString();
  }
  const model = await contents(app)
    .get(path, { type: 'file', format: 'text', content: true })
    .catch((error: Error) => {
      throw /not UTF-8/.test(error.message)
        ? new Error(`${path} is not encoded in UTF-8. Save it as UTF-8.`)
        : error;
    });
  if (typeof model.content !== 'string') {
    throw new Error(`${path} is no text file. Choose a Python file.`);
  }
  return model.content;
}

/** A notebook without its outputs. */
export async function readNotebook(
  path: string,
  { app, documents }: ISourceServices
): Promise<Json> {
  const open = openModel(path, documents);
  const notebook = object(
    open?.toJSON() ?? (await contents(app).get(path, { type: 'notebook', content: true })).content
  );
  const cells = list(notebook['cells']).map(each => {
    const cell = object(each);
    return cell['cell_type'] === 'code' ? { ...cell, outputs: [], execution_count: null } : cell;
  });
  return { ...notebook, cells };
}

function openModel(path: string, documents: IDocumentManager | null) {
  const widget = documents?.findWidget(path, null);
  const context = widget && documents?.contextForWidget(widget);
  return context?.isReady ? context.model : undefined;
}

function contents(app: ISourceServices['app']): Contents.IManager {
  if (!app) {
    throw new ApiError({
      service: 'jupyter',
      status: 0,
      reason: 'NotConfigured',
      message: 'There are no files here.'
    });
  }
  return app.serviceManager.contents;
}

/** What a path is. */
export function kindOfPath(path: string): 'file' | 'notebook' {
  return PathExt.extname(path).toLowerCase() === '.ipynb' ? 'notebook' : 'file';
}
