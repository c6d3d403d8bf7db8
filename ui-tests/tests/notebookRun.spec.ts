import { expect, galata, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import { kfp, copyExample, writeNotebook } from './support';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

/** Opens the submit dialog of a notebook through the file browser's context menu. */
async function runAsPipeline(page: IJupyterLabPageFixture, name: string) {
  await page.filebrowser.refresh();
  await page
    .getByRole('listitem', { name: new RegExp(`Name: ${name}`) })
    .click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Run as pipeline…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  return dialog;
}

test('a notebook runs as a pipeline, from the right-click to the graph in a cell', async ({
  page,
  tmpPath
}) => {
  copyExample('galata', tmpPath, 'digits.ipynb');
  const dialog = await runAsPipeline(page, 'digits.ipynb');

  await test.step('the dialog shows the parameters and names the one that is wrong', async () => {
    for (const [name, value] of [
      ['gamma number', '0.001'],
      ['kernel text', 'rbf'],
      ['test_size number', '0.25'],
      ['seed whole number', '0']
    ] as const) {
      await expect(dialog.getByRole('textbox', { name })).toHaveValue(value);
    }
    await dialog.getByRole('textbox', { name: 'C number' }).fill('much');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(dialog).toContainText('Parameter C must be a number, for example');
    await dialog.getByRole('textbox', { name: 'C number' }).fill('2.5');
    await dialog.getByRole('textbox', { name: 'Run name' }).fill('digits-in-the-browser');
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
  });

  const detail = page.locator('.jp-Kubeflow-detail');
  await test.step('the detail shows the graph with states, and the log as it is written', async () => {
    await expect(detail.getByRole('heading', { name: 'digits-in-the-browser' })).toBeVisible();
    await expect(
      detail.getByRole('treeitem', { name: /^digits, task, (Pending|Running|Succeeded)/ })
    ).toBeVisible();
    await detail.getByRole('tab', { name: 'Logs' }).click();
    await expect(detail.getByRole('log')).toContainText('images to train on');
    await expect(detail.locator('header')).toContainText('Succeeded after', { timeout: 60_000 });
    await expect(detail.getByRole('log')).toContainText('All cells ran.');
  });

  await test.step('inputs, metrics and artifacts are there', async () => {
    await detail.getByRole('tab', { name: 'Inputs and outputs' }).click();
    await expect(detail.getByRole('row', { name: /^C 2\.5/ })).toBeVisible();
    await expect(detail.getByRole('row', { name: /accuracy 0\.99/ })).toBeVisible();
  });

  await test.step('the panel lists the run', async () => {
    await page.getByRole('tab', { name: 'Pipelines', exact: true }).first().click();
    const panel = page.getByRole('region', { name: 'Pipelines' }).first();
    await expect(
      panel.getByRole('row', { name: 'digits-in-the-browser, Succeeded' })
    ).toBeVisible();
    await expect(panel).toContainText('updated live');
  });

  const { runs } = await kfp<{ runs: { run_id: string; display_name: string }[] }>(
    'galata',
    'runs?sort_by=created_at%20desc'
  );
  const run = runs.find(item => item.display_name === 'digits-in-the-browser')!;

  await test.step('a cell that displays the run draws the same graph', async () => {
    await page.notebook.createNew('display.ipynb');
    await page.notebook.setCell(
      0,
      'code',
      `from jupyterlab_kubeflow import sdk\nsdk.display("${run.run_id}")`
    );
    await page.notebook.runCell(0);
    const output = page
      .locator('.jp-OutputArea-output')
      .getByRole('treeitem', { name: /^digits, task, Succeeded/ });
    await expect(output).toBeVisible();
  });

  await test.step('the executed notebook opens with its outputs', async () => {
    await page.getByRole('tab', { name: /digits-in-the-browser/ }).click();
    await detail.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Open executed notebook' }).click();
    await expect(page.getByText('1347 images to train on, 450 to test on').first()).toBeVisible();
    await expect(page.locator('.jp-RenderedImage img').first()).toBeVisible();
  });
});

test('a failing cell names itself in the run', async ({ page, tmpPath }) => {
  writeNotebook('galata', `${tmpPath}/broken.ipynb`, [
    'x = 1',
    'y = x +\\\n  1\nraise ValueError("no data for May")'
  ]);
  const dialog = await runAsPipeline(page, 'broken.ipynb');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  const detail = page.locator('.jp-Kubeflow-detail');
  await expect(detail.locator('header')).toContainText('Failed in', { timeout: 60_000 });
  await detail.getByRole('tab', { name: 'Logs' }).click();
  await expect(detail.getByRole('log')).toContainText(
    'Cell 2, line 3: ValueError: no data for May'
  );
});

test('a notebook that cannot run is refused with the reason', async ({ page, tmpPath }) => {
  writeNotebook(
    'galata',
    `${tmpPath}/computed.ipynb`,
    ['import os\nlr = os.getpid()', 'print(lr)'],
    {
      0: ['parameters']
    }
  );
  await page.filebrowser.refresh();
  await page.getByRole('listitem', { name: /Name: computed.ipynb/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Run as pipeline…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Cell 1, line 1');
  await expect(dialog).toContainText('Keep only name = value lines in this cell');
});

test('a run can be terminated and deleted', async ({ page, tmpPath }) => {
  writeNotebook('galata', `${tmpPath}/endless.ipynb`, [
    'import time\nwhile True:\n    print("still here", flush=True)\n    time.sleep(0.2)'
  ]);
  const dialog = await runAsPipeline(page, 'endless.ipynb');
  await dialog.getByRole('textbox', { name: 'Run name' }).fill('endless-run');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  const detail = page.locator('.jp-Kubeflow-detail');
  await detail.getByRole('tab', { name: 'Logs' }).click();
  await expect(detail.getByRole('log')).toContainText('still here');
  await detail.getByRole('button', { name: 'Terminate run…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Terminate run' }).click();
  await expect(detail.locator('header')).toContainText('Cancelled after');
  await detail.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete run…' }).click();
  await expect(page.getByRole('dialog')).toContainText('endless-run');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete run' }).click();
  await expect(detail).toBeHidden();
  const { runs } = await kfp<{ runs?: { display_name: string }[] }>('galata', 'runs');
  expect((runs ?? []).map(run => run.display_name)).not.toContain('endless-run');
});
