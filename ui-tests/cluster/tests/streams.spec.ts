import * as fs from 'fs';
import * as path from 'path';

import { expect, request, test } from '@playwright/test';

import { files, plane, TOKEN } from '../jupyter';

const STREAMS = 20;
const JOBS = '/apis/trainer.kubeflow.org/v1alpha1/namespaces/team/trainjobs';

/** Waits for a file, so that the cell is at work while the streams deliver. */
const CELL = `import pathlib, time
while not pathlib.Path("go").exists():
    time.sleep(0.05)
print(6 * 7)`;

test('20 watches in one tab share one socket, deliver while a cell runs, and leave the browser its connections', async ({
  page
}) => {
  const cell = { cell_type: 'code', id: 'wait', metadata: {}, outputs: [], source: CELL };
  const kernelspec = { name: 'python3', display_name: 'Python 3 (ipykernel)' };
  fs.writeFileSync(
    path.join(files, 'busy.ipynb'),
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec },
      cells: [{ ...cell, execution_count: null }]
    })
  );
  const sockets: string[] = [];
  page.on('websocket', socket => sockets.push(new URL(socket.url()).pathname));
  // A workspace of its own, in which no other test's tabs watch anything.
  await page.goto(`/lab/workspaces/streams/tree/busy.ipynb?token=${TOKEN}`);
  await expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).toBeVisible();
  await page.addScriptTag({ path: process.env.KUBEFLOW_BROWSER_CLIENT });
  await page.evaluate(open, STREAMS);
  const states = () =>
    page.evaluate(() => (window as unknown as IPage).lists.map(list => list.snapshot.status));
  await expect.poll(states).toEqual(Array(STREAMS).fill('live'));
  const streams = () => sockets.filter(each => each === '/kubeflow/streams').length;
  await expect.poll(streams).toBe(1);

  await page.getByRole('button', { name: /^Run this cell/ }).click();
  await expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]')).toBeVisible();

  const api = await request.newContext({
    baseURL: plane.url,
    ignoreHTTPSErrors: true,
    extraHTTPHeaders: { Authorization: `Bearer ${plane.users.root}` }
  });
  for (let stream = 0; stream < STREAMS; stream++) {
    const made = await api.post(JOBS, {
      data: {
        apiVersion: 'trainer.kubeflow.org/v1alpha1',
        kind: 'TrainJob',
        metadata: { name: `stream-${stream}`, labels: { stream: `${stream}` } },
        spec: { suspend: true, runtimeRef: { name: 'torch-distributed' } }
      }
    });
    expect(made.status()).toBe(201);
  }
  const names = () =>
    page.evaluate(() =>
      (window as unknown as IPage).lists.map(list =>
        [...list.snapshot.items.values()].map(job => job.metadata?.name)
      )
    );
  await expect
    .poll(names)
    .toEqual(Array.from({ length: STREAMS }, (_, each) => [`stream-${each}`]));
  await expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]')).toBeVisible();

  fs.writeFileSync(path.join(files, 'go'), '');
  await expect(page.locator('.jp-OutputArea-output').getByText('42')).toBeVisible();

  const answers = await page.evaluate(
    ({ jobs, count }) =>
      Promise.all(
        Array.from({ length: count }, async (_, each) => {
          const answer = await fetch(`/kubeflow/proxy/kubernetes${jobs}/stream-${each}`);
          return answer.status;
        })
      ),
    { jobs: JOBS, count: STREAMS }
  );
  expect(answers).toEqual(Array(STREAMS).fill(200));
  expect(await states()).toEqual(Array(STREAMS).fill('live'));
  expect(streams()).toBe(1);
  await api.delete(JOBS);
  await api.dispose();
});

interface IList {
  snapshot: {
    status: string;
    items: ReadonlyMap<string, { metadata?: { name?: string } }>;
  };
  subscribe(listener: () => void): () => void;
}

/** What the page has of ours. */
interface IPage {
  /** The client layer (scripts/browserClient.mjs). */
  kubeflowClient: {
    JupyterServer: new (options: object) => object;
    JupyterTransport: new (server: object) => object;
    KubernetesClient: new (transport: object) => object;
    ListWatchCache: new (client: object) => { list(kind: object, selection: object): IList };
    trainJobs: object;
  };
  lists: IList[];
}

/** In the page: opens so many list-watches, each of its own selection, over the page's one socket. */
function open(count: number): void {
  const own = window as unknown as IPage;
  const client = own.kubeflowClient;
  const baseUrl = `${location.origin}/`;
  const wsUrl = baseUrl.replace(/^http/, 'ws');
  const server = new client.JupyterServer({
    settings: { baseUrl, wsUrl, token: '', WebSocket },
    makeRequest: (url: string, init: RequestInit) => fetch(url, init)
  });
  const cache = new client.ListWatchCache(
    new client.KubernetesClient(new client.JupyterTransport(server))
  );
  own.lists = Array.from({ length: count }, (_, each) =>
    cache.list(client.trainJobs, { namespace: 'team', labelSelector: `stream=${each}` })
  );
  own.lists.forEach(list => list.subscribe(() => undefined));
}
