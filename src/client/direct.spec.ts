/** @jest-environment node */
import { httpServer } from '../testing/httpServer';
import type { IHttpServer } from '../testing/httpServer';
import { DirectTransport } from './direct';
import { ApiError, errorFromAnswer } from './errors';

let server: IHttpServer;
let authorization: string | undefined;
let hungUp: Promise<void>;

beforeAll(async () => {
  let gone: () => void;
  hungUp = new Promise(resolve => (gone = resolve));
  server = await httpServer((request, response, body) => {
    authorization = request.headers.authorization;
    const path = (request.url ?? '').split('?')[0];
    if (path === '/base/echo') {
      response.end(JSON.stringify({ type: request.headers['content-type'], body }));
    } else if (path === '/base/empty') {
      response.end();
    } else if (path === '/base/login') {
      response.end('<!doctype html><form>');
    } else if (path === '/base/lines') {
      response.write('{"a":"');
      response.write(Buffer.from('ä🎉"}\n{"b":2}\n{"c"').subarray(0, 4));
      response.end(Buffer.from('ä🎉"}\n{"b":2}\n{"c":3}').subarray(4));
    } else if (path === '/base/broken') {
      response.write('half');
      setImmediate(() => response.destroy());
    } else if (path === '/base/endless') {
      response.write('first');
      response.on('close', () => gone());
    } else if (path === '/base/busy') {
      response.writeHead(429, { 'Retry-After': '3' });
      response.end('Too many requests, please try again later.');
    } else {
      response.statusCode = 404;
      response.end('{"message":"nothing here"}');
    }
  });
});

afterAll(() => server.close());

const transport = () =>
  new DirectTransport({ services: { pipelines: `${server.url}/base/` }, token: async () => 't0' });

it('sends JSON with the bearer token and reads JSON', async () => {
  const answer = await transport().json('pipelines', {
    method: 'POST',
    path: '/echo',
    query: { a: 1 },
    json: { x: 'ü' }
  });
  expect(answer).toEqual({ type: 'application/json', body: '{"x":"ü"}' });
  expect(server.requests.at(-1)).toBe('POST /base/echo?a=1');
  expect(authorization).toBe('Bearer t0');
  expect(await transport().json('pipelines', { path: '/empty' })).toBeUndefined();
});

it('tells when the server wants to be asked again', async () => {
  await expect(transport().json('pipelines', { path: '/busy' })).rejects.toMatchObject({
    status: 429,
    retryAfter: 3
  });
  const status = { kind: 'Status', code: 429, details: { retryAfterSeconds: 1 } };
  expect(errorFromAnswer('kubernetes', 429, JSON.stringify(status)).retryAfter).toBe(1);
});

it('finds the UI server below the API server unless it has an address', async () => {
  await expect(transport().json('pipelines-ui', { path: '/x' })).rejects.toMatchObject({
    service: 'pipelines-ui',
    message: 'nothing here'
  });
  await expect(transport().json('registry', { path: '/x' })).rejects.toMatchObject({
    reason: 'NotConfigured'
  });
});

it('refuses a web page as JSON', async () => {
  await expect(transport().json('pipelines', { path: '/login' })).rejects.toMatchObject({
    reason: 'UpstreamInvalid'
  });
});

it('streams complete lines, whatever the chunks cut through', async () => {
  const lines: unknown[] = [];
  const request = { path: '/lines', format: 'ndjson' as const };
  for await (const line of transport().stream('pipelines', request)) {
    lines.push(JSON.parse(line));
  }
  expect(lines).toEqual([{ a: 'ä🎉' }, { b: 2 }, { c: 3 }]);
});

it('tells a stream that breaks off from one that ends', async () => {
  let seen = '';
  const read = async () => {
    for await (const text of transport().stream('pipelines', { path: '/broken', format: 'text' })) {
      seen += text;
    }
  };
  await expect(read()).rejects.toMatchObject({ status: 0, reason: 'Unreachable' });
  expect(seen).toBe('half');
});

it('hangs up when the reader leaves the loop', async () => {
  for await (const text of transport().stream('pipelines', { path: '/endless', format: 'text' })) {
    expect(text).toBe('first');
    break;
  }
  await hungUp;
});

it('ends a stream with the reason of its signal', async () => {
  const stop = new AbortController();
  const stream = transport().stream('pipelines', {
    path: '/endless',
    format: 'text',
    signal: stop.signal
  });
  await stream.next();
  const next = stream.next();
  stop.abort();
  await expect(next).rejects.toMatchObject({ name: 'AbortError' });
});

it('throws what a stream is refused with', async () => {
  const stream = transport().stream('pipelines', { path: '/nothing', format: 'text' });
  await expect(stream.next()).rejects.toThrow(ApiError);
});
