import { expect, galata, test } from '@jupyterlab/galata';

import { countingSpec, localKubeflow } from './support';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test('20 log streams at once leave the browser its connections: a cell still runs', async ({
  page
}) => {
  const { pipelines, token } = localKubeflow('galata');
  const spec = countingSpec(Array.from({ length: 20 }, (_, index) => `count-${index}`));
  const created = await fetch(`${pipelines}/apis/v2beta1/runs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ display_name: 'twenty-streams', pipeline_spec: spec })
  });
  const { run_id: runId } = (await created.json()) as { run_id: string };
  const api = (route: string) =>
    fetch(`${pipelines}/apis/v2beta1/${route}`, {
      method: route.includes(':') ? 'POST' : 'GET',
      headers: { Authorization: `Bearer ${token}` }
    });

  let pods: string[] = [];
  await expect
    .poll(async () => {
      const answer = await api(`runs/${runId}/tasks?page_size=100`);
      const { tasks } = (await answer.json()) as { tasks?: { pods?: { name: string }[] }[] };
      pods = (tasks ?? []).flatMap(task => (task.pods ?? []).map(pod => pod.name));
      return pods.length;
    })
    .toBeGreaterThan(0);

  // One socket, 20 subscriptions, all open: those of tasks that wait for their turn included.
  const opened = await page.evaluate(
    ({ names, run }) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(`ws://${location.host}/kubeflow/streams`);
        const open = new Set<string>();
        socket.onerror = () => reject(new Error('the stream socket failed'));
        socket.onmessage = event => {
          const frame = JSON.parse(event.data);
          if (frame.op === 'open' && frame.status === 200) {
            open.add(frame.id);
          }
          if (open.size === 20) {
            Object.assign(window, { keptSocket: socket });
            resolve(open.size);
          }
        };
        socket.onopen = () => {
          for (let id = 0; id < 20; id++) {
            socket.send(
              JSON.stringify({
                op: 'subscribe',
                id: String(id),
                service: 'pipelines-ui',
                path: '/k8s/pod/logs',
                query: { podname: names[id % names.length], podnamespace: 'kubeflow', runid: run },
                format: 'text',
                credit: 65536
              })
            );
          }
        };
      }),
    { names: pods, run: runId }
  );
  expect(opened).toBe(20);

  await page.notebook.createNew('while-streaming.ipynb');
  await page.notebook.setCell(0, 'code', 'print(6 * 7)');
  await page.notebook.runCell(0);
  await expect(page.locator('.jp-OutputArea-output').getByText('42')).toBeVisible();
  await api(`runs/${runId}:terminate`);
});
