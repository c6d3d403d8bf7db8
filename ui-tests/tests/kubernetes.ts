import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as net from 'net';
import * as path from 'path';

import { environment, folders, type ServerName } from '../servers';
import { cli } from './support';
import { connectToLocal, type IUpstream } from './upstreams';

/** An object of any kind. */
export interface IObject {
  apiVersion?: string;
  kind?: string;
  metadata: { name: string; namespace?: string; uid?: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** The namespace that Local Kubeflow begins with. */
export const NAMESPACE = 'kubeflow-user';

/** How a Kubernetes API is reached. */
export interface ITarget {
  url: string;
  token: string;
  /** File with the certificate authority; none for plain http. */
  ca?: string;
}

const known = new Map<ServerName, Required<ITarget>>();

/** Where a server's Local Kubeflow serves the Kubernetes API, started if need be; address and token stay over its restarts. */
export function kubernetes(server: ServerName): Required<ITarget> {
  let target = known.get(server);
  if (!target) {
    cli(server, 'local', 'start');
    const status = JSON.parse(cli(server, 'local', 'status', '--output', 'json'));
    target = {
      url: status.services.kubernetes,
      token: status.token,
      ca: path.join(folders(server).local, 'kubernetes', 'ca.crt')
    };
    known.set(server, target);
  }
  return target;
}

/** The API's answer to a request, past the Jupyter server. */
export function kube<T = IObject>(
  server: ServerName,
  method: string,
  route: string,
  body?: unknown
): Promise<T> {
  const { url, token, ca } = kubernetes(server);
  return new Promise((resolve, reject) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const request = https.request(
      `${url}${route}`,
      {
        agent: false,
        method,
        ca: fs.readFileSync(ca),
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }
      },
      async answer => {
        const text = (await answer.toArray()).join('');
        if ((answer.statusCode ?? 500) < 300) {
          resolve(JSON.parse(text || 'null'));
        } else {
          reject(new Error(`${method} ${route}: ${answer.statusCode} ${text}`));
        }
      }
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Where objects of a kind are. */
export const ROUTES = {
  Deployment: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`,
  Job: `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`,
  Pod: `/api/v1/namespaces/${NAMESPACE}/pods`,
  Event: `/api/v1/namespaces/${NAMESPACE}/events`,
  ConfigMap: `/api/v1/namespaces/${NAMESPACE}/configmaps`
};

/** Creates an object of a kind. */
export function create(
  server: ServerName,
  kind: keyof typeof ROUTES,
  object: IObject
): Promise<IObject> {
  return kube(server, 'POST', ROUTES[kind], object);
}

/** Removes all objects of these kinds. */
export async function removeAll(server: ServerName): Promise<void> {
  for (const route of Object.values(ROUTES)) {
    await kube(server, 'DELETE', `${route}?gracePeriodSeconds=0`);
  }
}

/** A Job of a name; suspended, so that nothing but the test changes it, unless `spec` says otherwise. */
export function job(
  name: string,
  spec: Record<string, unknown> = { suspend: true },
  script = 'true'
): IObject {
  const container = { name: 'node', image: 'python:3.11', command: ['sh', '-c', script] };
  return {
    metadata: { name },
    spec: {
      completions: 2,
      parallelism: 2,
      ...spec,
      template: { spec: { restartPolicy: 'Never', containers: [container] } }
    }
  };
}

/** A Deployment of a name: what Local Kubeflow keeps but does not run. */
export function deployment(name: string): IObject {
  const labels = { app: name };
  const containers = [{ name: 'node', image: 'python:3.11' }];
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } }
    }
  };
}

/** Creates a pod that nobody schedules but that says that it runs, and belongs to an owner. */
export async function runningPod(
  server: ServerName,
  name: string,
  owner: IObject
): Promise<IObject> {
  const pod = await create(server, 'Pod', {
    metadata: {
      name,
      ownerReferences: [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name: owner.metadata.name,
          uid: owner.metadata.uid,
          controller: true
        }
      ]
    },
    spec: { schedulerName: 'nobody', containers: [{ name: 'node', image: 'python:3.11' }] }
  });
  await kube(server, 'PATCH', `${ROUTES.Pod}/${name}/status`, {
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'node',
          ready: true,
          restartCount: 0,
          image: 'python:3.11',
          imageID: '',
          state: { running: { startedAt: new Date().toISOString().replace(/\.\d+/, '') } }
        }
      ]
    }
  });
  return pod;
}

/** Writes lines to the log of a pod's container as a kubelet does, `second` seconds after ten o'clock. */
export function writeLog(
  server: ServerName,
  pod: IObject,
  lines: readonly (readonly [second: number, text: string])[]
): void {
  const folder = path.join(
    folders(server).local,
    'kubernetes',
    'pods',
    pod.metadata.uid ?? '',
    'node'
  );
  fs.mkdirSync(folder, { recursive: true });
  const text = lines
    .map(([second, line]) => {
      const time = `2026-11-20T10:00:${String(second).padStart(2, '0')}.000000000Z`;
      return `${time} stdout F ${line}\n`;
    })
    .join('');
  fs.appendFileSync(path.join(folder, '0.log'), text);
}

/** Tells an event about an object. */
export function tell(
  server: ServerName,
  about: IObject,
  name: string,
  reason: string,
  message: string,
  type = 'Normal'
): Promise<IObject> {
  const { apiVersion, kind, metadata } = about;
  const now = new Date().toISOString().replace(/\.\d+/, '');
  return create(server, 'Event', {
    metadata: { name },
    involvedObject: { apiVersion, kind, ...metadata, managedFields: undefined } as never,
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now
  });
}

/** Points a server at a Kubernetes API by a kubeconfig with the context `elsewhere`; `disconnect` leads back. */
export function connectToKubernetes(server: ServerName, target: ITarget): void {
  const { KUBECONFIG } = environment(server);
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'elsewhere',
    clusters: [
      {
        name: 'elsewhere',
        cluster: {
          server: target.url,
          ...(target.ca ? { 'certificate-authority': target.ca } : {})
        }
      }
    ],
    users: [{ name: 'elsewhere', user: { token: target.token } }],
    contexts: [
      {
        name: 'elsewhere',
        context: { cluster: 'elsewhere', user: 'elsewhere', namespace: NAMESPACE }
      }
    ]
  };
  fs.writeFileSync(KUBECONFIG!, JSON.stringify(kubeconfig), { mode: 0o600 });
  const file = path.join(folders(server).config, 'connections.json');
  fs.writeFileSync(`${file}.new`, JSON.stringify({ version: 1, active: 'elsewhere' }), {
    mode: 0o600
  });
  fs.renameSync(`${file}.new`, file);
}

/** Puts a server back on its Local Kubeflow, as if there had been no kubeconfig. */
export function disconnect(server: ServerName): void {
  connectToLocal(server);
  fs.rmSync(environment(server).KUBECONFIG!, { force: true });
}

/** A Kubernetes API that knows the user and what there is, but lets them read and do nothing. */
export async function forbidding(): Promise<IUpstream> {
  const pods = {
    resource: 'pods',
    responseKind: { group: '', version: 'v1', kind: 'Pod' },
    scope: 'Namespaced',
    verbs: ['get', 'list', 'watch']
  };
  const groups = (items: unknown[]) => ({ kind: 'APIGroupDiscoveryList', items });
  const answers: Record<string, unknown> = {
    '/version': { major: '1', minor: '34', gitVersion: 'v1.34.2' },
    '/api': groups([{ metadata: {}, versions: [{ version: 'v1', resources: [pods] }] }]),
    '/apis': groups([])
  };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    const answer = answers[pathname];
    response.writeHead(answer ? 200 : 403, { 'Content-Type': 'application/json' });
    response.end(
      JSON.stringify(
        answer ?? {
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          reason: 'Forbidden',
          code: 403,
          message: `pods is forbidden: User "alice" cannot list resource "pods" in the namespace "${NAMESPACE}"`,
          details: { kind: 'pods' }
        }
      )
    );
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}

/** Forwards to a server's Kubernetes API; closing it is a network that breaks. */
export async function forwarder(server: ServerName): Promise<IUpstream> {
  const target = new URL(kubernetes(server).url);
  const sockets = new Set<net.Socket>();
  const listener = net.createServer(socket => {
    const other = net.connect(Number(target.port), target.hostname);
    socket.pipe(other).pipe(socket);
    socket.on('error', () => other.destroy());
    other.on('error', () => socket.destroy());
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as net.AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise(resolve => {
        listener.close(() => resolve());
        sockets.forEach(socket => socket.destroy());
      })
  };
}
