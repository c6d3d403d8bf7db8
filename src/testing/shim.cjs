// What jsdom lacks; a spec in the Node environment needs none of it.
if (typeof window !== 'undefined') {
  require('@jupyterlab/testing/lib/jest-shim');
}
