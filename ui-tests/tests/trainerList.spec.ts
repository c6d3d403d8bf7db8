import { expect, galata, test } from '@jupyterlab/galata';

import { violations } from './axe';
import { execute } from './commands';
import { kube } from './kubernetes';
import {
  createCode,
  createTrainJob,
  detailOf,
  openJob,
  openPanel,
  removeTrainJobs,
  TRAIN_JOBS,
  trainDigits
} from './trainer';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.afterEach(() => removeTrainJobs('galata'));

const suspended = (name: string) =>
  createTrainJob('galata', name, { command: ['true'] }, { suspend: true });

test('the panel works with the keyboard alone, and deletes many jobs at once', async ({ page }) => {
  for (const name of ['keys-one', 'keys-two', 'keys-three', 'other']) {
    await suspended(name);
  }
  const panel = await openPanel(page);
  await expect(panel.getByRole('row')).toHaveCount(4);

  await test.step('/ filters, arrows move, Enter opens', async () => {
    await panel.getByRole('row').first().focus();
    await page.keyboard.press('/');
    await page.keyboard.type('keys-');
    await expect(panel.getByRole('row')).toHaveCount(3);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
    await expect(detail.getByRole('heading', { name: /^keys-/ })).toBeVisible();
    await detail.getByRole('tab', { name: 'Progress' }).focus();
    await page.keyboard.press('End');
    await expect(detail.getByRole('tab', { name: 'YAML' })).toBeFocused();
  });

  await test.step('Shift selects, Delete asks, Enter deletes', async () => {
    await panel.getByRole('row').first().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await expect(panel.locator('[role="row"][aria-selected="true"]')).toHaveCount(3);
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    for (const name of ['keys-one', 'keys-two', 'keys-three']) {
      await expect(dialog).toContainText(name);
    }
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(panel.getByRole('row')).toHaveCount(3);
    await panel.locator('[role="row"][aria-selected="true"]').last().focus();
    await page.keyboard.press('Delete');
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(panel.getByText('No TrainJob matches.')).toBeVisible();
    const { items } = await kube<{ items: { metadata: { name: string } }[] }>(
      'galata',
      'GET',
      TRAIN_JOBS
    );
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['other']);
  });
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`the panel, every section of a job’s tab and the form are accessible in ${theme}`, async ({
    page
  }) => {
    await createCode('galata', 'failed', 'import no_such_module');
    await suspended('waits');
    await page.theme.setTheme(theme);
    const panel = await openPanel(page);
    const accessible = async (part: string) => {
      await page.mouse.move(640, 790);
      expect(await violations(page, part)).toEqual([]);
    };
    await expect(panel.getByRole('row', { name: 'failed, Failed' })).toBeVisible();
    await trainDigits('galata', 'looked-at', 100_000);
    await expect(panel.getByRole('row', { name: 'looked-at, Running' })).toContainText('%', {
      timeout: 60_000
    });
    await panel.getByRole('row', { name: 'waits, Suspended' }).click();
    await accessible('#kubeflow-trainer-panel');
    const detail = await openJob(page, 'looked-at');
    await expect(
      detail.getByRole('figure', { name: 'loss' }).getByRole('img').first()
    ).toBeVisible();
    for (const tab of ['Progress', 'Graph', 'Logs', 'Events', 'Resources', 'Checkpoints', 'YAML']) {
      await test.step(tab, async () => {
        await detail.getByRole('tab', { name: tab }).click();
        await expect(detail.getByRole('tabpanel', { name: tab })).toBeVisible();
        if (tab === 'Logs') {
          await detail.getByRole('searchbox').fill('epoch');
          await expect(detail.locator('mark').first()).toBeVisible();
        }
        await accessible('.jp-Kubeflow-detail');
      });
    }
    await openJob(page, 'failed');
    await expect((await detailOf(page, 'failed')).getByRole('alert')).toBeVisible();
    await accessible('.jp-Kubeflow-detail:not(.lm-mod-hidden *)');
    await execute(page, 'kubeflow-trainer:clone-job', { name: 'looked-at' });
    await expect(page.getByRole('heading', { name: 'New training job in' })).toBeVisible();
    await accessible('.jp-Kubeflow-Create');
  });
}
