import { expect, galata, test } from '@jupyterlab/galata';

import { countingRun, kfp, terminate } from './support';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test('20 log streams at once leave the browser its connections: a cell still runs', async ({
  page
}) => {
  const tasks = Array.from({ length: 20 }, (_, index) => `count-${index}`);
  const runId = await countingRun('galata', 'twenty-streams', tasks);

  let pods: string[] = [];
  await expect
    .poll(async () => {
      const answer = await kfp<{ tasks?: { pods?: { name: string }[] }[] }>(
        'galata',
        `runs/${runId}/tasks?page_size=100`
      );
      pods = (answer.tasks ?? []).flatMap(task => (task.pods ?? []).map(pod => pod.name));
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
  await terminate('galata', runId);
});
