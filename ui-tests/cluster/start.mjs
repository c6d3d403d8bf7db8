// `node ui-tests/cluster/start.mjs`: a control plane to try things on; ends with Ctrl+C.
import { startControlPlane } from './controlPlane.mjs';

const start = Date.now();
const plane = await startControlPlane();
process.stdout.write(
  `Ready after ${((Date.now() - start) / 1000).toFixed(1)} s.\n\n  export KUBECONFIG=${plane.kubeconfig}\n\nCtrl+C ends it.\n`
);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => plane.stop().then(() => process.exit(0)));
}
