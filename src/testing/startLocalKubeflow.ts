import { startLocalKubeflow } from './localKubeflow';

/** Jest's global set-up of the contract specs: they read the server's place from `KUBEFLOW_TEST_LOCAL`. */
export default async function start(): Promise<void> {
  process.env['KUBEFLOW_TEST_LOCAL'] = JSON.stringify(await startLocalKubeflow());
}
