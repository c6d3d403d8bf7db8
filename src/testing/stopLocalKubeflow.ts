import { stopLocalKubeflow } from './localKubeflow';
import type { ILocalKubeflow } from './localKubeflow';

/** Jest's global tear-down of the contract specs. */
export default async function stop(): Promise<void> {
  const started = process.env['KUBEFLOW_TEST_LOCAL'];
  if (started) {
    await stopLocalKubeflow((JSON.parse(started) as ILocalKubeflow).home);
  }
}
