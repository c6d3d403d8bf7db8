/** A run read again while its graph is looked at. Loaded only when an output is live. */
import { ServerConnection } from '@jupyterlab/services';

import type { IPipelinesClient } from '../client/pipelines';
import { JupyterServer, JupyterTransport } from '../client/jupyter';
import { PipelinesClient } from '../client/pipelinesClient';
import { graphFromRun } from '../graph/adapters';
import type { IGraphDocument } from '../graph/schema';

/** The client of the active connection. */
export function pipelinesOf(settings: ServerConnection.ISettings): IPipelinesClient {
  const server = new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
  return new PipelinesClient(new JupyterTransport(server));
}

/** Reads a run and its tasks (GET only) and makes their graph. Rejects with `ApiError`. */
export async function readRun(
  pipelines: IPipelinesClient,
  runId: string,
  signal: AbortSignal
): Promise<IGraphDocument> {
  const run = await pipelines.getRun(runId, signal);
  const tasks = await pipelines.getTasks(run, signal);
  return graphFromRun(run.pipelineSpec, tasks, {
    id: run.id,
    name: run.name,
    state: run.state,
    asOf: new Date().toISOString()
  });
}
