import { expect, galata, test } from '@jupyterlab/galata';

import { violations } from './axe';
import { cli, copyExample, kfp, writeNotebook } from './support';
import { folders } from '../servers';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

/** Runs a notebook under a name; its id. */
async function finishedRun(name: string): Promise<string> {
  writeNotebook('galata', 'short.ipynb', ['print("one line of log")']);
  cli('galata', 'submit', `${folders('galata').notebooks}/short.ipynb`, '--wait', '--name', name);
  const { runs } = await kfp<{ runs: { run_id: string; display_name: string }[] }>(
    'galata',
    'runs?sort_by=created_at%20desc'
  );
  return runs.find(item => item.display_name === name)!.run_id;
}

for (const theme of ['JupyterLab Light', 'JupyterLab Dark', 'JupyterLab Dark High Contrast']) {
  test(`panel, detail tabs and dialogs are accessible in ${theme}`, async ({ page, tmpPath }) => {
    // Each theme has its own run, as they all stand in one list.
    const run = `looked-at-in-${theme.replace(/ /g, '-')}`;
    await finishedRun(run);
    copyExample('galata', tmpPath, 'digits.ipynb');
    await page.theme.setTheme(theme);

    await test.step('panel', async () => {
      await page.evaluate(() =>
        window.jupyterapp.commands.execute('kubeflow-pipelines:show-panel')
      );
      const panel = page.getByRole('region', { name: 'Pipelines' }).first();
      const row = panel.getByRole('row', { name: `${run}, Succeeded` });
      await expect(row).toBeVisible();
      expect(await violations(page, '#kubeflow-pipelines-panel')).toEqual([]);
      await row.click();
      await expect(row).toHaveAttribute('aria-selected', 'true');
      expect(await violations(page, '#kubeflow-pipelines-panel')).toEqual([]);
      await row.dblclick();
    });

    const detail = page.locator('.jp-Kubeflow-detail');
    await expect(detail.getByRole('treeitem').first()).toBeVisible();
    for (const tab of ['Graph', 'Logs', 'Inputs and outputs', 'YAML']) {
      await test.step(tab, async () => {
        await detail.getByRole('tab', { name: tab, exact: true }).click();
        await page.mouse.move(640, 790);
        if (tab === 'Logs') {
          await expect(detail.getByRole('log')).toContainText('one line of log');
        }
        if (tab === 'YAML') {
          await expect(detail.getByRole('textbox', { name: `YAML of ${run}` })).toBeVisible();
        }
        expect(await violations(page, '.jp-Kubeflow-detail')).toEqual([]);
      });
    }

    await test.step('delete dialog', async () => {
      await detail.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Delete run…' }).click();
      await expect(page.getByRole('dialog')).toContainText(run);
      expect(await violations(page, '.jp-Dialog-body')).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    });

    await test.step('submit dialog with an error', async () => {
      await page.evaluate(path => {
        void window.jupyterapp.commands.execute('kubeflow-notebook:run-as-pipeline', { path });
      }, `${tmpPath}/digits.ipynb`);
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox', { name: 'C number' }).fill('much');
      await dialog.getByRole('button', { name: 'Run', exact: true }).click();
      await expect(dialog).toContainText('must be a number');
      expect(await violations(page, '.jp-Kubeflow-Form')).toEqual([]);
      await page.keyboard.press('Escape');
    });

    await test.step('recurring runs: dialog with an error, list and detail', async () => {
      await page.evaluate(() => {
        void window.jupyterapp.commands.execute('kubeflow-pipelines:schedule-run');
      });
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('combobox', { name: 'Runs start' }).selectOption('cron');
      const cron = dialog.getByRole('textbox', { name: 'Cron expression' });
      await cron.fill('0 0 25 * * *');
      await dialog.getByRole('button', { name: 'Schedule' }).click();
      await expect(dialog).toContainText('The hour cannot be “25”');
      expect(await violations(page, '.jp-Kubeflow-Form')).toEqual([]);
      await cron.fill('0 0 8 1 1 *');
      await cron.press('Enter');
      await expect(dialog).toBeHidden();
      const tab = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
      await expect(tab.getByRole('heading', { name: 'Last runs' })).toBeVisible();
      expect(await violations(page, '.jp-Kubeflow-detail:has(.jp-Kubeflow-io)')).toEqual([]);
      const panel = page.getByRole('region', { name: 'Pipelines' }).first();
      await panel.getByRole('tab', { name: 'Recurring' }).click();
      const row = panel.getByRole('row', { name: /Every year on January 1 at 08:00 UTC/ }).first();
      await expect(row).toBeVisible();
      expect(await violations(page, '#kubeflow-pipelines-panel')).toEqual([]);
      await row.click();
      expect(await violations(page, '#kubeflow-pipelines-panel')).toEqual([]);
      await panel.getByRole('tab', { name: 'Runs', exact: true }).click();
    });

    await test.step('connection popup', async () => {
      await page.locator('.jp-Kubeflow-ConnectionStatus').click();
      await expect(page.locator('.jp-Kubeflow-Switcher')).toBeVisible();
      expect(await violations(page, '.jp-Kubeflow-Switcher')).toEqual([]);
    });
  });
}

test('the page can be read at 150 % zoom: nothing of the panel or a detail lies outside', async ({
  page
}) => {
  const run = 'looked-at-through-a-glass';
  const runId = await finishedRun(run);
  // A window of 1280 × 800 at 150 %.
  await page.setViewportSize({ width: 853, height: 533 });
  await page.evaluate(id => {
    void window.jupyterapp.commands.execute('kubeflow-pipelines:show-panel');
    void window.jupyterapp.commands.execute('kubeflow-pipelines:open-run', { runId: id });
  }, runId);
  const detail = page.locator('.jp-Kubeflow-detail');
  await expect(detail.getByRole('heading', { name: run })).toBeVisible();
  await expect(detail.getByRole('button', { name: 'Run again…' })).toBeInViewport({ ratio: 1 });
  await expect(detail.getByRole('button', { name: 'More actions' })).toBeInViewport({ ratio: 1 });
  const panel = page.getByRole('region', { name: 'Pipelines' }).first();
  expect(await panel.evaluate(node => node.scrollWidth - node.clientWidth)).toBe(0);
});
