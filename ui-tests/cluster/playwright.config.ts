import * as fs from 'fs';
import * as path from 'path';

import { defineConfig } from '@playwright/test';

import { files, home, kubeconfig, TOKEN, URL } from './jupyter';

const root = path.resolve(__dirname, '../..');
const config = path.join(home, 'config');
fs.mkdirSync(files, { recursive: true });
fs.mkdirSync(config, { recursive: true });
fs.writeFileSync(
  path.join(config, 'connections.json'),
  JSON.stringify({ version: 1, active: 'root' }),
  { mode: 0o600 }
);
const allowRoot = process.getuid?.() === 0 ? ' --allow-root' : '';

/** One JupyterLab with token and XSRF check, connected to the control plane of `npm run test:cluster`. */
export default defineConfig({
  testDir: 'tests',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 1,
  forbidOnly: !!process.env.CI,
  retries: 0,
  reporter: [['list']],
  outputDir: path.join(home, 'results'),
  use: {
    baseURL: URL,
    launchOptions: {
      executablePath: process.env.KUBEFLOW_CHROMIUM || undefined,
      args: ['--no-sandbox']
    },
    video: 'off',
    trace: 'retain-on-failure'
  },
  webServer: [
    {
      command: `jupyter lab --no-browser${allowRoot} --ServerApp.port_retries=0 --ServerApp.ip=127.0.0.1 --ServerApp.port=${new globalThis.URL(URL).port} --IdentityProvider.token=${TOKEN} --LabApp.expose_app_in_browser=True --ServerApp.root_dir=${JSON.stringify(files)}`,
      env: {
        ...(process.env as Record<string, string>),
        PATH: `${path.join(root, '.venv', 'bin')}${path.delimiter}${process.env.PATH}`,
        KUBECONFIG: kubeconfig,
        KUBEFLOW_CONFIG_HOME: config,
        KUBEFLOW_LOCAL_HOME: path.join(home, 'kubeflow'),
        JUPYTERLAB_SETTINGS_DIR: path.join(config, 'settings'),
        JUPYTERLAB_WORKSPACES_DIR: path.join(config, 'workspaces')
      },
      url: `${URL}/api`,
      timeout: 120_000,
      reuseExistingServer: false
    }
  ]
});
