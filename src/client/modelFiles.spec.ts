/** @jest-environment node */
import { ServerConnection } from '@jupyterlab/services';

import { httpServer } from '../testing/httpServer';
import type { IHttpServer } from '../testing/httpServer';
import { ApiError } from './errors';
import { JupyterServer } from './jupyter';
import { inspectModel } from './modelFiles';
import type { ModelReport } from './modelFiles';

const INSPECTION = {
  name: 'net.onnx',
  uri: 'file:///home/me/net.onnx',
  folder: false,
  files: 1,
  size: 3,
  details: {},
  notes: []
};

const CHANGED = {
  service: 'jupyter',
  status: 422,
  reason: 'Invalid',
  message: 'net.onnx changed while it was read. Try again when nothing writes to it.',
  details: { field: 'path' }
};

let http: IHttpServer;
let lines: unknown[];
let endless: boolean;
let bodies: unknown[];
let hungUp: Promise<void>;

beforeEach(async () => {
  lines = [{ inspection: INSPECTION }];
  endless = false;
  bodies = [];
  http = await httpServer((_, response, body) => {
    hungUp = new Promise(resolve => response.on('close', () => resolve()));
    bodies.push(JSON.parse(body));
    response.setHeader('Content-Type', 'application/x-ndjson');
    response.write(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    if (!endless) {
      response.end();
    }
  });
});

afterEach(() => http.close());

function server() {
  const settings = ServerConnection.makeSettings({ baseUrl: `${http.url}/` });
  return new JupyterServer({ settings, makeRequest: ServerConnection.makeRequest });
}

async function all(reports: AsyncIterable<ModelReport>): Promise<ModelReport[]> {
  const found: ModelReport[] = [];
  for await (const report of reports) {
    found.push(report);
  }
  return found;
}

it('tells what a model is, how far its digest is, and the digest', async () => {
  lines.push({ progress: { done: 1, size: 3 } }, { sha256: 'abc' });
  expect(await all(inspectModel(server(), { path: 'net.onnx' }))).toEqual(lines);
  expect(http.requests.at(-1)).toBe('POST /kubeflow/models/inspect');
  expect(bodies).toEqual([{ path: 'net.onnx', digest: true }]);
});

it('asks for a URI in its namespace, without a digest', async () => {
  const place = { uri: 'pvc://training/out', namespace: 'team' };
  expect(await all(inspectModel(server(), place, { digest: false }))).toEqual(lines);
  expect(bodies).toEqual([{ ...place, digest: false }]);
});

it('throws what goes wrong after the inspection', async () => {
  lines.push({ error: CHANGED });
  const reports = inspectModel(server(), { path: 'net.onnx' });
  expect((await reports.next()).value).toEqual({ inspection: INSPECTION });
  const error = await reports.next().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 422, message: CHANGED.message, details: CHANGED.details });
});

it('hangs up when the loop is left', async () => {
  endless = true;
  for await (const report of inspectModel(server(), { path: 'net.onnx' })) {
    expect(report).toEqual({ inspection: INSPECTION });
    break;
  }
  await hungUp;
});

it('hangs up when it is aborted', async () => {
  endless = true;
  const abort = new AbortController();
  const reports = inspectModel(server(), { path: 'net.onnx' }, { signal: abort.signal });
  await reports.next();
  const next = reports.next();
  abort.abort();
  await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  await hungUp;
});
