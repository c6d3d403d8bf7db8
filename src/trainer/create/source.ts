/** Where the code comes from: a Python file or a notebook, as it stands in an editor when it is open, else as it is saved. */
import type { Contents } from '@jupyterlab/services';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../../client/errors';
import type { IJupyterServer } from '../../client/jupyter';
import { type Json, list, object } from '../../graph/wire';
import type { IParameter, ParameterType } from '../../ui/form';
import { parameterText, validateParameter } from '../../ui/form/parameters';
import type { ITrainerServices } from '../context';
import { functionScript, pythonLiteral } from './script';

/** What is trained. */
export interface IOrigin {
  kind: 'file' | 'notebook' | 'function' | 'command';
  /** With its drive, if it has one. */
  path: string;
  /** The name of the function. */
  function: string;
  /** The id of the cell whose function is wanted, before one is chosen. */
  cell?: string;
  /** What was typed for its arguments. */
  texts: Record<string, string>;
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

/** What was read of an origin. */
export interface ISource {
  /** The file's code; undefined for a function, which `functionCode` makes. */
  text?: string;
  functions?: IFunction[];
  problems: ISourceProblem[];
}

type Server = Pick<IJupyterServer, 'json'>;
type Services = Pick<ITrainerServices, 'app' | 'documents'>;

/** Reads what is at a path. Rejects with an `Error` in words. */
export async function readSource(
  { kind, path }: Pick<IOrigin, 'kind' | 'path'>,
  services: Services,
  server: Server
): Promise<ISource> {
  if (kind === 'file') {
    return { text: await readFile(path, services), problems: [] };
  }
  const notebook = await readNotebook(path, services);
  const json = { path, notebook };
  if (kind === 'notebook') {
    const { script, problems } = await server.json<{
      script: string;
      problems: ISourceProblem[];
    }>({ method: 'POST', path: '/notebook/script', json });
    return { text: script, problems };
  }
  const { functions } = await server.json<{ functions: IFunction[] }>({
    method: 'POST',
    path: '/notebook/functions',
    json
  });
  const read = functions.map(each => ({
    ...each,
    parameters: each.parameters.map(one => ({ ...one, default: one.default ?? undefined }))
  }));
  return { functions: read, problems: [] };
}

/** What stands in an argument's field at first. */
export function defaultText({ type, default: value }: IArgument): string {
  return parameterText(type === 'ANY' ? 'STRING' : type, value);
}

/** A function's arguments as Python source by name, or what is wrong with them. Those that are not changed have the function's own default. */
export function readArguments(
  { parameters }: IFunction,
  texts: Readonly<Record<string, string>>,
  trans: TranslationBundle
): { call: Map<string, string>; errors: Record<string, string> } {
  const call = new Map<string, string>();
  const errors: Record<string, string> = {};
  for (const parameter of parameters) {
    const { name, type } = parameter;
    const typed = texts[name] ?? defaultText(parameter);
    if (typed === defaultText(parameter)) {
      if (parameter.required) {
        errors[name] = trans.__('Argument *%1* needs a value.', name);
      }
      continue;
    }
    if (type === 'ANY') {
      call.set(name, pythonLiteral(anyValue(typed)));
      continue;
    }
    const read = validateParameter({ ...parameter, type }, typed, trans);
    if (read.error !== undefined) {
      errors[name] = read.error;
    } else if (read.value !== undefined) {
      call.set(name, pythonLiteral(read.value, type === 'NUMBER_DOUBLE'));
    }
  }
  return { call, errors };
}

/** The file that calls a function with what was typed. */
export function functionCode(
  found: IFunction,
  texts: Readonly<Record<string, string>>,
  trans: TranslationBundle
): string {
  return functionScript(found.source, found.name, readArguments(found, texts, trans).call);
}

/** Numbers, `true`, `false`, `null`, lists and objects as JSON has them; Python's `True`, `False` and `None`; else the text itself. */
function anyValue(typed: string): unknown {
  const words: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
  if (typed in words) {
    return words[typed];
  }
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

async function readFile(path: string, { app, documents }: Services): Promise<string> {
  const open = openModel(path, documents);
  if (open) {
    return open.toString();
  }
  const model = await contents(app).get(path, { type: 'file', format: 'text', content: true });
  if (typeof model.content !== 'string') {
    throw new Error(`${path} is no text file. Choose a Python file.`);
  }
  return model.content;
}

/** A notebook without its outputs. */
async function readNotebook(path: string, { app, documents }: Services): Promise<Json> {
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

function contents(app: Services['app']): Contents.IManager {
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

/** What a path is trained as. */
export function kindOfPath(path: string): 'file' | 'notebook' {
  return PathExt.extname(path).toLowerCase() === '.ipynb' ? 'notebook' : 'file';
}
