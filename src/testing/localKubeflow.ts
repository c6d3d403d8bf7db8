/**
 * A real Local Kubeflow for specs, in a temporary home of its own. The interpreter is `KUBEFLOW_TEST_PYTHON`, by default that of the
 * checkout's `.venv`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(__dirname, '..', '..');

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
    await local(home, 'start');
    const { stdout } = await local(home, 'status', '--output', 'json');
    const { token, services } = JSON.parse(stdout) as ILocalKubeflow;
    return { home, token, services };
  } catch (error) {
    const log = await readFile(path.join(home, 'server.log'), 'utf8').catch(() => '');
    await stopLocalKubeflow(home).catch(() => undefined);
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`Local Kubeflow did not start. ${stderr || message}\n${log}`);
  }
}

/** Stops the server and removes its folder. */
export async function stopLocalKubeflow(home: string): Promise<void> {
  try {
    await local(home, 'stop');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function local(home: string, ...args: string[]): Promise<{ stdout: string }> {
  const python = process.env['KUBEFLOW_TEST_PYTHON'] ?? path.join(root, '.venv', 'bin', 'python');
  const known = process.env['PYTHONPATH'];
  const source = path.join(root, 'jupyter_extension');
  return run(python, ['-m', 'jupyterlab_kubeflow.cli', 'local', ...args], {
    env: {
      ...process.env,
      KUBEFLOW_LOCAL_HOME: home,
      PYTHONPATH: known ? `${source}${path.delimiter}${known}` : source
    }
  });
}
