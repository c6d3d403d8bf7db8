// `npm test [-- SUITE …]`: sets up and runs the suites, all of them when none is named.
import fs from 'node:fs';
import path from 'node:path';

import { env, fail, root, run, say, venvBin } from './lib.mjs';
import { browserTestPackages, chromium, setup } from './setup.mjs';

const bin = name => path.join(venvBin, name);
const node = name => path.join(root, 'node_modules/.bin', name);

/** Suites in the order they run: name → the commands, each of which must succeed. */
const suites = {
  lint: async () =>
    (await run(node('eslint'), ['.', '--cache', '--max-warnings', '0'])) ||
    (await run(node('prettier'), ['--check', '--log-level', 'warn', '.'])) ||
    (await run(bin('ruff'), ['check', '--quiet', '.'])) ||
    (await run(bin('ruff'), ['format', '--check', '--quiet', '.'])),
  types: async () =>
    (await run(node('tsc'), ['--noEmit', '-p', 'tsconfig.test.json'])) ||
    (await browserTestPackages(), await run(node('tsc'), ['-p', 'ui-tests'])) ||
    (await run(bin('mypy'), [])),
  jest: () => run(node('jest'), []),
  // Each worker has servers of its own; the tests of a file share what the file makes.
  pytest: () => run(bin('python'), ['-m', 'pytest', '-n', '2', '--dist', 'loadfile']),
  package: () => run(process.execPath, ['scripts/check-package.mjs']),
  browser: async () => {
    await browserTestPackages();
    const browser = await chromium();
    fs.rmSync(path.join(root, '.local/ui-tests'), { recursive: true, force: true });
    return run(process.execPath, ['node_modules/@playwright/test/cli.js', 'test'], {
      cwd: path.join(root, 'ui-tests'),
      env: { ...env, KUBEFLOW_CHROMIUM: browser }
    });
  }
};

const asked = process.argv.slice(2);
const unknown = asked.filter(name => !(name in suites));
if (unknown.length > 0) {
  fail(`Unknown suite ${unknown.join(', ')}. Suites: ${Object.keys(suites).join(', ')}.`);
}

const started = Date.now();
await setup();

const failed = [];
const times = [];
for (const name of asked.length > 0 ? asked : Object.keys(suites)) {
  say(name);
  const start = Date.now();
  const code = await suites[name]();
  times.push(
    `${name} ${Math.round((Date.now() - start) / 1000)} s${code === 0 ? '' : ' (failed)'}`
  );
  if (code !== 0) {
    failed.push(name);
  }
}
say(`${times.join(' · ')} · with set-up ${Math.round((Date.now() - started) / 1000)} s`);
process.exit(failed.length === 0 ? 0 : 1);
