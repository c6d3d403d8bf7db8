import type {} from '@jupyterlab/galata';
import { expect, type Page, test } from '@playwright/test';

import { cli, kfp, writeNotebook } from './support';
import { folders, GALATA_URL } from '../servers';

/** A workspace of this spec alone, kept by the server as a user's is: Galata's own pages keep theirs in the test. */
const WORKSPACE = 'restored';

/** Resolves when the server has kept a workspace that holds all of this. */
async function kept(page: Page, ...texts: string[]): Promise<void> {
  await expect
    .poll(async () => {
      const answer = await page.request.get(`${GALATA_URL}/lab/api/workspaces/${WORKSPACE}`);
      const content = await answer.text();
      return texts.filter(text => !content.includes(text));
    })
    .toEqual([]);
}

test('a run’s tab, its section and the panel’s are there again after a move and a reload', async ({
  page
}) => {
  writeNotebook('galata', 'kept.ipynb', ['print("kept")']);
  const notebook = `${folders('galata').notebooks}/kept.ipynb`;
  cli('galata', 'submit', notebook, '--wait', '--name', 'kept-run');
  const { runs } = await kfp<{ runs: { run_id: string; display_name: string }[] }>(
    'galata',
    'runs?sort_by=created_at%20desc'
  );
  const runId = runs.find(run => run.display_name === 'kept-run')!.run_id;
  const key = `kubeflow-run-${runId}`;

  await page.goto(`${GALATA_URL}/lab/workspaces/${WORKSPACE}?reset`);
  await page.waitForFunction(() => window.jupyterapp !== undefined);
  await page.evaluate(async id => {
    const app = window.jupyterapp;
    await app.restored;
    await app.commands.execute('kubeflow-pipelines:show-panel');
    await app.commands.execute('kubeflow-pipelines:open-run', { runId: id });
  }, runId);
  const panel = page.getByRole('region', { name: 'Pipelines' }).first();
  const listed = panel.getByRole('tab', { name: 'Pipelines' });
  await listed.click();
  const detail = page.locator('.jp-Kubeflow-detail');
  await expect(detail.getByRole('heading', { name: 'kept-run' })).toBeVisible();
  const logs = detail.getByRole('tab', { name: 'Logs' });
  await logs.click();
  await expect(detail.getByRole('log')).toContainText('kept');

  await test.step('move', async () => {
    await page.evaluate(async id => {
      const { commands, shell } = window.jupyterapp;
      await commands.execute('launcher:create');
      const tab = [...shell.widgets('main')].find(widget => widget.id === id)!;
      shell.add(tab, 'main', { mode: 'split-right' } as never);
      shell.activateById(id);
    }, key);
    await expect(page.locator('.lm-DockPanel-tabBar:visible')).toHaveCount(2);
    await expect(detail.getByRole('log')).toContainText('kept');
    await expect(logs).toHaveAttribute('aria-selected', 'true');
  });

  await kept(page, `${key}`, '"section": "logs"', '"section": "pipelines"');
  await page.goto(`${GALATA_URL}/lab/workspaces/${WORKSPACE}`);
  await expect(detail.getByRole('heading', { name: 'kept-run' })).toBeVisible();
  await expect(logs).toHaveAttribute('aria-selected', 'true');
  await expect(detail.getByRole('log')).toContainText('kept');
  await expect(listed).toHaveAttribute('aria-selected', 'true');
});
