/** A real Jupyter server with this extension for specs, with token and XSRF check on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

import { python, pythonEnvironment } from './python';

/** A started server. */
export interface ITestJupyter {
  /** Ends with `/`. */
  url: string;
  token: string;
  stop(): Promise<void>;
}

/** Starts a server whose Local Kubeflow has its home in `home`; rejects with its log when it does not come up. */
export async function startJupyter(home: string): Promise<ITestJupyter> {
  const place = await mkdtemp(path.join(tmpdir(), 'kubeflow-jupyter-'));
  const [config, runtime, files] = await Promise.all(
    ['config', 'runtime', 'files'].map(async name => {
      await mkdir(path.join(place, name));
      return path.join(place, name);
    })
  );
  await writeFile(
    path.join(config ?? '', 'jupyter_server_config.json'),
    JSON.stringify({
      ServerApp: {
        base_url: '/user/test/',
        ip: '127.0.0.1',
        jpserver_extensions: { jupyterlab_kubeflow: true },
        open_browser: false,
        port: 0,
        root_dir: files
      }
    })
  );
  const child = spawn(python(), ['-m', 'jupyter_server', '--allow-root'], {
    env: pythonEnvironment({
      JUPYTER_CONFIG_DIR: config ?? '',
      JUPYTER_RUNTIME_DIR: runtime ?? '',
      KUBEFLOW_CONFIG_HOME: config ?? '',
      KUBEFLOW_LOCAL_HOME: home
    }),
    stdio: ['ignore', 'ignore', 'pipe']
  });
  let log = '';
  child.stderr.on('data', (data: Buffer) => (log += data.toString()));
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await ended;
    await rm(place, { recursive: true, force: true });
  };
  for (;;) {
    const name = (await readdir(runtime ?? '')).find(file => /^jpserver-\d+\.json$/.test(file));
    const info = name && (await readFile(path.join(runtime ?? '', name), 'utf8'));
    if (info && info.trim().endsWith('}')) {
      const { url, token } = JSON.parse(info) as { url: string; token: string };
      // The file is there before the port is listened to.
      if (await fetch(`${url}api`).catch(() => undefined)) {
        return { url, token, stop };
      }
    }
    if (child.exitCode !== null) {
      await stop();
      throw new Error(`The Jupyter server did not start.\n${log}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
