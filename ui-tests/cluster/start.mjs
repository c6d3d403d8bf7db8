// `node ui-tests/cluster/start.mjs`: a control plane to try things on, and to run single specs on again and again; ends with Ctrl+C.
import { describe, serveControl } from './control.mjs';
import { startControlPlane } from './controlPlane.mjs';

const start = Date.now();
const plane = await startControlPlane();
const control = await serveControl(plane);
const environment = describe(plane, control).replaceAll("'", String.raw`'\''`);
process.stdout.write(
  `Ready after ${((Date.now() - start) / 1000).toFixed(1)} s.

  export KUBECONFIG=${plane.kubeconfig}
  export KUBEFLOW_TEST_CLUSTER='${environment}'
  npx jest --config ui-tests/cluster/jest.config.js --runInBand SPEC

Ctrl+C ends it.
`
);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    control.close();
    plane.stop().then(() => process.exit(0));
  });
}
