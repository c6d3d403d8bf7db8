import { expect, galata, test } from '@jupyterlab/galata';

import { cli, kfp, writeNotebook } from './support';
import { folders } from '../servers';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.beforeAll(() => {
  writeNotebook('galata', 'keys.ipynb', ['print("typed")']);
  for (const name of ['keyboard-older', 'keyboard-newer']) {
    cli('galata', 'submit', `${folders('galata').notebooks}/keys.ipynb`, '--wait', '--name', name);
  }
});

test('the panel works with the keyboard alone', async ({ page }) => {
  await page.evaluate(() => window.jupyterapp.commands.execute('kubeflow-pipelines:show-panel'));
  const panel = page.getByRole('region', { name: 'Pipelines' }).first();
  const newer = panel.getByRole('row', { name: 'keyboard-newer, Succeeded' });
  const older = panel.getByRole('row', { name: 'keyboard-older, Succeeded' });
  await expect(newer).toBeVisible();
  const filter = panel.getByRole('searchbox', { name: 'Filter runs' });

  await test.step('/ filters, and the arrow leads back to the list', async () => {
    await panel.getByRole('row').first().focus();
    await page.keyboard.press('/');
    await expect(filter).toBeFocused();
    await page.keyboard.type('keyboard-');
    await expect(panel.getByRole('row')).toHaveCount(2);
    await page.keyboard.press('ArrowDown');
    await expect(newer).toBeFocused();
  });

  await test.step('arrows move, Delete asks, Escape leaves all as it is', async () => {
    await page.keyboard.press('ArrowDown');
    await expect(older).toBeFocused();
    await expect(older).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Delete');
    await expect(page.getByRole('dialog')).toContainText('keyboard-older');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(older).toBeVisible();
  });

  await test.step('Enter opens', async () => {
    await older.focus();
    await page.keyboard.press('Enter');
    const detail = page.locator('.jp-Kubeflow-detail');
    await expect(detail.getByRole('heading', { name: 'keyboard-older' })).toBeVisible();
    const graph = detail.getByRole('tab', { name: 'Graph' });
    await graph.focus();
    await page.keyboard.press('ArrowRight');
    await expect(detail.getByRole('tab', { name: 'Logs' })).toBeFocused();
    await expect(detail.getByRole('log')).toContainText('typed');
  });
});

test('Enter submits, and a notification leads to the run when it has ended', async ({ page }) => {
  writeNotebook('galata', 'entered.ipynb', ['print("entered")']);
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('kubeflow-notebook:run-as-pipeline', {
      path: 'entered.ipynb'
    });
  });
  const dialog = page.getByRole('dialog');
  const name = dialog.getByRole('textbox', { name: 'Run name' });
  await expect(name).toBeFocused();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('by-the-keyboard');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  const toast = page.getByRole('alert').filter({ hasText: 'by-the-keyboard: Succeeded after' });
  await expect(toast).toBeVisible({ timeout: 60_000 });
  const detail = page.locator('.jp-Kubeflow-detail');
  await page.activity.closeAll();
  await expect(detail).toBeHidden();
  await toast.getByRole('button', { name: 'Open run' }).click();
  await expect(detail.getByRole('heading', { name: 'by-the-keyboard' })).toBeVisible();
  const { runs } = await kfp<{ runs: { display_name: string }[] }>('galata', 'runs?page_size=100');
  expect(runs.filter(run => run.display_name === 'by-the-keyboard')).toHaveLength(1);
});
