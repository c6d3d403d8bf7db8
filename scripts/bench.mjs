// `npm run bench [-- FIGURE …]`: one line a figure, each a ratio against a named peer or limit.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

import {
  TOKEN,
  figure,
  figures,
  firstRows,
  homes,
  median,
  python,
  startJupyter,
  withBrowser
} from '../benchmarks/support.mjs';
import { env, fail, must, output, root, say, venvBin } from './lib.mjs';
import { setup } from './setup.mjs';

const labextension = path.join(root, 'jupyter_extension/jupyterlab_kubeflow/labextension');

async function twentyTasks() {
  const script = path.join(root, 'benchmarks/twenty_tasks.py');
  const seconds = (which, extra = {}) => {
    Object.assign(env, extra);
    const line = output(python, [script, which])?.split('\n').pop();
    return line ? JSON.parse(line).seconds : fail(`${script} ${which} failed.`);
  };
  const { folder, own } = homes();
  Object.assign(env, { KUBEFLOW_LOCAL_HOME: own.KUBEFLOW_LOCAL_HOME });
  const local = path.join(venvBin, 'jupyter-kubeflow');
  await must(local, ['local', 'start'], { stdio: 'ignore' });
  const status = JSON.parse(output(local, ['local', 'status', '--output', 'json']));
  const ours = [];
  const stock = [];
  for (let pair = 0; pair < 3; pair++) {
    ours.push(seconds('local', { KFP_HOST: status.services.pipelines, KFP_TOKEN: status.token }));
    stock.push(seconds('stock'));
  }
  const clock = 'submit to the end told to the caller, 20 tasks, no caching';
  figure(
    '20 trivial tasks, no venv',
    median(ours),
    's',
    'kfp.local without venv',
    median(stock),
    0.3,
    clock
  );
  figure(
    '20 trivial tasks, with venv',
    median(ours),
    's',
    'kfp.local with venv',
    seconds('stock-venv'),
    1 / 25,
    clock
  );
  await must(local, ['local', 'stop'], { stdio: 'ignore' });
  fs.rmSync(folder, { recursive: true, force: true });
}

async function bundle() {
  const { folder, own } = homes();
  const jupyter = await startJupyter(own, folder);
  const loaded = new Set();
  await withBrowser(async browser => {
    const page = await browser.newPage();
    page.on('response', response => {
      const name = /\/lab\/extensions\/jupyterlab-kubeflow\/static\/([^?]+)/.exec(
        response.url()
      )?.[1];
      if (name) {
        loaded.add(name);
      }
    });
    await page.goto(`${jupyter.url}/lab?token=${TOKEN}`);
    await page.waitForSelector('#jp-main-statusbar');
    await page.waitForLoadState('networkidle');
  });
  await jupyter.stop();
  fs.rmSync(folder, { recursive: true, force: true });
  const size = name =>
    zlib.gzipSync(fs.readFileSync(path.join(labextension, 'static', name))).length / 1024;
  const all = fs
    .readdirSync(path.join(labextension, 'static'))
    .filter(name => /\.(js|css)$/.test(name));
  const sum = names => names.reduce((total, name) => total + size(name), 0);
  figure(
    'eager bundle',
    sum(all.filter(name => loaded.has(name))),
    'KiB gzip',
    'a limit of 60 KiB',
    60,
    1,
    'the files that JupyterLab fetches before anyone clicks'
  );
  figure(
    'lazy bundle',
    sum(all.filter(name => !loaded.has(name))),
    'KiB gzip',
    'a limit of 600 KiB',
    600,
    1,
    'the files that are fetched when they are used'
  );
}

async function serverStart() {
  const { folder, own } = homes();
  const differences = [];
  for (let pair = 0; pair < 8; pair++) {
    const without = await startJupyter(own, folder, [
      "--ServerApp.jpserver_extensions={'jupyterlab_kubeflow': False}"
    ]);
    await without.stop();
    const with_ = await startJupyter(own, folder);
    await with_.stop();
    if (pair > 0) {
      differences.push(with_.ms - without.ms);
    }
  }
  fs.rmSync(folder, { recursive: true, force: true });
  figure(
    'added Jupyter server start',
    Math.max(0, median(differences)),
    'ms',
    'a limit of 100 ms',
    100,
    1,
    'spawn to the first answer of /api, with minus without the extension, median of 7 pairs'
  );
}

async function rows() {
  const { folder, own } = homes();
  Object.assign(env, { KUBEFLOW_LOCAL_HOME: own.KUBEFLOW_LOCAL_HOME });
  await must(python, [path.join(root, 'benchmarks/seed_runs.py'), '10000'], { env: own });
  await must(path.join(venvBin, 'jupyter-kubeflow'), ['local', 'start'], {
    env: own,
    stdio: 'ignore'
  });
  const jupyter = await startJupyter(own, folder);
  const times = await withBrowser(browser =>
    firstRows(browser, jupyter.url, 'kubeflow-pipelines-panel')
  );
  await jupyter.stop();
  await must(path.join(venvBin, 'jupyter-kubeflow'), ['local', 'stop'], {
    env: own,
    stdio: 'ignore'
  });
  fs.rmSync(folder, { recursive: true, force: true });
  figure(
    'first rows of 10,000 runs',
    median(times),
    'ms',
    'a limit of 300 ms',
    300,
    1,
    "click on the panel's icon to rows in the DOM, first time in a fresh page, median of 5"
  );
}

/** A page of 100,000 runs under each filter. */
async function lists() {
  const { folder, own } = homes();
  const script = path.join(root, 'benchmarks/list_runs.py');
  Object.assign(env, { KUBEFLOW_LOCAL_HOME: own.KUBEFLOW_LOCAL_HOME });
  await must(python, [path.join(root, 'benchmarks/seed_runs.py'), '100000'], { env: own });
  const local = path.join(venvBin, 'jupyter-kubeflow');
  await must(local, ['local', 'start'], { stdio: 'ignore' });
  const line = output(python, [script])?.split('\n').pop();
  const found = line ? JSON.parse(line) : fail(`${script} failed.`);
  await must(local, ['local', 'stop'], { stdio: 'ignore' });
  fs.rmSync(folder, { recursive: true, force: true });
  const [name, slowest] = Object.entries(found).sort(([, a], [, b]) => b.median - a.median)[0];
  figure(
    `page of 100,000 runs by filter (slowest: ${name})`,
    1000 * slowest.median,
    'ms',
    'a limit of 100 ms',
    100,
    1,
    'GET of the 50 newest with their total, by state, name, experiment, time, version and storage, median of 5 each'
  );
}

/** 200 runs queued at once, against the same commands in a bare process pool. */
async function queue() {
  const { folder, own } = homes();
  const script = path.join(root, 'benchmarks/queue_runs.py');
  Object.assign(env, { KUBEFLOW_LOCAL_HOME: own.KUBEFLOW_LOCAL_HOME });
  const local = path.join(venvBin, 'jupyter-kubeflow');
  await must(local, ['local', 'start'], { stdio: 'ignore' });
  const line = output(python, [script, '200', '3'])?.split('\n').pop();
  const found = line ? JSON.parse(line) : fail(`${script} failed.`);
  await must(local, ['local', 'stop'], { stdio: 'ignore' });
  fs.rmSync(folder, { recursive: true, force: true });
  const of = (passes, name) => median(passes.map(pass => pass[name]));
  say(`200 runs submitted at ${(200 / of(found.local, 'submitted')).toFixed(0)} a second`);
  figure(
    '200 queued runs',
    of(found.local, 'drained'),
    's',
    'the same commands in a bare process pool',
    of(found.pool, 'seconds'),
    1.3,
    'first request to the last end, median of 3 interleaved pairs'
  );
}

/** Figures whose modules need packages that the set-up installs. */
const later = (module, name) => async () => (await import(`../benchmarks/${module}.mjs`))[name]();

const all = {
  bundle,
  start: serverStart,
  rows,
  lists,
  queue,
  tasks: twentyTasks,
  'local-kubernetes': later('kubernetes', 'localKubernetes'),
  'list-watch': later('kubernetes', 'listWatch'),
  'kubernetes-proxy': later('kubernetesProxy', 'kubernetesProxy'),
  trainer: later('trainer', 'trainer'),
  katib: later('katib', 'katib'),
  registry: later('registry', 'registry')
};
const asked = process.argv.slice(2);
const unknown = asked.filter(name => !(name in all));
if (unknown.length > 0) {
  fail(`Unknown figure ${unknown.join(', ')}. Figures: ${Object.keys(all).join(', ')}.`);
}
await setup();
for (const name of asked.length > 0 ? asked : Object.keys(all)) {
  await all[name]();
}
const missed = figures.filter(({ ok }) => !ok).length;
say(`${figures.length - missed} targets met, ${missed} missed`);
process.exit(missed === 0 ? 0 : 1);
