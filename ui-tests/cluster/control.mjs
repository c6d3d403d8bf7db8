// Lets the suites, which run in processes of their own, kill and restart parts of a running control plane.
import http from 'node:http';
import path from 'node:path';

import { TOKENS } from './controlPlane.mjs';

/** What the suites are told of a plane, as `KUBEFLOW_TEST_CLUSTER`: the JSON of `ICluster` in src/testing/kubernetes.ts. */
export function describe({ url, etcd, ca, kubeconfig, folder }, control) {
  const users = Object.fromEntries(Object.entries(TOKENS).map(([name, [token]]) => [name, token]));
  return JSON.stringify({ url, etcd, ca, kubeconfig, folder, users, control: control.socket });
}

/**
 * Serves, on a Unix socket in the plane's folder: `POST /kill/NAME` (SIGKILL; answers when it is gone) and `POST /start/NAME` (as it was;
 * answers at once). Resolves to `{socket, close()}`.
 */
export async function serveControl(plane) {
  const socket = path.join(plane.folder, 'control.sock');
  const actions = {
    kill: name => plane.processes.end(name, 'SIGKILL'),
    start: name => plane.processes.restart(name)
  };
  const server = http.createServer(async (request, response) => {
    const [, action, name] = request.url.split('/');
    try {
      await actions[action](name);
      response.end('{}');
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise(resolve => server.listen(socket, resolve));
  return { socket, close: () => server.close() };
}
