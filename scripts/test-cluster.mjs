// `npm run test:cluster [-- SUITE … [-- ARGUMENT …]]`: builds and starts a real Kubernetes control plane on loopback, runs the suites on it,
// and stops it. The arguments go to the suites' runner: `npm run test:cluster -- contract -- access` runs the specs whose path has “access”.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { browserClient } from './browserClient.mjs';
import { env, fail, root, run, say, venvBin } from './lib.mjs';
import { browserTestPackages, chromium, setup } from './setup.mjs';

/** Suites in the order they run: name → the command, given the plane's environment and the arguments for the runner. */
const suites = {
  kubectl: (environment, rest) =>
    run(
      path.join(venvBin, 'python'),
      [
        '-m',
        'pytest',
        'jupyter_extension/tests/local/kubernetes/test_kubernetes_kubectl.py',
        ...rest
      ],
      {
        env: {
          ...environment,
          KUBEFLOW_TEST_KUBECTL: path.join(root, '.local/cluster/bin/kubectl')
        }
      }
    ),
  contract: (environment, rest) =>
    run(
      path.join(root, 'node_modules/.bin/jest'),
      // A spec that fails may leave a watch open, which must not hold the suites up.
      ['--config', 'ui-tests/cluster/jest.config.js', '--runInBand', '--forceExit', ...rest],
      { env: environment }
    ),
  proxy: (environment, rest) =>
    run(
      path.join(venvBin, 'python'),
      ['-m', 'pytest', 'jupyter_extension/tests/cluster', ...rest],
      { env: environment }
    ),
  browser: async (environment, rest) => {
    await browserTestPackages();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubeflow-browser-'));
    const own = {
      KUBEFLOW_CHROMIUM: await chromium(),
      KUBEFLOW_BROWSER_CLIENT: await browserClient(folder)
    };
    const program = ['node_modules/@playwright/test/cli.js', 'test', '--config', 'cluster'];
    try {
      return await run(process.execPath, [...program, ...rest], {
        cwd: path.join(root, 'ui-tests'),
        env: { ...environment, ...own }
      });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
};

const given = process.argv.slice(2);
const end = given.includes('--') ? given.indexOf('--') : given.length;
const [asked, rest] = [given.slice(0, end), given.slice(end + 1)];
const unknown = asked.filter(name => !(name in suites));
if (unknown.length > 0) {
  fail(`Unknown suite ${unknown.join(', ')}. Suites: ${Object.keys(suites).join(', ')}.`);
}

const started = Date.now();
const seconds = since => Math.round((Date.now() - since) / 1000);
await setup();
// These need packages that the set-up installs.
const { startControlPlane } = await import('../ui-tests/cluster/controlPlane.mjs');
const { describe, serveControl } = await import('../ui-tests/cluster/control.mjs');
const starting = Date.now();
say('Building and starting the control plane');
const plane = await startControlPlane();
say(`The control plane is ready after ${seconds(starting)} s`);
const control = await serveControl(plane);
const stop = async () => {
  control.close();
  await plane.stop();
};
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => stop().then(() => process.exit(130)));
}

const environment = { ...env, KUBEFLOW_TEST_CLUSTER: describe(plane, control) };
const failed = [];
const times = [];
try {
  for (const name of asked.length > 0 ? asked : Object.keys(suites)) {
    say(name);
    const start = Date.now();
    const code = await suites[name](environment, rest);
    times.push(`${name} ${seconds(start)} s${code === 0 ? '' : ' (failed)'}`);
    if (code !== 0) {
      failed.push(name);
    }
  }
} finally {
  await stop();
}
say(`${times.join(' · ')} · with set-up ${seconds(started)} s`);
process.exit(failed.length === 0 ? 0 : 1);
