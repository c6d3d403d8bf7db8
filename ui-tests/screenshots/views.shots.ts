import { expect, galata, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import { execute } from '../tests/commands';
import { cli, copyExample, kfp, pipelineSpec, writeNotebook } from '../tests/support';
import { folders } from '../servers';
import { leftSide, openPanel, openRun, seed, shoot } from './shoot';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

let runs: Record<string, string>;
test.beforeAll(() => {
  test.setTimeout(400_000);
  runs = seed();
});

const RUN = 'fraud-train-2026-11-20';
const DIGITS = 'digits-2026-11-20';

test('panel', async ({ page }) => {
  const panel = await openPanel(page);
  await expect(panel.getByRole('row', { name: /fraud-train-live, Running/ })).toContainText(
    /\d\/\d/
  );
  await expect(panel.getByRole('row', { name: /etl-nightly/ })).toContainText('failed');
  await shoot(page, 'panel-runs', leftSide(page), {
    height: 480,
    themes: ['light', 'dark', 'high-contrast']
  });
  await panel.getByRole('row', { name: /etl-nightly/ }).hover();
  await shoot(page, 'panel-hover', leftSide(page), { height: 480 });
  await panel.getByRole('row', { name: /etl-nightly/ }).click();
  await panel.getByRole('row', { name: /fraud-train-2026-11-20/ }).click({ modifiers: ['Shift'] });
  await shoot(page, 'panel-selected', leftSide(page), { height: 480 });
  await panel.getByRole('row', { name: /fraud-train-2026-11-20/ }).click({ button: 'right' });
  await expect(page.getByRole('menu')).toBeVisible();
  await page.mouse.move(5, 790);
  await page.screenshot({
    path: '../docs/screenshots/panel-menu-light.png',
    clip: { x: 0, y: 0, width: 640, height: 480 }
  });
  await page.keyboard.press('Escape');
  for (const width of [240, 400]) {
    await page.sidebar.setWidth(width, 'left');
    await page.mouse.move(700, 400);
    await shoot(page, `panel-runs-${width}`, leftSide(page), { height: 480 });
  }
  await page.sidebar.setWidth(300, 'left');
  await panel.getByRole('searchbox').fill('no such run');
  await expect(panel.getByText('No run matches.')).toBeVisible();
  await shoot(page, 'state-no-match', leftSide(page), { height: 360 });
  await panel.getByRole('button', { name: 'Clear filter' }).click();
  await panel.getByRole('tab', { name: 'Pipelines' }).click();
  await expect(panel.getByRole('row').first()).toBeVisible();
  await shoot(page, 'panel-pipelines', leftSide(page), { height: 360 });
});

test('run-detail', async ({ page }) => {
  await page.sidebar.close('left');
  const detail = await openRun(page, runs[RUN]!, RUN);
  await expect(detail.getByRole('treeitem', { name: /^train/ }).first()).toBeVisible();
  await shoot(page, 'run-detail-graph', detail, { themes: ['light', 'dark', 'high-contrast'] });
  await detail.getByRole('treeitem', { name: /^train/ }).click();
  await detail.getByRole('complementary').getByRole('tab', { name: 'Inputs and outputs' }).click();
  await expect(detail.getByRole('complementary').getByText('accuracy').first()).toBeVisible();
  await shoot(page, 'run-detail-task-io', detail);
  await detail.getByRole('button', { name: 'Close', exact: true }).click();
  await detail.getByRole('tab', { name: 'Inputs and outputs' }).click();
  await expect(detail.getByRole('heading', { name: 'Parameters', exact: true })).toBeVisible();
  await shoot(page, 'run-detail-io', detail);
  await detail.getByRole('tab', { name: 'YAML' }).click();
  await expect(detail.getByRole('textbox', { name: /^YAML of/ })).toContainText('components');
  await shoot(page, 'run-detail-yaml', detail);
});

test('run-states', async ({ page }) => {
  await page.sidebar.close('left');
  for (const [name, label] of [
    ['fraud-train-live', 'running'],
    ['etl-nightly-2026-11-20', 'failed'],
    ['depth-sweep', 'cancelled']
  ] as const) {
    const detail = await openRun(page, runs[name]!, name);
    await expect(detail.getByRole('treeitem').first()).toBeVisible();
    await shoot(page, `run-detail-${label}`, detail);
  }
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await detail.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete run…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await shoot(page, 'dialog-delete', page.locator('.jp-Dialog-content'));
  await page.keyboard.press('Escape');
});

test('run-detail-long-log', async ({ page }) => {
  await page.sidebar.close('left');
  const line = 'epoch $i  loss 0.4711  accuracy 0.9137  examples 120000  seconds 41';
  const script = `i=0; while [ $i -lt 300000 ]; do i=$((i+1)); echo "${line}"; done`;
  const pipeline_spec = pipelineSpec('long-log', { train: { command: ['sh', '-c', script] } });
  const run = await kfp<{ run_id: string }>('galata', 'runs', {
    display_name: 'a-long-log',
    pipeline_spec
  });
  const detail = await openRun(page, run.run_id, 'a-long-log');
  await expect(detail.locator('header')).toContainText('Succeeded after', { timeout: 120_000 });
  await detail.getByRole('tab', { name: 'Logs' }).click();
  await expect(detail.getByText(/The first .* of the log/)).toBeVisible();
  await shoot(page, 'run-detail-long-log', detail);
});

test('pipeline-detail', async ({ page }) => {
  await page.sidebar.close('left');
  const { pipelines } = await kfp<{ pipelines: { pipeline_id: string; display_name: string }[] }>(
    'galata',
    'pipelines?page_size=100'
  );
  const { pipeline_id } = pipelines.find(item => item.display_name === 'fraud-train')!;
  await execute(page, 'kubeflow-pipelines:open-pipeline', {
    pipelineId: pipeline_id,
    name: 'fraud-train'
  });
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('treeitem').first()).toBeVisible();
  await shoot(page, 'pipeline-detail-graph', detail);
  await detail.getByRole('tab', { name: 'Parameters' }).click();
  await shoot(page, 'pipeline-detail-parameters', detail);
  await detail.getByRole('tab', { name: 'YAML' }).click();
  await expect(detail.getByRole('textbox', { name: /^YAML of/ })).toContainText('components');
  await shoot(page, 'pipeline-detail-yaml', detail);
});

/** Opens the dialog of *Run as pipeline…* on a notebook in the file browser. */
async function runAsPipeline(page: IJupyterLabPageFixture, name: string, menu = false) {
  await page.filebrowser.refresh();
  await page
    .getByRole('listitem', { name: new RegExp(`Name: ${name}`) })
    .click({ button: 'right' });
  const item = page.getByRole('menuitem', { name: 'Run as pipeline…' });
  await item.hover();
  if (menu) {
    await page.screenshot({
      path: '../docs/screenshots/notebook-menu-light.png',
      clip: { x: 0, y: 0, width: 800, height: 800 }
    });
  }
  await item.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  return dialog;
}

test('notebook', async ({ page, tmpPath }) => {
  copyExample('galata', tmpPath, 'digits.ipynb');
  writeNotebook(
    'galata',
    `${tmpPath}/computed.ipynb`,
    ['import os\nlr = os.getpid()', 'print(lr)'],
    { 0: ['parameters'] }
  );
  const refusal = await runAsPipeline(page, 'computed.ipynb');
  await expect(refusal).toContainText('Cell 1, line 1');
  await shoot(page, 'dialog-refusal', page.locator('.jp-Dialog-content'));
  await page.keyboard.press('Escape');

  const dialog = await runAsPipeline(page, 'digits.ipynb', true);
  await dialog.getByRole('textbox', { name: 'Run name' }).fill(DIGITS);
  await shoot(page, 'dialog-submit', page.locator('.jp-Dialog-content'), {
    themes: ['light', 'dark', 'high-contrast']
  });
  await dialog.getByRole('textbox', { name: 'C number' }).fill('much');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(dialog).toContainText('must be a number');
  await shoot(page, 'dialog-field-error', page.locator('.jp-Dialog-content'));
  await dialog.getByRole('textbox', { name: 'C number' }).fill('2.5');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();

  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.locator('header')).toContainText('Succeeded after', { timeout: 60_000 });
  const toast = page.locator('.Toastify__toast').filter({ hasText: 'Succeeded' });
  await expect(toast).toBeVisible({ timeout: 30_000 });
  // The pointer on it keeps it; the picture waits until it has slid in.
  await toast.hover();
  await expect(toast).toBeInViewport({ ratio: 1 });
  await shoot(page, 'notification', toast);
  await page.sidebar.close('left');
  await detail.getByRole('treeitem', { name: /^digits/ }).click();
  await expect(detail.getByRole('log')).toContainText('All cells ran.');
  await shoot(page, 'run-detail-task', detail);
  await detail.getByRole('tab', { name: 'Logs' }).click();
  await expect(detail.getByRole('log')).toContainText('All cells ran.');
  await shoot(page, 'run-detail-logs', detail);
  await detail.getByRole('tab', { name: 'Inputs and outputs' }).click();
  await shoot(page, 'run-detail-metrics', detail);
  await detail.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Open executed notebook' }).click();
  await expect(page.locator('.jp-RenderedImage img').first()).toBeVisible();
  await shoot(page, 'executed-notebook');

  await page.sidebar.close('left');
  await page.notebook.createNew('display.ipynb');
  await page.notebook.setCell(
    0,
    'code',
    `from jupyterlab_kubeflow import sdk\nsdk.display("${runs[RUN]}")`
  );
  await page.notebook.runCell(0);
  await expect(page.locator('.jp-OutputArea-output').getByRole('treeitem').first()).toBeVisible();
  await shoot(page, 'notebook-graph', page.locator('.jp-NotebookPanel').filter({ visible: true }), {
    height: 520
  });
});

test('status bar', async ({ page }) => {
  await page.locator('.jp-Kubeflow-ConnectionStatus').click();
  await expect(page.locator('.jp-Kubeflow-Switcher')).toBeVisible();
  const { width, height } = page.viewportSize()!;
  for (const theme of ['light', 'dark'] as const) {
    await page.theme.setTheme(theme === 'light' ? 'JupyterLab Light' : 'JupyterLab Dark');
    await page.screenshot({
      path: `../docs/screenshots/connection-${theme}.png`,
      clip: { x: 0, y: height - 300, width: width / 2, height: 300 }
    });
  }
});

test('hero', async ({ page, tmpPath }) => {
  copyExample('galata', tmpPath, 'digits.ipynb');
  cli(
    'galata',
    'submit',
    `${folders('galata').notebooks}/${tmpPath}/digits.ipynb`,
    '--wait',
    '--name',
    'digits'
  );
  await openPanel(page, 290);
  const detail = await openRun(page, runs[RUN]!, RUN);
  await detail.getByRole('treeitem', { name: /^train/ }).click();
  await detail.getByRole('complementary').getByRole('tab', { name: 'Inputs and outputs' }).click();
  await expect(detail.getByRole('complementary').getByText('accuracy').first()).toBeVisible();
  await shoot(page, 'hero', undefined, { themes: ['light'], file: 'hero.png' });
});

test('recurring', async ({ page }) => {
  const { pipelines } = await kfp<{ pipelines: { pipeline_id: string; display_name: string }[] }>(
    'galata',
    'pipelines?page_size=100'
  );
  const pipeline = (name: string) => ({
    pipeline_id: pipelines.find(item => item.display_name === name)!.pipeline_id
  });
  const create = (display_name: string, of: string, trigger: unknown, mode = 'ENABLE') =>
    kfp<{ recurring_run_id: string }>('galata', 'recurringruns', {
      display_name,
      pipeline_version_reference: pipeline(of),
      trigger,
      max_concurrency: '2',
      mode
    });
  const hours = (count: number) => new Date(Date.now() - count * 3_600_000).toISOString();
  await create(
    'etl-nightly',
    'etl-nightly',
    { cron_schedule: { cron: '0 30 2 * * *' } },
    'DISABLE'
  );
  await create('fraud-train-weekly', 'fraud-train', { cron_schedule: { cron: '0 0 6 * * 1' } });
  const { recurring_run_id: id } = await create('smoke-test-hourly', 'smoke-test', {
    periodic_schedule: { interval_second: '3600', start_time: hours(4.4) }
  });
  await expect
    .poll(
      async () => {
        const { runs: all } = await kfp<{
          runs: { recurring_run_id?: string; state: string }[];
        }>('galata', 'runs?page_size=100');
        return all.filter(run => run.recurring_run_id === id && run.state === 'SUCCEEDED').length;
      },
      { timeout: 120_000 }
    )
    .toBe(4);

  const panel = await openPanel(page);
  await panel.getByRole('tab', { name: 'Recurring' }).click();
  const row = panel.getByRole('row', { name: /^smoke-test-hourly/ });
  await expect(row.getByLabel('Succeeded')).toBeVisible();
  await page.mouse.move(800, 700);
  await shoot(page, 'panel-recurring', leftSide(page), {
    height: 360,
    themes: ['light', 'dark', 'high-contrast']
  });
  for (const width of [240, 560]) {
    await page.sidebar.setWidth(width, 'left');
    await shoot(page, `panel-recurring-${width}`, leftSide(page), { height: 360 });
  }
  await page.sidebar.setWidth(300, 'left');
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Show its runs' }).click();
  await expect(panel.getByRole('row').first()).toBeVisible();
  await page.mouse.move(800, 700);
  await shoot(page, 'panel-runs-of', leftSide(page), { height: 360 });
  await panel.getByRole('button', { name: 'Show all runs' }).click();

  await page.sidebar.close('left');
  await execute(page, 'kubeflow-pipelines:open-recurring-run', { recurringRunId: id });
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('button', { name: /smoke-test-hourly/ }).first()).toBeVisible();
  await shoot(page, 'recurring-detail', detail);

  await execute(page, 'kubeflow-pipelines:schedule-pipeline', {
    pipelineId: pipeline('fraud-train').pipeline_id,
    name: 'fraud-train'
  });
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Every' }).fill('6');
  await dialog.getByRole('combobox', { name: 'Unit' }).selectOption('hours');
  await shoot(page, 'dialog-schedule', page.locator('.jp-Dialog-content'), {
    themes: ['light', 'dark', 'high-contrast']
  });
  await dialog.getByRole('combobox', { name: 'Runs start' }).selectOption('cron');
  await dialog.getByRole('textbox', { name: 'Cron expression' }).fill('0 0 25 * * *');
  await dialog.getByRole('button', { name: 'Schedule' }).click();
  await expect(dialog).toContainText('The hour cannot be “25”');
  await shoot(page, 'dialog-schedule-error', page.locator('.jp-Dialog-content'));
  await page.keyboard.press('Escape');
});
