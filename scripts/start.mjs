// `npm start`: Local Kubeflow and JupyterLab on the example notebooks.
import path from 'node:path';

import { env, must, root, run, say, venvBin } from './lib.mjs';
import { setup } from './setup.mjs';

await setup();

const local = {
  ...env,
  KUBEFLOW_LOCAL_HOME: process.env.KUBEFLOW_LOCAL_HOME ?? path.join(root, '.local', 'kubeflow'),
  KUBEFLOW_CONFIG_HOME: process.env.KUBEFLOW_CONFIG_HOME ?? path.join(root, '.local', 'config')
};

say('Starting Local Kubeflow');
await must(path.join(venvBin, 'jupyter-kubeflow'), ['local', 'start'], { env: local });

say('Starting JupyterLab: right-click digits.ipynb and choose Run as pipeline…');
// Jupyter refuses root unless told, which is how containers run.
const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
// Ctrl-C goes to JupyterLab, which asks; this process only waits for it.
process.on('SIGINT', () => {});
const code = await run(
  path.join(venvBin, 'jupyter'),
  ['lab', '--notebook-dir', path.join(root, 'examples'), ...asRoot, ...process.argv.slice(2)],
  {
    env: local
  }
);
say(
  `Local Kubeflow goes on, with what still runs. Stop it with: KUBEFLOW_LOCAL_HOME=${local.KUBEFLOW_LOCAL_HOME} ${path.join(venvBin, 'jupyter')} kubeflow local stop`
);
process.exit(code);
