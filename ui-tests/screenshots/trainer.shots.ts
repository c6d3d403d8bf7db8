import { expect, galata, test } from '@jupyterlab/galata';

import { execute } from '../tests/commands';
import { copyExample } from '../tests/support';
import {
  createCode,
  createTrainJob,
  openJob,
  openPanel,
  removeTrainJobs,
  trainDigits
} from '../tests/trainer';
import { connectToLocal } from '../tests/upstreams';
import { leftSide, shoot } from './shoot';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.beforeEach(async () => {
  connectToLocal('galata');
  await removeTrainJobs('galata');
});

test.afterAll(() => removeTrainJobs('galata'));

const ALL = ['light', 'dark', 'high-contrast'] as const;
const LIVE = 'digits-2026-11-20';
const FAILED = 'etl-embeddings';

test('trainer', async ({ page, tmpPath }) => {
  test.setTimeout(600_000);
  const panel = await openPanel(page);
  await page.sidebar.setWidth(300, 'left');
  const row = (name: RegExp) => panel.getByRole('row', { name });

  await expect(panel.locator('[data-view-state="empty"]')).toBeVisible({ timeout: 60_000 });
  await shoot(page, 'trainer-empty', leftSide(page), { height: 360 });

  await trainDigits('galata', 'digits-small', 60, 1);
  await expect(row(/^digits-small, Succeeded/)).toBeVisible({ timeout: 120_000 });
  await createCode('galata', FAILED, 'print("reading 12 files")\nimport sentence_transformers');
  await createTrainJob('galata', 'forecast-weekly', {
    command: ['python', '-c', 'raise SystemExit(3)']
  });
  await createTrainJob('galata', 'bert-finetune', { command: ['true'] }, { suspend: true });
  await expect(row(/^etl-embeddings, Failed/)).toContainText('sentence_transformers');
  await expect(row(/^forecast-weekly, Failed/)).toContainText('exit code 3');
  await trainDigits('galata', LIVE, 1500);
  await expect(row(/^digits-2026.*Running/)).toContainText('%', { timeout: 120_000 });
  await createTrainJob('galata', 'fraud-nightly', { command: ['true'] });
  await expect(row(/^fraud-nightly, Pending/)).toBeVisible();

  const detail = await openJob(page, LIVE);
  await expect(detail.getByText(/^(1\d|[2-9]\d) %$/)).toBeVisible({ timeout: 240_000 });
  await shoot(page, 'trainer', undefined, { themes: ['light'], file: 'trainer.png' });
  await shoot(page, 'trainer-panel', leftSide(page), { height: 360, themes: ALL });
  for (const width of [240, 400]) {
    await page.sidebar.setWidth(width, 'left');
    await shoot(page, `trainer-panel-${width}`, leftSide(page), { height: 360 });
  }
  await page.sidebar.setWidth(300, 'left');
  await row(/^etl-embeddings/).click({ button: 'right' });
  await expect(page.getByRole('menu')).toBeVisible();
  await shoot(page, 'trainer-menu', undefined, { themes: ['light'] });
  await page.keyboard.press('Escape');

  await shoot(page, 'trainer-progress', detail, { themes: ALL });
  for (const [tab, ready] of [
    ['Graph', () => detail.getByRole('treeitem', { name: /^node 1/ })],
    ['Logs', () => detail.getByRole('log').getByText('epoch').first()],
    ['Events', () => detail.getByRole('listitem').nth(2)],
    ['Resources', () => detail.getByRole('rowheader', { name: 'node' })],
    ['Checkpoints', () => detail.getByRole('button', { name: 'List files' })]
  ] as const) {
    await detail.getByRole('tab', { name: tab }).click();
    await expect(ready()).toBeVisible();
    await shoot(page, `trainer-${tab.toLowerCase()}`, detail, { height: 520 });
  }
  await detail.getByRole('button', { name: 'Suspend…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await shoot(page, 'trainer-suspend', page.locator('.jp-Dialog-content'));
  await page.keyboard.press('Escape');

  const failed = await openJob(page, FAILED);
  await expect(failed.getByRole('alert')).toBeVisible();
  await shoot(page, 'trainer-failed', failed, { height: 520, themes: ALL });

  copyExample('galata', tmpPath, 'train_digits.py');
  await page.sidebar.close('left');
  await execute(page, 'kubeflow-trainer:train', { path: `${tmpPath}/train_digits.py` });
  const form = page.locator('.jp-Kubeflow-Create').filter({ visible: true });
  await form.getByRole('radio', { name: /^python-distributed/ }).check();
  await expect(form.getByText('lines travel in the job')).toBeVisible();
  await shoot(page, 'trainer-form', form, { themes: ALL });
  await form.getByRole('textbox', { name: 'Nodes', exact: true }).fill('many');
  await form.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(form.locator('[aria-invalid="true"]').first()).toBeVisible();
  await shoot(page, 'trainer-form-error', form);
});
