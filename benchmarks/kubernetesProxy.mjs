// The proxy beside `kubectl proxy`, both in front of one real API server with nothing else to do.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';

import { root, say } from '../scripts/lib.mjs';
import { TOKENS, startControlPlane } from '../ui-tests/cluster/controlPlane.mjs';
import { components } from '../ui-tests/cluster/manifests.mjs';
import { TOKEN, connect, figure, homes, median, startJupyter } from './support.mjs';

const require = createRequire(import.meta.url);
const OBJECTS = 5000;
const JOBS = '/apis/trainer.kubeflow.org/v1alpha1/namespaces/team/trainjobs';

/** What a get, a list and a watch take on each way. */
export async function kubernetesProxy() {
  const { folder, own } = homes();
  let plane;
  let kubectl;
  let jupyter;
  try {
    plane = await startControlPlane({ with: [] });
    const crds = components()
      .trainer.crds.map(crd => JSON.stringify(crd))
      .join('\n---\n');
    await plane.kubectl(['apply', '--server-side', '-f', '-'], crds);
    await plane.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    own.KUBECONFIG = plane.kubeconfig;
    connect(own, 'root');
    const program = path.join(root, '.local/cluster/bin/kubectl');
    kubectl = spawn(program, ['--kubeconfig', plane.kubeconfig, 'proxy', '--port=0'], {
      env: { PATH: process.env.PATH, HOME: folder }
    });
    const port = await new Promise((resolve, reject) => {
      kubectl.stdout.on('data', text => resolve(/:(\d+)/.exec(text)?.[1]));
      kubectl.once('exit', code => reject(new Error(`kubectl proxy ended with ${code}`)));
    });
    jupyter = await startJupyter(own, folder);
    const bearer = { Authorization: `Bearer ${TOKENS.root[0]}` };
    const direct = target(plane.url, bearer, { ca: plane.ca });
    const peer = target(`http://127.0.0.1:${port}`);
    const ours = target(`${jupyter.url}/kubeflow/proxy/kubernetes`, await browser(jupyter.url));
    await createJobs(direct);
    await gets({ direct, peer, ours }, jupyter.pid);
    await lists({ direct, peer, ours }, jupyter.pid);
    await watches(direct, jupyter.url);
    [direct, peer, ours].forEach(each => each.close());
  } finally {
    kubectl?.kill();
    await jupyter?.stop();
    await plane?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A way to the API server: kept-alive connections, whole answers. */
function target(base, headers = {}, options = {}) {
  const { Agent, request } = base.startsWith('https:') ? https : http;
  const agent = new Agent({ keepAlive: true, ...options });
  const ask = (method, route, body, more = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(
        base + route,
        { agent, method, headers: { Accept: 'application/json', ...headers, ...more } },
        answer => {
          const chunks = [];
          answer.on('data', chunk => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks);
            if (answer.statusCode < 300) {
              resolve(text);
            } else {
              reject(new Error(`${method} ${base}${route}: ${answer.statusCode} ${text}`));
            }
          });
        }
      );
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
  return { ask, close: () => agent.destroy() };
}

/** The headers by which a browser's requests are known to the Jupyter server: the cookie of its log-in, and the page. */
async function browser(url) {
  const page = await fetch(`${url}/api/me`, { headers: { Authorization: `token ${TOKEN}` } });
  const cookies = page.headers.getSetCookie().map(cookie => cookie.split(';')[0]);
  return { Cookie: cookies.join('; '), Referer: `${url}/lab` };
}

async function createJobs(direct) {
  let next = 0;
  const env = Array.from({ length: 10 }, (_, each) => ({
    name: `VARIABLE_${each}`,
    value: 'value '.repeat(4)
  }));
  const worker = async () => {
    while (next < OBJECTS) {
      const name = `job-${next++}`;
      const spec = { runtimeRef: { name: 'bench' }, trainer: { numNodes: 2, env } };
      const job = { apiVersion: 'trainer.kubeflow.org/v1alpha1', kind: 'TrainJob' };
      const body = { ...job, metadata: { name }, spec };
      await direct.ask('POST', JOBS, body, { 'Content-Type': 'application/json' });
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

/** Milliseconds of each way in turn, so often; the first ones warm up. */
async function interleaved(ways, times, warm, work) {
  const taken = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
  for (let round = -warm; round < times; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      await work(way, round);
      if (round >= 0) {
        taken[name].push(performance.now() - start);
      }
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, all]) => [name, median(all)]));
}

async function gets(ways, pid) {
  const before = cpu(pid);
  const p50 = await interleaved(ways, 300, 30, (way, round) =>
    way.ask('GET', `${JOBS}/job-${(round + 30) * 7}`)
  );
  figure(
    'get through the proxy, over a direct one',
    Math.max(0, p50.ours - p50.direct),
    'ms',
    'a limit of 3 ms',
    3,
    1,
    `p50 of 300 kept-alive GETs of a TrainJob, in turn, ours as a browser that is logged in; direct ${p50.direct.toFixed(2)} ms, kubectl proxy ${p50.peer.toFixed(2)} ms; ${spent(pid, before, 330)}`
  );
}

/** The whole list in one answer, packed as a browser asks for it and as it is. */
async function lists(ways, pid) {
  for (const headers of [{ 'Accept-Encoding': 'gzip' }, {}]) {
    let size = 0;
    const before = cpu(pid);
    const taken = await interleaved(ways, 7, 1, async way => {
      size = (await way.ask('GET', JOBS, undefined, headers)).length;
    });
    const clock = `request to the last byte of ${(size / 2 ** 20).toFixed(1)} MiB, median of 7 in turn; direct ${taken.direct.toFixed(0)} ms; ${spent(pid, before, 8)}`;
    if (headers['Accept-Encoding']) {
      const name = `list of ${OBJECTS} TrainJobs, as browsers ask for it (gzip)`;
      figure(name, taken.ours, 'ms', 'kubectl proxy', taken.peer, 1 / 0.8, clock);
    } else {
      const ratio = (taken.ours / taken.peer).toPrecision(3);
      say(
        `Not packed, the list takes ${ratio} × kubectl proxy, which packs it on its own way; ${clock}`
      );
    }
  }
}

/** Milliseconds of processor time that a process has used; nothing where /proc does not tell. */
function cpu(pid) {
  try {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return undefined;
  }
}

function spent(pid, before, times) {
  const after = cpu(pid);
  return after === undefined || before === undefined
    ? 'processor time not known'
    : `${((after - before) / times).toFixed(1)} ms of the Jupyter server's processor time each`;
}

/** From sending a change to its event at the reader, by the stream socket and directly. */
async function watches(direct, url) {
  const list = JSON.parse(await direct.ask('GET', `${JOBS}?limit=1`));
  const query = { watch: true, resourceVersion: list.metadata.resourceVersion };
  const arrived = new Map();
  const socket = new (require('ws'))(
    `${url.replace(/^http/, 'ws')}/kubeflow/streams?token=${TOKEN}`
  );
  await new Promise((resolve, reject) => {
    socket.onerror = reject;
    socket.onopen = () =>
      socket.send(
        JSON.stringify({
          op: 'subscribe',
          id: 'jobs',
          service: 'kubernetes',
          path: JOBS,
          query,
          format: 'ndjson',
          credit: 16 * 2 ** 20
        })
      );
    socket.onmessage = ({ data }) => {
      const now = performance.now();
      const frame = JSON.parse(data);
      if (frame.op === 'open') {
        resolve();
      } else if (frame.op === 'data') {
        for (const line of frame.data.trim().split('\n')) {
          const { name, labels } = JSON.parse(line).object.metadata;
          arrived.get(`${name} ${labels?.round}`)?.(now);
        }
      } else {
        reject(new Error(data));
      }
    };
  });
  const merge = { 'Content-Type': 'application/merge-patch+json' };
  const latencies = [];
  const writes = [];
  for (let round = -20; round < 200; round++) {
    const name = `job-${(round + 20) * 11}`;
    const event = new Promise(resolve => arrived.set(`${name} r${round}`, resolve));
    const start = performance.now();
    const body = { metadata: { labels: { round: `r${round}` } } };
    await direct.ask('PATCH', `${JOBS}/${name}`, body, merge);
    const written = performance.now();
    const seen = await event;
    if (round >= 0) {
      latencies.push(seen - start);
      writes.push(written - start);
    }
  }
  socket.close();
  figure(
    'watch latency through the stream socket',
    median(latencies),
    'ms',
    'a limit of 20 ms',
    20,
    1,
    `p50 of 200 changes, from sending the change to its event at the reader; the change itself takes ${median(writes).toFixed(1)} ms`
  );
}
