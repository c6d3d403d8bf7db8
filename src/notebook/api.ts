/** The extension's notebook routes (docs/architecture.md, Routes). */
import type { IJupyterServer } from '../client/jupyter';
import type { IParameter, ParameterType } from '../ui/form';

/** Something to tell before a run; an `error` refuses it. */
export interface IProblem {
  severity: 'error' | 'warning';
  message: string;
  /** Number of the cell among all cells, from 1; `null` when the notebook as a whole is meant. */
  cell: number | null;
  /** Line of the cell, from 1. */
  line: number | null;
}

/** What a notebook is as a pipeline. */
export interface IInspection {
  name: string;
  kernel: { name: string; display_name: string };
  parameters: IParameter[];
  problems: IProblem[];
}

/** How the notebook runs; members that are left out have the server's default (`Settings` of `jupyterlab_kubeflow.notebook`). */
export interface ICompileSettings {
  /** Image of the container on a cluster. */
  image?: string;
  /** What the container installs: requirement strings, or `auto` to pin what the kernel has installed. */
  requirements?: string[] | 'auto';
  /** Seconds for one cell. */
  cell_timeout?: number;
  /** Seconds for the whole notebook. */
  timeout?: number;
  caching?: boolean;
}

/** A PipelineSpec that runs the notebook. */
export interface ICompiled {
  name: string;
  pipeline_spec: Record<string, unknown>;
}

/** The part of the Jupyter server that is used. */
export type NotebookServer = Pick<IJupyterServer, 'json'>;

/**
 * Inspects a notebook without running it. Rejects with `ApiError`.
 * @param path - path below the Jupyter server's root, without a drive
 */
export async function inspectNotebook(server: NotebookServer, path: string): Promise<IInspection> {
  const answer = await server.json<
    Omit<IInspection, 'parameters'> & {
      parameters: (Omit<IParameter, 'type'> & { type: ParameterType; default: unknown })[];
    }
  >({ method: 'POST', path: '/notebook/inspect', json: { path } });
  return {
    ...answer,
    parameters: answer.parameters.map(parameter => ({
      ...parameter,
      default: parameter.default ?? undefined
    }))
  };
}

/** Compiles a notebook. Rejects with `ApiError`, with `details.problems` when the notebook cannot run. */
export function compileNotebook(
  server: NotebookServer,
  path: string,
  settings: ICompileSettings,
  signal?: AbortSignal
): Promise<ICompiled> {
  return server.json<ICompiled>({
    method: 'POST',
    path: '/notebook/compile',
    json: { path, settings },
    signal
  });
}
