/** What is tuned: a Python file, a notebook or a function of one, read as what a trial runs. */
import type { IJupyterServer } from '../../client/jupyter';
import {
  type IFunction,
  type ISourceProblem,
  type ISourceServices,
  readFile,
  readNotebook
} from '../../ui/training/source';
import type { ITrialParameter } from './propose';

/** Where the code comes from. */
export interface IOrigin {
  /** `template`: from the YAML, such as a clone's or an existing TrainJob's. */
  kind: 'file' | 'notebook' | 'function' | 'template';
  /** With its drive, if it has one. */
  path: string;
  /** The name of the function. */
  function: string;
  /** The id of the cell whose function is wanted, before one is chosen. */
  cell?: string;
}

/** What was read (`Trial` of `jupyterlab_kubeflow.notebook.trial`). */
export interface ITrialSource {
  readonly script: string;
  readonly parameters: readonly ITrialParameter[];
  /** By which names it prints numbers, the likely objective first. */
  readonly metrics: readonly string[];
  readonly problems: readonly ISourceProblem[];
}

/** What was read of an origin. */
export interface ISource {
  readonly functions?: readonly Pick<IFunction, 'name' | 'cell' | 'cell_id'>[];
  /** The function that `trial` is of. */
  readonly function: string;
  /** Undefined where the notebook defines no function. */
  readonly trial?: ITrialSource;
}

/** Reads what is at a path, as it stands in an editor when it is open. Rejects with an `Error` in words. */
export async function readSource(
  { kind, path, function: name, cell }: IOrigin,
  services: ISourceServices,
  server: Pick<IJupyterServer, 'json'>
): Promise<ISource> {
  const read = (json: object) =>
    server.json<ITrialSource>({ method: 'POST', path: '/notebook/trial', json: { path, ...json } });
  if (kind === 'file') {
    const text = await readFile(path, services);
    return { function: '', trial: await read({ text }) };
  }
  const notebook = await readNotebook(path, services);
  if (kind === 'notebook') {
    return { function: '', trial: await read({ notebook }) };
  }
  const { functions } = await server.json<{ functions: IFunction[] }>({
    method: 'POST',
    path: '/notebook/functions',
    json: { path, notebook }
  });
  const wanted =
    functions.find(each => each.name === name) ??
    functions.find(each => each.cell_id === cell) ??
    functions[0];
  return {
    functions,
    function: wanted?.name ?? '',
    trial: wanted && (await read({ notebook, function: wanted.name }))
  };
}
