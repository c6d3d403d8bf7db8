import { expect, galata, test } from '@jupyterlab/galata';
import * as fs from 'fs';
import * as path from 'path';

import { kfp, pipelineSpec } from './support';
import { folders } from '../servers';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test('a failed run is retried from the panel and from its tab until it succeeds; then it is archived and restored', async ({
  page
}) => {
  const file = path.join(folders('galata').notebooks, 'hurdle.txt');
  fs.rmSync(file, { force: true });
  const pipeline_spec = pipelineSpec('hurdle', {
    prepare: { command: ['echo', 'prepared'] },
    jump: { command: ['cat', file], after: 'prepare' }
  });
  const { run_id: runId } = await kfp<{ run_id: string }>('galata', 'runs', {
    display_name: 'hurdle-run',
    pipeline_spec
  });

  await page.evaluate(() => window.jupyterapp.commands.execute('kubeflow-pipelines:show-panel'));
  const panel = page.getByRole('region', { name: 'Pipelines' }).first();
  const failed = panel.getByRole('row', { name: 'hurdle-run, Failed' });
  await expect(failed).toBeVisible();
  await failed.dblclick();
  const detail = page.locator('.jp-Kubeflow-detail');
  await expect(detail.locator('header')).toContainText('Failed in jump after');

  await test.step('in its tab: it fails again', async () => {
    const { finished_at: before } = await kfp<{ finished_at: string }>('galata', `runs/${runId}`);
    await detail.getByRole('button', { name: 'Retry run' }).click();
    await expect
      .poll(async () => {
        const run = await kfp<{ state: string; finished_at: string }>('galata', `runs/${runId}`);
        return run.state === 'FAILED' && run.finished_at !== before;
      })
      .toBe(true);
    await expect(detail.locator('header')).toContainText('Failed in jump after');
  });

  await test.step('in the panel: it goes on and succeeds, with its tab and its log', async () => {
    await detail.getByRole('tab', { name: 'Logs' }).click();
    fs.writeFileSync(file, 'over the hurdle');
    await failed.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Retry run', exact: true }).click();
    await expect(panel.getByRole('row', { name: 'hurdle-run, Succeeded' })).toBeVisible();
    await expect(detail.locator('header')).toContainText('Succeeded after');
    await detail
      .getByRole('combobox', { name: 'Task' })
      .selectOption({ label: 'jump – Succeeded' });
    await expect(detail.getByRole('log')).toContainText('over the hurdle');
  });

  await test.step('it cannot be retried once more, and the menu says why', async () => {
    await detail.getByRole('button', { name: 'More actions' }).click();
    await expect(
      page.getByRole('menuitem', { name: 'Retry run (it has succeeded)' })
    ).toHaveAttribute('aria-disabled', 'true');
    await page.keyboard.press('Escape');
  });

  await test.step('archive and restore', async () => {
    const row = panel.getByRole('row', { name: 'hurdle-run, Succeeded' });
    await row.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Archive run' }).click();
    await expect(row).toBeHidden();
    await panel.getByRole('combobox', { name: 'Status' }).selectOption('archived');
    await expect(row).toBeVisible();
    await row.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Restore run' }).click();
    await expect(row).toBeHidden();
    await panel.getByRole('combobox', { name: 'Status' }).selectOption('all');
    await expect(row).toBeVisible();
  });
});
