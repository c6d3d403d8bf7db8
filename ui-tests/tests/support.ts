import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as http from 'http';
import * as path from 'path';

import { environment, folders, type ServerName } from '../servers';

const examples = path.resolve(__dirname, '../../examples');

/** Copies an example notebook into a folder of a server. */
export function copyExample(server: ServerName, folder: string, name: string): void {
  fs.copyFileSync(path.join(examples, name), path.join(folders(server).notebooks, folder, name));
}

/** Writes a notebook of code cells at a path of a server; `tags[i]` are the tags of cell i, `outputs[i]` its stored outputs. */
export function writeNotebook(
  server: ServerName,
  name: string,
  cells: string[],
  tags: Record<number, string[]> = {},
  outputs: Record<number, unknown[]> = {}
): void {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' },
      language_info: { name: 'python' }
    },
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: 'code',
      execution_count: null,
      metadata: tags[index] ? { tags: tags[index] } : {},
      outputs: outputs[index] ?? [],
      source
    }))
  };
  fs.writeFileSync(path.join(folders(server).notebooks, name), JSON.stringify(notebook));
}

/** Addresses and token of a server's Local Kubeflow, started if need be. */
export function localKubeflow(server: ServerName): {
  pipelines: string;
  registry: string;
  token: string;
} {
  cli(server, 'local', 'start');
  const status = JSON.parse(cli(server, 'local', 'status', '--output', 'json'));
  const { pipelines, registry } = status.services;
  return { pipelines, registry, token: status.token };
}

/** Runs `jupyter kubeflow …` against a server's homes; its output. */
export function cli(server: ServerName, ...args: string[]): string {
  const result = spawnSync('jupyter-kubeflow', args, {
    env: environment(server),
    encoding: 'utf8'
  });
  if (result.status !== 0) {
    throw new Error(`jupyter kubeflow ${args.join(' ')}: ${result.stderr}`);
  }
  return result.stdout;
}

/** Creates a run of a pipeline with one endless task for each name; its id. */
export async function countingRun(
  server: ServerName,
  name: string,
  tasks = [name]
): Promise<string> {
  const body = { display_name: name, pipeline_spec: countingSpec(tasks) };
  return (await kfp<{ run_id: string }>(server, 'runs', body)).run_id;
}

/** Terminates a run. */
export async function terminate(server: ServerName, runId: string): Promise<void> {
  await kfp(server, `runs/${runId}:terminate`, {});
}

/** A pipeline with one endless task for each name, none depending on another. */
function countingSpec(names: string[]): Record<string, unknown> {
  const script = 'import time\nfor i in range(600):\n print(i)\n time.sleep(1)';
  const count = { command: ['python3', '-u', '-c', script] };
  return pipelineSpec('counting', Object.fromEntries(names.map(name => [name, count])));
}

/** A pipeline of commands, each a task that may wait for another. */
export function pipelineSpec(
  pipeline: string,
  tasks: Record<string, { command: string[]; after?: string }>
): Record<string, unknown> {
  const each = <T>(make: (name: string, task: (typeof tasks)[string]) => [string, T]) =>
    Object.fromEntries(Object.entries(tasks).map(([name, task]) => make(name, task)));
  return {
    pipelineInfo: { name: pipeline },
    schemaVersion: '2.1.0',
    sdkVersion: 'kfp-2.17.0',
    root: {
      dag: {
        tasks: each((name, { after }) => [
          name,
          {
            taskInfo: { name },
            componentRef: { name: `comp-${name}` },
            dependentTasks: after ? [after] : [],
            cachingOptions: {}
          }
        ])
      }
    },
    components: each(name => [`comp-${name}`, { executorLabel: `exec-${name}` }]),
    deploymentSpec: {
      executors: each((name, { command }) => [
        `exec-${name}`,
        { container: { image: 'python:3.11', command } }
      ])
    }
  };
}

/** The answer of the KFP API of a server's Local Kubeflow, past the Jupyter server: a GET, or a POST of `body`. */
export function kfp<T>(server: ServerName, route: string, body?: unknown): Promise<T> {
  const { pipelines, token } = localKubeflow(server);
  return answerOf(`${pipelines}/apis/v2beta1/${route}`, token, body);
}

/**
 * The JSON that a server answers to a GET, or to a POST of `body`. Each on a connection of its own, since the command line blocks this process
 * for longer than the server keeps an idle one.
 */
export function answerOf<T>(
  url: string,
  token: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST'
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      {
        agent: false,
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
      },
      async answer => {
        const text = (await answer.toArray()).join('');
        if (answer.statusCode === 200 || answer.statusCode === 201) {
          resolve(JSON.parse(text || 'null'));
        } else {
          reject(new Error(`${url}: ${answer.statusCode} ${text}`));
        }
      }
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
