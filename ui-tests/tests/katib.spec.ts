import { expect, galata, test } from '@jupyterlab/galata';

import { violations } from './axe';
import {
  brush,
  createExperiment,
  detailOf,
  formOf,
  openExperiment,
  openPanel,
  removeExperiments
} from './katib';
import { copyExample } from './support';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.afterEach(() => removeExperiments('galata'));

/** Trials that import scikit-learn take their time on a busy machine. */
const TRIALS = { timeout: 240_000 };

test('a Python file is tuned through the wizard, looked into, given more trials and deleted', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(600_000);
  const name = 'digits-by-wizard';
  copyExample('galata', tmpPath, 'tune_digits.py');
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'New tuning experiment…' }).click();
  const form = await formOf(page);

  await test.step('the wizard reads the file, and the server checks the experiment', async () => {
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await form.getByRole('combobox', { name: 'What to tune' }).selectOption('A Python file');
    const path = form.getByRole('textbox', { name: 'Python file' });
    await path.fill(`${tmpPath}/tune_digits.py`);
    await path.press('Enter');
    await expect(form.getByRole('checkbox', { name: /^rate/ })).toBeChecked();
    await expect(form.getByRole('textbox', { name: 'solver: choices' })).toHaveValue('adam, sgd');
    await form.getByRole('checkbox', { name: /^decay/ }).uncheck();
    await expect(form.getByRole('checkbox', { name: /^epochs/ })).not.toBeChecked();
    await expect(form.getByRole('combobox', { name: 'Metric', exact: true })).toHaveValue(
      'accuracy'
    );
    await form.getByRole('textbox', { name: 'Trials', exact: true }).fill('four');
    await form
      .getByRole('combobox', { name: 'With more trials later' })
      .selectOption('LongRunning');
    await form.getByRole('radio', { name: /^python-distributed/ }).check();
    await form.getByRole('button', { name: 'Check', exact: true }).click();
    const trials = form.getByRole('textbox', { name: 'Trials', exact: true });
    await expect(trials).toHaveAttribute('aria-invalid', 'true');
    await trials.fill('4');
    await form.getByRole('button', { name: 'Check', exact: true }).click();
    await expect(form.getByText('The server accepts this.')).toBeVisible();
    await form.getByRole('button', { name: 'Create', exact: true }).click();
  });

  const detail = await detailOf(page, name);
  const grid = detail.getByRole('grid', { name: 'Trials' });
  const done = grid.getByRole('row', { name: /, Succeeded(,|$)/ });

  await test.step('trials come and end', async () => {
    await expect(panel.getByRole('row', { name: `${name}, Running` })).toBeVisible();
    await detail.getByRole('tab', { name: 'Trials', exact: true }).click();
    await expect(grid.getByRole('row', { name: /, Running$/ }).first()).toBeVisible();
    await expect(done).toHaveCount(4, TRIALS);
    await expect(detail.locator('header')).toContainText('all 4 trials are done');
    await expect(panel.getByRole('row', { name: `${name}, Succeeded` })).toContainText('4 trials');
  });

  await test.step('the best trial', async () => {
    await detail.getByRole('tab', { name: 'Overview', exact: true }).click();
    await expect(detail).toContainText('accuracy, the higher the better');
    await expect(detail.getByRole('button', { name: /^No\. \d, / })).toBeVisible();
  });

  await test.step('parallel axes', async () => {
    await detail.getByRole('tab', { name: 'Parallel axes' }).click();
    const chart = detail.getByRole('figure', { name: 'Parameters and accuracy' });
    const lines = chart.getByRole('img', { name: /^Parallel coordinates of 4 trials/ });
    await expect(lines).toBeVisible();
    await detail.getByRole('tab', { name: 'Trials', exact: true }).click();
  });

  await test.step('a trial: its curve and its log', async () => {
    const trial = (await done.first().getAttribute('aria-label'))!.replace(/, .*/, '');
    await done.first().dblclick();
    const opened = await detailOf(page, trial);
    await expect(opened.locator('header')).toContainText('accuracy 0.');
    await opened.getByRole('tab', { name: 'Curves' }).click();
    const curve = opened.getByRole('figure', { name: 'accuracy' });
    await expect(curve.getByRole('img', { name: /^accuracy, line chart/ })).toBeVisible();
    await opened.getByRole('tab', { name: 'Logs' }).click();
    await expect(opened.getByRole('log')).toContainText('epoch 15: accuracy=');
  });

  await test.step('more trials resume it', async () => {
    await openExperiment(page, name);
    await detail.getByRole('button', { name: 'Edit budget and resume…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Trials in all' }).fill('3');
    await dialog.getByRole('button', { name: 'Resume experiment' }).click();
    await expect(dialog.locator('[aria-invalid="true"]')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Trials in all' }).fill('5');
    await dialog.getByRole('button', { name: 'Resume experiment' }).click();
    await expect(dialog).toBeHidden();
    await expect(done).toHaveCount(5, TRIALS);
    await expect(detail.locator('header')).toContainText('all 5 trials are done');
  });

  await test.step('delete closes the tab', async () => {
    await panel.getByRole('row', { name: new RegExp(`^${name}`) }).click();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('What the trials have found goes with them');
    await dialog.getByRole('button', { name: /^Delete/ }).click();
    await expect(panel.getByRole('row')).toHaveCount(0);
    await expect(page.getByRole('tab', { name, exact: true })).toHaveCount(0);
  });
});

test('a range dragged on an axis chooses trials, in the table and the curves too', async ({
  page
}) => {
  const name = 'one-to-six';
  await createExperiment('galata', name);
  const detail = await openExperiment(page, name, 'parallel');
  await expect(detail.locator('header')).toContainText('all 6 trials are done', {
    timeout: 60_000
  });
  const chart = detail.getByRole('figure', { name: 'Parameters and score' });
  await expect(chart.getByRole('img', { name: /^Parallel coordinates of 6 trials/ })).toBeVisible();
  // From below 4 to above 6.
  await brush(page, chart, 'x', 0.45, -0.02);
  await expect(detail.getByText('3 of 6 trials chosen.')).toBeVisible();
  await detail.getByRole('tab', { name: 'Trials', exact: true }).click();
  const grid = detail.getByRole('grid', { name: 'Trials' });
  const trials = grid.getByRole('row', { name: /, Succeeded(,|$)/ });
  await expect(detail.getByText('6 trials, 3 chosen')).toBeVisible();
  await detail.getByRole('combobox', { name: 'State' }).selectOption('Chosen');
  await expect(trials).toHaveCount(3);
  await grid.getByRole('button', { name: 'x', exact: true }).click();
  const heads = await grid.getByRole('columnheader').allTextContents();
  const column = heads.findIndex(head => head.startsWith('x'));
  for (const [index, x] of ['4', '5', '6'].entries()) {
    await expect(trials.nth(index).getByRole('gridcell').nth(column)).toHaveText(x);
  }
  await detail.getByRole('tab', { name: 'Curves' }).click();
  const curves = detail.getByRole('figure', { name: 'score' });
  await expect(curves.getByRole('group', { name: 'Lines' }).getByRole('button')).toHaveCount(3);

  await detail.getByRole('tab', { name: 'Parallel axes' }).click();
  await detail.getByRole('button', { name: 'Clear selection' }).click();
  await detail.getByRole('tab', { name: 'Trials', exact: true }).click();
  await detail.getByRole('combobox', { name: 'State' }).selectOption('All');
  await expect(trials).toHaveCount(6);
  await expect(grid.locator('[aria-selected="true"]')).toHaveCount(0);
});

test('Tune… on a notebook: its parameters are the space, its metrics the objective', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(600_000);
  copyExample('galata', tmpPath, 'digits.ipynb');
  await page.filebrowser.refresh();
  await page.getByRole('listitem', { name: /Name: digits.ipynb/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Tune…' }).click();
  const form = await formOf(page);
  await expect(form.getByRole('checkbox', { name: /^gamma/ })).toBeChecked();
  await expect(form.getByRole('checkbox', { name: /^seed/ })).not.toBeChecked();
  await form.getByRole('checkbox', { name: /^test_size/ }).uncheck();
  await expect(form.getByRole('combobox', { name: 'Metric', exact: true })).toHaveValue('accuracy');
  await expect(form.getByRole('textbox', { name: 'Other metrics to keep' })).toHaveValue(
    'f1_macro, support_vectors'
  );
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('digits-notebook');
  await form.getByRole('textbox', { name: 'Trials', exact: true }).fill('3');
  await form.getByRole('radio', { name: /^python-distributed/ }).check();
  await form.getByRole('button', { name: 'Create', exact: true }).click();

  const detail = await detailOf(page, 'digits-notebook');
  await expect(detail.locator('header')).toContainText('all 3 trials are done', TRIALS);
  const best = detail.getByRole('table', { name: 'Parameters' });
  await expect(best.getByRole('row', { name: /^C / })).toBeVisible();
  await expect(best.getByRole('row', { name: /^gamma / })).toBeVisible();
  await expect(
    detail.getByRole('table', { name: 'Other metrics' }).getByRole('row', { name: /^f1_macro 0\./ })
  ).toBeVisible();
  await detail.getByRole('button', { name: 'Train with these…' }).click();
  const training = page.locator('.jp-Kubeflow-Create').filter({ visible: true });
  await expect(training.getByRole('heading', { name: 'New training job in' })).toBeVisible();
  const given = training.getByRole('textbox', { name: /^Argument/ });
  await expect(given.nth(0)).toHaveValue(/^--C=\d/);
  await expect(given.nth(1)).toHaveValue(/^--gamma=\d/);
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`panel, form, tabs and dialog of tuning experiments are accessible in ${theme}`, async ({
    page
  }) => {
    test.setTimeout(300_000);
    const name = 'looked-at';
    await createExperiment('galata', name);
    await page.theme.setTheme(theme);
    const panel = await openPanel(page);
    const row = panel.getByRole('row', { name: `${name}, Succeeded` });
    await expect(row).toBeVisible({ timeout: 60_000 });
    expect(await violations(page, '#kubeflow-katib-panel')).toEqual([]);
    await row.click();
    await expect(row).toHaveAttribute('aria-selected', 'true');
    expect(await violations(page, '#kubeflow-katib-panel')).toEqual([]);

    const detail = await openExperiment(page, name);
    for (const [tab, ready] of [
      ['Overview', () => detail.getByRole('button', { name: 'Train with these…' })],
      ['Parallel axes', () => detail.getByRole('img', { name: /^Parallel coordinates/ })],
      ['Objective', () => detail.getByRole('img', { name: /over 6 trials/ })],
      ['Curves', () => detail.getByRole('img', { name: /^score, line chart/ })],
      ['Trials', () => detail.getByRole('row', { name: /, Succeeded(,|$)/ }).first()],
      ['Suggestion', () => detail.getByRole('heading').first()],
      ['Events', () => detail.getByRole('listitem').first()],
      ['YAML', () => detail.getByRole('textbox', { name: `YAML of ${name}` })]
    ] as const) {
      await test.step(tab, async () => {
        await detail.getByRole('tab', { name: tab, exact: true }).click();
        await expect(ready()).toBeVisible();
        await page.mouse.move(640, 790);
        expect(await violations(page, '.jp-Kubeflow-detail')).toEqual([]);
      });
    }
    await test.step('budget', async () => {
      await detail.getByRole('button', { name: 'Edit budget and resume…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox', { name: 'Trials in all' }).fill('2');
      await dialog.getByRole('button', { name: 'Resume experiment' }).click();
      await expect(dialog.locator('[aria-invalid="true"]')).toBeVisible();
      expect(await violations(page, '.jp-Kubeflow-Form')).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
    });
    await test.step('trial', async () => {
      await detail.getByRole('tab', { name: 'Overview', exact: true }).click();
      const link = detail.getByRole('button', { name: /^No\. \d, / });
      const trial = (await link.innerText()).replace(/.*, /, '');
      await link.click();
      const opened = await detailOf(page, trial);
      expect(await violations(page, '.jp-Kubeflow-detail')).toEqual([]);
      await opened.getByRole('tab', { name: 'Logs' }).click();
      await expect(opened.getByRole('log')).toContainText('score=');
      expect(await violations(page, '.jp-Kubeflow-detail')).toEqual([]);
    });
    await test.step('form with errors', async () => {
      await panel.getByRole('button', { name: 'New tuning experiment…' }).click();
      const form = await formOf(page);
      await form.getByRole('button', { name: 'Check', exact: true }).click();
      await expect(form.locator('[aria-invalid="true"]').first()).toBeVisible();
      expect(await violations(page, '.jp-Kubeflow-Create')).toEqual([]);
    });
  });
}
