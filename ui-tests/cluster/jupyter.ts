import * as path from 'path';

/** What `npm run test:cluster` says of its control plane (`ICluster` in src/testing/kubernetes.ts). */
export const plane = JSON.parse(process.env.KUBEFLOW_TEST_CLUSTER ?? '{}') as {
  url: string;
  kubeconfig: string;
  folder: string;
  users: Record<string, string>;
};

/** kubeconfigs of the user with all rights, whose context is called `root`, and of one who may only look at TrainJobs, `bob`. */
export const kubeconfig = [plane.kubeconfig, path.join(plane.folder, 'bob.kubeconfig')].join(
  path.delimiter
);

/** Everything that the JupyterLab of these tests writes; it goes with the plane's folder. */
export const home = path.join(plane.folder, 'browser');
export const files = path.join(home, 'files');

export const TOKEN = 'cluster-test-token';
export const URL = `http://127.0.0.1:${process.env.KUBEFLOW_CLUSTER_PORT ?? 28898}`;
