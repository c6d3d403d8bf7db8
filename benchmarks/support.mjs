// What the measurements share: figures against a peer or a limit, and servers and browsers of their own.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { env, fail, must, root, venvBin } from '../scripts/lib.mjs';
import { browserTestPackages, chromium } from '../scripts/setup.mjs';

/** The interpreter of the virtual environment. */
export const python = path.join(venvBin, 'python');

/** The token of the Jupyter servers. */
export const TOKEN = 'bench-token';

/** The median of numbers. */
export const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The figures, printed as they are known. */
export const figures = [];

/** A figure as a ratio to a peer's or a limit's `peerValue`, which is to be at most `limit`; `clock` says what was timed. */
export function figure(name, value, unit, peer, peerValue, limit, clock) {
  const ratio = value / peerValue;
  const ok = ratio <= limit;
  figures.push({ name, ok });
  const number = x => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));
  process.stdout.write(
    `${ok ? 'ok    ' : 'MISSED'} ${name}: ${number(value)} ${unit} = ${ratio.toPrecision(3)} × ${peer} (${number(peerValue)} ${unit}), target ≤ ${limit.toPrecision(3)} ×; clock: ${clock}\n`
  );
}

/** A figure that is right or wrong. */
export function claim(name, ok, said) {
  figures.push({ name, ok });
  process.stdout.write(`${ok ? 'ok    ' : 'MISSED'} ${name}: ${said}\n`);
}

function freePort() {
  return new Promise(resolve => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Homes of a throw-away Local Kubeflow and JupyterLab. */
export function homes() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubeflow-bench-'));
  const own = {
    ...env,
    KUBEFLOW_LOCAL_HOME: path.join(folder, 'kubeflow'),
    KUBEFLOW_CONFIG_HOME: path.join(folder, 'config'),
    JUPYTERLAB_SETTINGS_DIR: path.join(folder, 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: path.join(folder, 'workspaces'),
    KUBECONFIG: path.join(folder, 'no-kubeconfig')
  };
  return { folder, own };
}

/**
 * Runs `work(own, folder)` beside a Local Kubeflow in new homes, which are removed at the end.
 * @param before - fills the homes before Local Kubeflow starts, given their environment
 */
export async function withLocalKubeflow(work, before) {
  const { folder, own } = homes();
  const local = path.join(venvBin, 'jupyter-kubeflow');
  try {
    await before?.(own);
    await must(local, ['local', 'start'], { stdio: 'ignore', env: own });
    try {
      await work(own, folder);
    } finally {
      await must(local, ['local', 'stop'], { stdio: 'ignore', env: own });
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts JupyterLab; resolves to its address, the milliseconds until it answered, and how to stop it. */
export async function startJupyter(own, folder, extra = []) {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(
    path.join(venvBin, 'jupyter'),
    [
      'lab',
      '--no-browser',
      '--allow-root',
      `--ServerApp.port=${port}`,
      `--IdentityProvider.token=${TOKEN}`,
      `--ServerApp.root_dir=${folder}`,
      ...extra
    ],
    { cwd: root, env: own, stdio: 'ignore' }
  );
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    try {
      await fetch(`${url}/api`);
      break;
    } catch {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    if (child.exitCode !== null) {
      fail('JupyterLab did not start.');
    }
  }
  const ms = performance.now() - start;
  const stop = () => new Promise(resolve => (child.on('close', resolve), child.kill('SIGTERM')));
  return { url, ms, pid: child.pid, stop };
}

/** What `work` answers, given a Chromium. */
export async function withBrowser(work, args = []) {
  await browserTestPackages();
  const executablePath = (await chromium()) || undefined;
  const require = createRequire(path.join(root, 'ui-tests/package.json'));
  const browser = await require('@playwright/test').chromium.launch({
    executablePath,
    args: ['--no-sandbox', ...args]
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/**
 * Milliseconds from the click on a sidebar panel's icon to the first row of its list, each time in a fresh page.
 * @param url - JupyterLab's address
 */
export async function firstRows(browser, url, panel, rounds = 5) {
  const taken = [];
  for (let round = 0; round <= rounds; round++) {
    const page = await browser.newPage();
    await page.goto(`${url}/lab?token=${TOKEN}&reset`);
    await page.waitForSelector('#jp-main-statusbar');
    await page.waitForLoadState('networkidle');
    await page.evaluate(id => {
      window.clicked = new Promise(resolve =>
        document.addEventListener('pointerdown', () => resolve(performance.now()), {
          capture: true,
          once: true
        })
      );
      window.rows = new Promise(resolve => {
        const observer = new MutationObserver(() => {
          if (document.querySelector(`#${id} [data-kubeflow-row]`)) {
            observer.disconnect();
            resolve(performance.now());
          }
        });
        observer.observe(document.body, { childList: true, subtree: true });
      });
    }, panel);
    await page.click(`.jp-SideBar [data-id="${panel}"]`);
    taken.push(await page.evaluate(async () => (await window.rows) - (await window.clicked)));
    await page.close();
  }
  return taken.slice(1);
}

/** Makes a kubeconfig's context the active connection of homes. */
export function connect(own, context) {
  fs.mkdirSync(own.KUBEFLOW_CONFIG_HOME, { recursive: true });
  fs.writeFileSync(
    path.join(own.KUBEFLOW_CONFIG_HOME, 'connections.json'),
    JSON.stringify({ version: 1, active: context }),
    { mode: 0o600 }
  );
}
