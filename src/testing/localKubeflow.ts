/** A real Local Kubeflow for specs, in a temporary home of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

import { python, pythonEnvironment } from './python';

const run = promisify(execFile);

/** Where a started server is and how to talk to it. */
export interface ILocalKubeflow {
  /** Its data folder. */
  home: string;
  token: string;
  /** Service key to base URL, for example `pipelines`. */
  services: Record<string, string>;
}

/** Starts a server; rejects with what the command line said when it does not come up. */
export async function startLocalKubeflow(): Promise<ILocalKubeflow> {
  const home = await mkdtemp(path.join(tmpdir(), 'kubeflow-local-'));
  try {
    return await start(home);
  } catch (error) {
    const log = await readFile(path.join(home, 'server.log'), 'utf8').catch(() => '');
    await stopLocalKubeflow(home).catch(() => undefined);
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`Local Kubeflow did not start. ${stderr || message}\n${log}`);
  }
}

/** Stops a server and starts it again on what it has kept. */
export async function restartLocalKubeflow(home: string): Promise<ILocalKubeflow> {
  await local(home, 'stop');
  return start(home);
}

/** Stops the server and removes its folder. */
export async function stopLocalKubeflow(home: string): Promise<void> {
  try {
    await local(home, 'stop');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function start(home: string): Promise<ILocalKubeflow> {
  await local(home, 'start');
  const { stdout } = await local(home, 'status', '--output', 'json');
  const { token, services } = JSON.parse(stdout) as ILocalKubeflow;
  return { home, token, services };
}

async function local(home: string, ...args: string[]): Promise<{ stdout: string }> {
  return run(python(), ['-m', 'jupyterlab_kubeflow.cli', 'local', ...args], {
    env: pythonEnvironment({ KUBEFLOW_LOCAL_HOME: home })
  });
}
