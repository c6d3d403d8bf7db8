// The Kubernetes figures of `npm run bench`: Local Kubeflow's API, and the list-watch cache in a browser.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import { browserClient } from '../scripts/browserClient.mjs';
import { fail, output, root, say } from '../scripts/lib.mjs';
import {
  TOKEN,
  claim,
  connect,
  figure,
  homes,
  python,
  startJupyter,
  withBrowser,
  withLocalKubeflow
} from './support.mjs';

const OBJECTS = 5000;
const EVENTS = { rate: 1000, seconds: 10 };

/** Local Kubeflow's Kubernetes API: durable writes and what watchers get. */
export async function localKubernetes() {
  await withLocalKubeflow(own => {
    const script = path.join(root, 'benchmarks/kubernetes_api.py');
    const line = output(python, [script, `${OBJECTS}`], { env: own })
      ?.split('\n')
      .pop();
    const found = line ? JSON.parse(line) : fail(`${script} failed.`);
    const clock = `${OBJECTS} TrainJobs over https, from a process of its own`;
    const limit = (name, value, least) =>
      claim(
        name,
        value >= least,
        `${value.toFixed(0)} a second, target ≥ ${least}; clock: ${clock}`
      );
    limit('durable writes', Math.min(found.creates, found.status_patches), 200);
    limit(`events to ${found.watchers} watchers`, found.events, 1000);
    claim('events that a watcher did not get', found.lost === 0, `${found.lost}, target 0`);
  });
}

/** The list-watch cache in a page of JupyterLab, behind the stream socket, while jobs change. */
export async function listWatch() {
  const { folder, own } = homes();
  const home = path.join(folder, 'events');
  fs.mkdirSync(home);
  const upstream = spawn(
    python,
    [path.join(root, 'benchmarks/kubernetes_events.py'), home, `${OBJECTS}`],
    { cwd: root, env: own, stdio: ['pipe', 'pipe', 'inherit'] }
  );
  const lines = readline.createInterface({ input: upstream.stdout })[Symbol.asyncIterator]();
  const said = async () => {
    const { value } = await lines.next();
    return value ? JSON.parse(value) : fail('benchmarks/kubernetes_events.py ended.');
  };
  let jupyter;
  try {
    const { kubeconfig, namespace } = await said();
    own.KUBECONFIG = kubeconfig;
    connect(own, 'bench');
    jupyter = await startJupyter(own, folder);
    const client = await browserClient(folder);
    const found = await withBrowser(
      async browser => {
        const page = await browser.newPage();
        await page.goto(`${jupyter.url}/lab?token=${TOKEN}`);
        await page.waitForSelector('#jp-main-statusbar');
        await page.waitForLoadState('networkidle');
        await page.addScriptTag({ path: client });
        const session = await page.context().newCDPSession(page);
        const memory = async () => {
          await session.send('HeapProfiler.collectGarbage');
          const { metrics } = await session.send('Performance.getMetrics');
          return metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 2 ** 20;
        };
        await session.send('Performance.enable');
        const before = await memory();
        const listing = await traced(browser, page, () =>
          page.evaluate(watchJobs, { namespace, token: TOKEN })
        );
        const held = (await memory()) - before;
        const changing = await traced(browser, page, async () => {
          upstream.stdin.write(`${EVENTS.rate} ${EVENTS.seconds}\n`);
          const written = await said();
          return { written, late: await page.evaluate(lastEvent, written.events) };
        });
        const compared = await page.evaluate(compare, namespace);
        const after = (await memory()) - before;
        return { ...compared, ...changing.answer, listing, changing, held, after };
      },
      ['--enable-precise-memory-info']
    );
    const rate = found.written.events / found.written.seconds;
    claim(
      'list-watch cache: events lost',
      found.seen === found.written.events && found.equal,
      `${found.written.events - found.seen} of ${found.written.events} at ${rate.toFixed(0)} a second, ${OBJECTS} TrainJobs; ` +
        `${found.equal ? 'equals' : 'DIFFERS FROM'} a fresh list ${found.late.toFixed(0)} ms after the last write; ${found.notifications} notifications`
    );
    const block = (name, { wall, cpu }) =>
      figure(
        `list-watch cache: longest block ${name}`,
        wall,
        'ms',
        'a limit of 50 ms',
        50,
        1,
        `the longest task of the main thread of JupyterLab's page, by Chromium's trace; the most processor time of one task: ${cpu.toFixed(1)} ms; Local Kubeflow → proxy → stream socket`
      );
    block(`while ${OBJECTS} jobs are listed`, found.listing);
    block('while jobs change', found.changing);
    say(
      `The cache of ${OBJECTS} TrainJobs takes ${found.held.toFixed(1)} MiB, after the changes ${found.after.toFixed(1)} MiB`
    );
  } finally {
    await jupyter?.stop();
    upstream.stdin.end();
    await new Promise(resolve =>
      upstream.exitCode === null ? upstream.once('exit', resolve) : resolve()
    );
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** In the page: opens the cache's list of jobs as a view does, and counts the events on their way. */
async function watchJobs({ namespace, token }) {
  const { JupyterServer, JupyterTransport, KubernetesClient, ListWatchCache, trainJobs } =
    window.kubeflowClient;
  const baseUrl = `${location.origin}/`;
  const server = new JupyterServer({
    settings: {
      baseUrl,
      wsUrl: baseUrl.replace(/^http/, 'ws'),
      token,
      appendToken: true,
      WebSocket
    },
    makeRequest: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, Authorization: `token ${token}` } })
  });
  const transport = new JupyterTransport(server);
  const bench = { seen: 0, notifications: 0 };
  window.bench = bench;
  const counting = {
    json: (...request) => transport.json(...request),
    response: (...request) => transport.response(...request),
    async *stream(...request) {
      for await (const line of transport.stream(...request)) {
        bench.seen += line.includes('"MODIFIED"') ? 1 : 0;
        yield line;
      }
    }
  };
  bench.client = new KubernetesClient(counting);
  bench.list = new ListWatchCache(bench.client).list(trainJobs, { namespace });
  bench.list.subscribe(() => {
    bench.notifications++;
    bench.rows = [...bench.list.snapshot.items.values()];
  });
  while (bench.list.snapshot.items.size === 0 || bench.list.snapshot.status !== 'live') {
    if (bench.list.snapshot.error) {
      throw bench.list.snapshot.error;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** In the page: the milliseconds until so many events are there, or until none has come for five seconds. */
async function lastEvent(events) {
  const { bench } = window;
  const start = performance.now();
  let idle = 0;
  for (let seen = bench.seen; bench.seen < events && idle < 100; seen = bench.seen) {
    await new Promise(resolve => setTimeout(resolve, 50));
    idle = bench.seen === seen ? idle + 1 : 0;
  }
  return performance.now() - start;
}

/** In the page: whether the cache holds what a fresh list says. */
async function compare(namespace) {
  const { bench, kubeflowClient } = window;
  const fresh = await bench.client.resource(kubeflowClient.trainJobs).list({ namespace });
  const key = ({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`;
  const held = [...bench.list.snapshot.items.values()];
  const equal =
    fresh.length === held.length && fresh.map(key).sort().join() === held.map(key).sort().join();
  return { seen: bench.seen, notifications: bench.notifications, equal };
}

/** What `work` answers, and the longest task of a page's main thread meanwhile: milliseconds by the clock, and of processor time. */
async function traced(browser, page, work) {
  await browser.startTracing(page, { categories: ['toplevel'] });
  const answer = await work();
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  const thread = ({ pid, tid }) => `${pid} ${tid}`;
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(thread)
  );
  const tasks = traceEvents.filter(
    event => event.name === 'ThreadControllerImpl::RunTask' && main.has(thread(event))
  );
  if (tasks.length === 0) {
    fail("Chromium's trace names no task of the main thread.");
  }
  const longest = part => Math.max(...tasks.map(task => task[part] ?? 0)) / 1000;
  return { answer, wall: longest('dur'), cpu: longest('tdur') };
}
