import { execFileSync } from 'child_process';
import * as path from 'path';

import { expect, galata, test } from '@jupyterlab/galata';

import { folders } from '../servers';
import { violations } from './axe';
import { openPanel } from './registry';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

/** Trains a classifier on the digits that come with scikit-learn and saves it as a pickle, which a registry has to warn of. */
function writeModel(folder: string): void {
  const file = path.join(folders('galata').notebooks, folder, 'digits.joblib');
  const code = [
    'import joblib, sys',
    'from sklearn.datasets import load_digits',
    'from sklearn.tree import DecisionTreeClassifier',
    'joblib.dump(DecisionTreeClassifier(max_depth=3).fit(*load_digits(return_X_y=True)), sys.argv[1])'
  ].join('\n');
  execFileSync('python', ['-c', code, file]);
}

test('a file becomes a model: registered, described, labelled, put aside and taken back', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(180_000);
  const name = `digits ${tmpPath}`;
  writeModel(tmpPath);
  const panel = await openPanel(page);

  await test.step('the form tells what the file holds, and that loading it runs code', async () => {
    await page.sidebar.openTab('filebrowser');
    await page.filebrowser.refresh();
    await page.getByRole('listitem', { name: /Name: digits.joblib/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Register model…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('combobox', { name: 'Format', exact: true })).toHaveValue(
      'sklearn'
    );
    await expect(dialog.getByRole('textbox', { name: 'Storage URI' })).toHaveValue(
      /^file:\/\/\/.*digits\.joblib$/
    );
    await expect(dialog.getByRole('row', { name: /^SHA-256 [0-9a-f]{64}/ })).toBeVisible();
    await expect(dialog.getByRole('alert')).toContainText('code');
    expect(await violations(page, '.jp-Dialog')).toEqual([]);
    const version = dialog.getByRole('textbox', { name: 'Version', exact: true });
    await expect(version).toHaveValue('v1');
    await dialog.getByRole('combobox', { name: 'Model', exact: true }).fill('');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await expect(dialog.getByText('Give the model a name, for example digits.')).toBeVisible();
    await dialog.getByRole('combobox', { name: 'Model', exact: true }).fill(name);
    await dialog.getByRole('button', { name: 'Register' }).click();
  });

  const detail = page.locator('.jp-Kubeflow-detail:visible');
  await test.step('the version tells its files', async () => {
    await expect(detail.getByRole('heading', { name: `${name} v1`, level: 1 })).toBeVisible();
    await expect(detail.getByRole('row', { name: /^Format sklearn/ })).toBeVisible();
    await expect(detail.getByRole('row', { name: /^sha256 [0-9a-f]{64}/ })).toBeVisible();
    expect(await violations(page, '.jp-Kubeflow-detail')).toEqual([]);
  });

  await test.step('a second version is proposed and compared with the first', async () => {
    await detail.getByRole('button', { name: 'All versions' }).click();
    await detail.getByRole('button', { name: 'Register version…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('textbox', { name: 'Version', exact: true })).toHaveValue('v2');
    await dialog.getByRole('textbox', { name: 'Storage URI' }).fill('minio://models/digits');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await expect(dialog.getByText(/KServe reads no minio/)).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Storage URI' }).fill('s3://models/digits');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await detail.getByRole('button', { name: 'All versions' }).click();
    const grid = detail.getByRole('grid', { name: 'Versions' });
    await grid.getByRole('row', { name: 'v1' }).click();
    await grid.getByRole('row', { name: 'v2' }).click({ modifiers: ['Control'] });
    await detail.getByRole('button', { name: 'Compare 2' }).click();
    const table = detail.getByRole('group', { name: 'Comparison of versions' });
    await expect(table.getByRole('row', { name: /Storage URI/ })).toContainText(
      's3://models/digits'
    );
  });

  await test.step('description and labels are changed in place, and found', async () => {
    await detail.getByRole('tab', { name: 'Overview' }).click();
    await detail.getByRole('button', { name: 'Edit description' }).click();
    const text = detail.getByRole('textbox', { name: 'Description, as Markdown' });
    await text.fill('Reads **digits** <script>window.broken = true</script>');
    await text.press('Control+Enter');
    await expect(detail.locator('.jp-Kubeflow-markdown strong')).toHaveText('digits');
    expect(await page.evaluate(() => 'broken' in window)).toBe(false);
    await detail.getByRole('textbox', { name: 'New label' }).fill('vision');
    await detail.getByRole('textbox', { name: 'New label' }).press('Enter');
    await expect(detail.getByRole('button', { name: 'Remove label vision' })).toBeVisible();
    await openPanel(page);
    await panel.getByRole('searchbox').fill('vision');
    await expect(panel.getByRole('row', { name })).toBeVisible();
    expect(await violations(page, '#kubeflow-registry-panel')).toEqual([]);
  });

  await test.step('it is put into the archive after asking, and taken out of it', async () => {
    await panel.getByRole('row', { name }).click();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText(`Archive model “${name}”?`);
    await dialog.getByRole('button', { name: 'Archive model' }).click();
    await expect(panel.getByRole('row', { name })).toHaveCount(0);
    await panel.getByRole('combobox', { name: 'State' }).selectOption('Archived');
    await expect(panel.getByRole('row', { name: `${name}, archived` })).toBeVisible();
    await detail.getByRole('button', { name: 'Restore' }).click();
    await expect(panel.getByRole('row', { name: `${name}, archived` })).toHaveCount(0);
  });

  await test.step('its tab is there again after a reload', async () => {
    // Galata's own reload waits for the launcher.
    await page.evaluate(() => window.location.reload());
    await expect(
      page.locator('.jp-Kubeflow-detail:visible').getByRole('heading', { name, level: 1 })
    ).toBeVisible();
  });
});
