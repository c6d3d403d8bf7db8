import * as fs from 'fs';
import * as path from 'path';

const root = path.resolve(__dirname, '..');
const bin = path.join(root, '.venv', 'bin');

export const GALATA_PORT = Number(process.env.KUBEFLOW_GALATA_PORT ?? 28888);
export const AUTH_PORT = GALATA_PORT + 1;
export const GALATA_URL = `http://127.0.0.1:${GALATA_PORT}`;
export const AUTH_URL = `http://127.0.0.1:${AUTH_PORT}`;
/** Each port has its own homes, so that two runs of the browser tests can go on side by side. */
const homes = path.join(
  root,
  '.local',
  GALATA_PORT === 28888 ? 'ui-tests' : `ui-tests-${GALATA_PORT}`
);
/** The token of the server that asks for one. */
export const AUTH_TOKEN = 'browser-test-token';

export type ServerName = 'galata' | 'auth';

/** Where a server keeps its notebooks, its configuration and its Local Kubeflow. */
export function folders(name: ServerName): { notebooks: string; config: string; local: string } {
  const home = path.join(homes, name);
  return {
    notebooks: path.join(home, 'notebooks'),
    config: path.join(home, 'config'),
    local: path.join(home, 'kubeflow')
  };
}

/** The environment that points the suite at a server's folders. */
export function environment(name: ServerName): Record<string, string> {
  const { notebooks, config, local } = folders(name);
  return {
    ...(process.env as Record<string, string>),
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    KUBEFLOW_CONFIG_HOME: config,
    KUBEFLOW_LOCAL_HOME: local,
    JUPYTERLAB_GALATA_ROOT_DIR: notebooks,
    JUPYTERLAB_SETTINGS_DIR: path.join(config, 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: path.join(config, 'workspaces'),
    // No kubeconfig of the developer's own takes part.
    KUBECONFIG: path.join(config, 'no-kubeconfig')
  };
}

/** Command and environment that start a JupyterLab server on fresh folders. */
export function serverCommand(name: ServerName): {
  command: string;
  env: Record<string, string>;
} {
  const { notebooks, config } = folders(name);
  fs.mkdirSync(notebooks, { recursive: true });
  fs.mkdirSync(config, { recursive: true });
  const root = process.getuid?.() === 0 ? ' --allow-root' : '';
  const common = `jupyter lab --no-browser${root} --ServerApp.port_retries=0 --ServerApp.ip=127.0.0.1`;
  const command =
    name === 'galata'
      ? `${common} --config jupyter_server_test_config.py --ServerApp.port=${GALATA_PORT}`
      : `${common} --ServerApp.port=${AUTH_PORT} --IdentityProvider.token=${AUTH_TOKEN} --ServerApp.root_dir=${JSON.stringify(notebooks)}`;
  return { command, env: environment(name) };
}
