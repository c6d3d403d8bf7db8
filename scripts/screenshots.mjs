// `npm run screenshots [-- NAME]`: pictures of every view and state, on real runs, into docs/screenshots/.
import fs from 'node:fs';
import path from 'node:path';

import { env, root, run } from './lib.mjs';
import { browserTestPackages, chromium, setup } from './setup.mjs';

const PORT = '28988';

await setup();
await browserTestPackages();
const browser = await chromium();
fs.rmSync(path.join(root, `.local/ui-tests-${PORT}`), { recursive: true, force: true });
process.exit(
  await run(
    process.execPath,
    [
      'node_modules/@playwright/test/cli.js',
      'test',
      '--config',
      'screenshots',
      ...process.argv.slice(2).flatMap(name => ['--grep', name])
    ],
    {
      cwd: path.join(root, 'ui-tests'),
      env: { ...env, KUBEFLOW_CHROMIUM: browser, KUBEFLOW_GALATA_PORT: PORT }
    }
  )
);
