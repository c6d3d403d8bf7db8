import { expect, galata, test } from '@jupyterlab/galata';

import { cli, kfp, writeNotebook } from './support';
import { folders } from '../servers';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS }, mockState: false });

test('a run’s tab and the panel’s section are there again after a reload', async ({ page }) => {
  writeNotebook('galata', 'kept.ipynb', ['print("kept")']);
  cli(
    'galata',
    'submit',
    `${folders('galata').notebooks}/kept.ipynb`,
    '--wait',
    '--name',
    'kept-run'
  );
  const { runs } = await kfp<{ runs: { run_id: string; display_name: string }[] }>(
    'galata',
    'runs?sort_by=created_at%20desc'
  );
  const runId = runs.find(run => run.display_name === 'kept-run')!.run_id;
  const panel = page.getByRole('region', { name: 'Pipelines' }).first();
  await page.evaluate(() => window.jupyterapp.commands.execute('kubeflow-pipelines:show-panel'));
  await panel.getByRole('tab', { name: 'Pipelines' }).click();
  await page.evaluate(
    id => window.jupyterapp.commands.execute('kubeflow-pipelines:open-run', { runId: id }),
    runId
  );
  const heading = page.locator('.jp-Kubeflow-detail').getByRole('heading', { name: 'kept-run' });
  await expect(heading).toBeVisible();
  await page.waitForFunction(
    async key => {
      const workspaces = window.jupyterapp.serviceManager.workspaces;
      const { values } = await workspaces.list();
      return JSON.stringify(values).includes(key);
    },
    `kubeflow-run-${runId}`,
    { polling: 250 }
  );
  await page.reload();
  await expect(heading).toBeVisible();
  await expect(panel.getByRole('tab', { name: 'Pipelines' })).toHaveAttribute(
    'aria-selected',
    'true'
  );
});
