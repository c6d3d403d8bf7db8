/** @jest-environment node */
import { ServerConnection } from '@jupyterlab/services';

import { httpServer } from '../testing/httpServer';
import type { IHttpServer } from '../testing/httpServer';
import { Connection } from './connection';
import { ApiError } from './errors';
import { JupyterServer, JupyterTransport } from './jupyter';

let http: IHttpServer;

beforeAll(async () => {
  http = await httpServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    if (request.url?.includes('/refused')) {
      response.statusCode = 403;
      response.end('{"message":"\'_xsrf\' argument missing from POST","reason":null}');
    } else if (!request.url?.includes('/never')) {
      const { authorization, 'content-type': type } = request.headers;
      response.end(JSON.stringify({ authorization, type }));
    }
  });
});

afterAll(() => http.close());

function jupyter(options: Partial<ServerConnection.ISettings> = {}) {
  const settings = ServerConnection.makeSettings({
    baseUrl: `${http.url}/user/a/`,
    token: 's3cret',
    ...options
  });
  return new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
}

it('asks the proxy below the base URL, with the token and without a timestamp', async () => {
  const transport = new JupyterTransport(jupyter());
  const answer = await transport.json<{ authorization: string }>('pipelines', {
    path: '/apis/v2beta1/runs',
    query: { page_size: 2 }
  });
  expect(http.requests.at(-1)).toBe(
    'GET /user/a/kubeflow/proxy/pipelines/apis/v2beta1/runs?page_size=2'
  );
  expect(answer.authorization).toBe('token s3cret');
});

it('waits for no other request to the same address, as those under “no-cache” do in a browser', async () => {
  const modes: (RequestCache | undefined)[] = [];
  const server = new JupyterServer({
    settings: ServerConnection.makeSettings({ baseUrl: `${http.url}/user/a/` }),
    makeRequest: (url, init, settings) => {
      modes.push(init.cache);
      return ServerConnection.makeRequest(url, init, settings);
    }
  });
  await server.json({ path: '/connections' });
  expect(modes).toEqual(['reload']);
});

it('lets a form keep its content type', async () => {
  const body = new FormData();
  body.append('uploadfile', new Blob(['x']), 'a.yaml');
  const request = { method: 'POST' as const, path: '/upload', body };
  const answer = await new JupyterTransport(jupyter()).json<{ type: string }>('pipelines', request);
  expect(answer.type).toMatch(/^multipart\/form-data; boundary=/);
});

it('does not leave the service that it is asked for', async () => {
  const transport = new JupyterTransport(jupyter());
  const before = http.requests.length;
  for (const path of ['/../kubernetes/api', '/%2e%2e/kubernetes', 'x']) {
    await expect(transport.json('pipelines', { path })).rejects.toThrow(ApiError);
    expect(() => transport.stream('pipelines', { path, format: 'text' })).toThrow(ApiError);
  }
  expect(http.requests).toHaveLength(before);
});

it("turns Jupyter's own errors, a server that is gone and an abort into what the interface says", async () => {
  const transport = new JupyterTransport(jupyter());
  await expect(transport.json('pipelines', { path: '/refused' })).rejects.toMatchObject({
    status: 403,
    reason: 'Forbidden'
  });
  const gone = new JupyterTransport(jupyter({ baseUrl: 'http://127.0.0.1:9/' }));
  await expect(gone.json('pipelines', { path: '/x' })).rejects.toMatchObject({
    reason: 'Unreachable',
    service: 'jupyter',
    message: expect.stringContaining('The Jupyter server cannot be reached.')
  });
  const stop = new AbortController();
  const never = transport.json('pipelines', { path: '/never', signal: stop.signal });
  stop.abort();
  await expect(never).rejects.toMatchObject({ name: 'AbortError' });
});

it('tells whether requests get through; an abort or a refusal by the service says nothing', async () => {
  const told: boolean[] = [];
  const transport = (baseUrl: string) =>
    new JupyterTransport(
      new JupyterServer({
        settings: ServerConnection.makeSettings({ baseUrl, token: '' }),
        makeRequest: ServerConnection.makeRequest,
        onReached: reached => told.push(reached)
      })
    );
  const here = transport(`${http.url}/`);
  await here.json('pipelines', { path: '/x' });
  await expect(
    transport('http://127.0.0.1:9/').json('pipelines', { path: '/x' })
  ).rejects.toThrow();
  await expect(here.json('pipelines', { path: '/refused' })).rejects.toThrow();
  const stop = new AbortController();
  const never = here.json('pipelines', { path: '/never', signal: stop.signal });
  stop.abort();
  await expect(never).rejects.toThrow();
  expect(told).toEqual([true, false]);
});

it('reads the connection from the extension', async () => {
  const connection = new Connection(jupyter());
  await connection.refresh();
  expect(http.requests.at(-1)).toBe('GET /user/a/kubeflow/connection');
  expect(connection.error).toBeNull();
});

it('gives the socket its address, with the token only where it is asked for', async () => {
  const urls: string[] = [];
  class NoSocket {
    constructor(url: string) {
      urls.push(url);
      throw new Error('no socket here');
    }
  }
  for (const appendToken of [false, true]) {
    const server = jupyter({ WebSocket: NoSocket as never, appendToken });
    const stream = new JupyterTransport(server).stream('pipelines-ui', {
      path: '/l',
      format: 'text'
    });
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      reason: 'Unreachable'
    });
  }
  const address = `${http.url.replace('http', 'ws')}/user/a/kubeflow/streams`;
  expect(urls).toEqual([address, `${address}?token=s3cret`]);
});
