/** What is tuned: a Python file, a notebook or a function of one, read as what a trial runs. */
import type { IJupyterServer } from '../../client/jupyter';
import type { ITrainJob } from '../../client/kubernetes/kinds/trainer';
import {
  type IFunction,
  type ISourceProblem,
  type ISourceServices,
  readFile,
  readNotebook
} from '../../ui/training/source';
import type { ICodeOrigin } from '../../ui/training/trainingForm';
import type { ITrialParameter } from './propose';
import { parametersOf, readTemplate } from './template';

/** Where the code comes from. */
export interface IOrigin extends ICodeOrigin {
  /** `job`: a TrainJob that is there, its name in the place of a path; `template`: what the YAML has, such as a clone's. */
  kind: 'file' | 'notebook' | 'function' | 'job' | 'template';
}

/** What was read (`Trial` of `jupyterlab_kubeflow.notebook.trial`). */
export interface ITrialSource {
  /** Undefined for a TrainJob, which brings its own. */
  readonly script?: string;
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
  /** The TrainJob that the trials are to be like. */
  readonly job?: ITrainJob;
}

/** Reads what is at a path, or a TrainJob, as it stands in an editor when it is open. Rejects with an `Error` in words. */
export async function readSource(
  { kind, path, function: name, cell }: IOrigin,
  services: ISourceServices,
  server: Pick<IJupyterServer, 'json'>,
  trainJob: (name: string) => Promise<ITrainJob>
): Promise<ISource> {
  if (kind === 'job') {
    const job = await trainJob(path);
    const draft = readTemplate('OptimizationJob', { spec: { trainJobTemplate: job } });
    const trial = { parameters: parametersOf(draft), metrics: [], problems: [] };
    return { function: '', trial, job };
  }
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
