import * as fs from 'fs';
import * as http from 'http';
import * as net from 'net';
import * as path from 'path';

import { folders, type ServerName } from '../servers';
import { localKubeflow } from './support';

/** A server outside the project on loopback, and how to end it. */
export interface IUpstream {
  url: string;
  close(): Promise<void>;
}

async function listen(server: net.Server, sockets: Set<net.Socket>): Promise<IUpstream> {
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        sockets.forEach(socket => socket.destroy());
      })
  };
}

/** A KFP that knows the user but lets them list nothing, in KFP's own error form. */
export function forbidding(): Promise<IUpstream> {
  return listen(
    http.createServer((request, response) => {
      const healthy = request.url?.endsWith('/healthz');
      response.writeHead(healthy ? 200 : 403, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify(
          healthy
            ? { multi_user: true }
            : {
                code: 7,
                message:
                  'User alice@example.com is not authorized to list runs in namespace team-a.',
                details: []
              }
        )
      );
    }),
    new Set()
  );
}

/** A KFP that is there but takes its time with every list. */
export function slow(): Promise<IUpstream> {
  return listen(
    http.createServer((request, response) => {
      if (request.url?.endsWith('/healthz')) {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end('{"multi_user": false}');
      }
    }),
    new Set()
  );
}

/** Something that answers every list with a page of HTML, as a proxy or a sign-in page does. */
export function nonsense(): Promise<IUpstream> {
  return listen(
    http.createServer((request, response) => {
      const healthy = request.url?.endsWith('/healthz');
      response.writeHead(200, { 'Content-Type': healthy ? 'application/json' : 'text/html' });
      response.end(healthy ? '{"multi_user": false}' : '<html><body>Welcome</body></html>');
    }),
    new Set()
  );
}

/** Forwards to a server's Local Kubeflow; closing it is a network that breaks. */
export function forwarder(server: ServerName): Promise<IUpstream> {
  const target = new URL(localKubeflow(server).pipelines);
  const sockets = new Set<net.Socket>();
  return listen(
    net.createServer(socket => {
      const other = net.connect(Number(target.port), target.hostname);
      socket.pipe(other).pipe(socket);
      socket.on('error', () => other.destroy());
      other.on('error', () => socket.destroy());
    }),
    sockets
  );
}

/** Points services of a server's connection, by default those of Pipelines, at `url` (or at nothing), under the profile name `team`. */
export function connectTo(
  server: ServerName,
  url: string | undefined,
  options: { token?: string; services?: readonly string[] } = {}
): void {
  const { services = ['pipelines', 'pipelines-ui'] } = options;
  const { config } = folders(server);
  const tokenFile = path.join(config, 'token');
  if (options.token) {
    fs.writeFileSync(tokenFile, options.token, { mode: 0o600 });
  }
  const service = {
    url,
    auth: options.token ? { type: 'bearer', tokenFile } : { type: 'none' }
  };
  write(server, {
    version: 1,
    active: 'team',
    namespaces: { team: 'team-a' },
    profiles: {
      team: {
        namespaces: ['team-a'],
        services: url ? Object.fromEntries(services.map(name => [name, service])) : {}
      }
    }
  });
}

/** Puts a server back on its Local Kubeflow. */
export function connectToLocal(server: ServerName): void {
  write(server, { version: 1, active: 'local' });
}

function write(server: ServerName, content: unknown): void {
  const file = path.join(folders(server).config, 'connections.json');
  fs.writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}
