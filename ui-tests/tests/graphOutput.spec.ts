import { expect, galata, test } from '@jupyterlab/galata';

import { countingRun, terminate, writeNotebook } from './support';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test('a graph in an untrusted notebook is a snapshot; trust makes it live', async ({
  page,
  tmpPath
}) => {
  const runId = await countingRun('galata', 'count');
  const graph = {
    version: 1,
    title: 'stored graph',
    nodes: [{ id: 'root.count', kind: 'runtime', label: 'count', state: 'pending' }],
    edges: [],
    source: {
      api: 'kfp/v2beta1',
      runId,
      state: 'running',
      asOf: '2026-01-02T03:04:05Z'
    }
  };
  writeNotebook(
    'galata',
    `${tmpPath}/stored.ipynb`,
    ['# drawn by somebody else'],
    {},
    {
      0: [
        {
          output_type: 'display_data',
          metadata: {},
          data: { 'application/vnd.kubeflow.graph.v1+json': graph, 'text/plain': 'count' }
        }
      ]
    }
  );
  const asked: string[] = [];
  page.on('request', request => {
    if (request.url().includes(`/runs/${runId}`)) {
      asked.push(request.url());
    }
  });

  await page.notebook.openByPath(`${tmpPath}/stored.ipynb`);
  const output = page.locator('.jp-OutputArea-output');
  await expect(output.getByRole('treeitem', { name: /^count, task, Pending/ })).toBeVisible();
  await expect(output).toContainText('Snapshot of');
  expect(asked).toEqual([]);

  const trusted = page.evaluate(() => window.jupyterapp.commands.execute('notebook:trust'));
  await page.getByRole('dialog').getByRole('button', { name: /Trust/ }).click();
  await trusted;
  await expect(output.getByRole('treeitem', { name: /^count, task, Running/ })).toBeVisible();
  await expect(output).toContainText('Live');

  await terminate('galata', runId);
  await expect(output.getByRole('treeitem', { name: /^count, task, Cancelled/ })).toBeVisible();
});

test('a thousand tasks are laid out without holding the page up', async ({ page, tmpPath }) => {
  const names = Array.from({ length: 1000 }, (_, index) => `task-${index}`);
  const graph = {
    version: 1,
    nodes: names.map(name => ({ id: `root.${name}`, kind: 'runtime', label: name })),
    edges: names.slice(1).map((name, index) => ({
      id: `e${index}`,
      from: `root.task-${Math.floor(index / 3)}`,
      to: `root.${name}`
    }))
  };
  writeNotebook(
    'galata',
    `${tmpPath}/large.ipynb`,
    ['# large'],
    {},
    {
      0: [
        {
          output_type: 'display_data',
          metadata: {},
          data: { 'application/vnd.kubeflow.graph.v1+json': graph, 'text/plain': 'large' }
        }
      ]
    }
  );
  const workers: string[] = [];
  page.on('worker', worker => workers.push(worker.url()));
  await page.notebook.openByPath(`${tmpPath}/large.ipynb`);
  await expect(page.locator('.jp-OutputArea-output [role="treeitem"]')).toHaveCount(1000, {
    timeout: 60_000
  });
  expect(workers.filter(url => url.includes('jupyterlab-kubeflow'))).toHaveLength(1);
});
