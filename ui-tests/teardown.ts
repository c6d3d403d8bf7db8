import { spawnSync } from 'child_process';

import { environment } from './servers';

/** Local Kubeflow outlives the Jupyter server that started it: end both. */
export default function teardown(): void {
  for (const name of ['galata', 'auth'] as const) {
    spawnSync('jupyter-kubeflow', ['local', 'stop'], { env: environment(name), stdio: 'inherit' });
  }
}
