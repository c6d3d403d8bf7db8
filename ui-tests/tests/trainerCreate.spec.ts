import { expect, galata, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import { execute } from './commands';
import { copyExample } from './support';
import {
  createClaim,
  detailOf,
  openPanel,
  removeTrainJobs,
  trainDigits,
  trainJob
} from './trainer';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.afterEach(() => removeTrainJobs('galata'));

/** The form, which is in front. */
async function formOf(page: IJupyterLabPageFixture) {
  const form = page.locator('.jp-Kubeflow-Create').filter({ visible: true });
  await expect(form.getByRole('heading', { name: 'New training job in' })).toBeVisible();
  return form;
}

test('a Python file trains on two nodes, from the right-click to the metrics', async ({
  page,
  tmpPath
}) => {
  copyExample('galata', tmpPath, 'train_digits.py');
  await createClaim('galata', 'digits');
  await page.filebrowser.refresh();
  await page.getByRole('listitem', { name: /Name: train_digits.py/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Train…' }).click();
  const form = await formOf(page);

  await test.step('the form fills the YAML, and the server checks it', async () => {
    await form.getByRole('textbox', { name: 'Name' }).fill('digits-by-form');
    await form.getByRole('radio', { name: /^python-distributed/ }).check();
    await form.getByRole('textbox', { name: 'Nodes', exact: true }).fill('two');
    for (const argument of ['--checkpoints=/checkpoints', '--nodes=2', '--epochs=80']) {
      await form.getByRole('button', { name: 'Add an argument' }).click();
      await form
        .getByRole('textbox', { name: /^Argument/ })
        .last()
        .fill(argument);
    }
    await form.getByText('Data, model and checkpoints').click();
    await form.getByRole('combobox', { name: 'Volume claim for checkpoints' }).fill('digits');
    await form.getByRole('textbox', { name: 'Mounted at' }).fill('/checkpoints');
    await expect(form.getByRole('textbox', { name: 'YAML of' })).toContainText('digits-by-form');
    await form.getByRole('button', { name: 'Check', exact: true }).click();
    const nodes = form.getByRole('textbox', { name: 'Nodes', exact: true });
    await expect(nodes).toHaveAttribute('aria-invalid', 'true');
    await nodes.fill('2');
    await form.getByRole('button', { name: 'Check', exact: true }).click();
    await expect(form.getByText('The server accepts this.')).toBeVisible();
    await form.getByRole('button', { name: 'Create', exact: true }).click();
  });

  const detail = await detailOf(page, 'digits-by-form');
  const panel = await openPanel(page);
  const row = (state: string) => panel.getByRole('row', { name: `digits-by-form, ${state}` });

  await test.step('the list and the tab tell how far it is', async () => {
    await expect(row('Running')).toContainText('%', { timeout: 60_000 });
    await expect(row('Running')).toContainText('2/2');
    await expect(detail.getByRole('progressbar', { name: 'Progress' })).toBeVisible();
  });
  await test.step('graph', async () => {
    await detail.getByRole('tab', { name: 'Graph' }).click();
    await expect(detail.getByRole('treeitem', { name: /^node ×2, group/ })).toBeVisible();
    await expect(detail.getByRole('treeitem', { name: /^node [01], task/ })).toHaveCount(2);
  });
  await test.step('the end', async () => {
    await expect(detail.locator('header')).toContainText('Succeeded after', { timeout: 60_000 });
    await expect(row('Succeeded')).toBeVisible();
    await expect(detail.getByRole('treeitem', { name: /^node 1, task, Succeeded/ })).toBeVisible();
  });
  await test.step('the logs of all nodes merged, and of one', async () => {
    await detail.getByRole('tab', { name: 'Logs' }).click();
    const log = detail.getByRole('log');
    await expect(log).toContainText('node 0: has trained 80 epochs');
    await expect(log).toContainText('node 1: has trained 80 epochs');
    const pods = detail.getByRole('combobox', { name: 'Pod' });
    await pods.selectOption(await pods.getByRole('option').last().innerText());
    await expect(log).toHaveText(/^\s*node 1: has trained 80 epochs\s*$/);
  });
  await test.step('metrics over time and over epochs', async () => {
    await detail.getByRole('tab', { name: 'Progress' }).click();
    const loss = detail.getByRole('figure', { name: 'loss' });
    await expect(loss.getByRole('img', { name: /^loss, line chart over time/ })).toBeVisible();
    await detail.getByRole('combobox', { name: 'Over' }).selectOption('epoch');
    await expect(loss.getByRole('img', { name: /over epoch from 1 to 80/ })).toBeVisible();
    await loss.getByRole('switch', { name: 'View as table' }).check();
    await expect(loss.getByRole('row').nth(2)).toBeVisible();
    const latest = detail.getByRole('table', { name: 'Latest values' });
    await expect(latest.getByRole('row', { name: /^accuracy 0\.9/ })).toBeVisible();
  });
});

test('a job is cloned with more nodes', async ({ page }) => {
  await trainDigits('galata', 'digits-two', 0);
  await execute(page, 'kubeflow-trainer:clone-job', { name: 'digits-two' });
  const form = await formOf(page);
  const nodes = form.getByRole('textbox', { name: 'Nodes', exact: true });
  await expect(nodes).toHaveValue('2');
  await nodes.fill('3');
  await form.getByRole('textbox', { name: 'Name' }).fill('digits-three');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await detailOf(page, 'digits-three');
  const { spec } = await trainJob('galata', 'digits-three');
  const { args, numNodes } = (await trainJob('galata', 'digits-two')).spec.trainer!;
  expect([numNodes, spec.trainer?.numNodes]).toEqual([2, 3]);
  expect(spec.trainer?.args).toEqual(args);
});
