const { resolve } = require('path');

const { projects } = require('../../jest.config.js');

const { globalSetup, globalTeardown, ...contract } = projects.find(
  ({ displayName }) => displayName === 'contract'
);

/**
 * The Kubernetes client's contract specs, and those that need a real control plane, on the control plane of `npm run test:cluster`.
 * A Local Kubeflow runs beside it, for comparing the two.
 */
module.exports = {
  ...contract,
  globalSetup,
  globalTeardown,
  displayName: 'cluster',
  rootDir: resolve(__dirname, '../..'),
  testRegex: 'src/client/kubernetes/(contract|cluster)/.*\\.spec\\.ts$',
  testTimeout: 60000
};
