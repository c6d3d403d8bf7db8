import { expect, galata, test } from '@jupyterlab/galata';

import {
  checkpoints,
  openJob,
  openPanel,
  processesOf,
  removeTrainJobs,
  trainDigits
} from './trainer';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.afterEach(() => removeTrainJobs('galata'));

const reached = (name: string) => checkpoints('galata', name).at(-1) ?? 0;

test('a training on two nodes is suspended, goes on from its last checkpoint, and is deleted', async ({
  page
}) => {
  const name = 'digits-kept';
  await trainDigits('galata', name, 100_000);
  const panel = await openPanel(page);
  await expect(panel.getByRole('row', { name: `${name}, Running` })).toBeVisible();
  const detail = await openJob(page, name, 'logs');
  const log = detail.getByRole('log');
  await expect(log).toContainText('epoch 3 of 100000');
  await expect(detail.locator('header')).toContainText('on 2 of 2 nodes');

  await test.step('suspend', async () => {
    await detail.getByRole('button', { name: 'Suspend…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('goes on from the last checkpoint');
    await dialog.getByRole('button', { name: 'Suspend training job' }).click();
    await expect(detail.locator('header')).toContainText('Suspended');
    await expect(panel.getByRole('row', { name: `${name}, Suspended` })).toBeVisible();
    await expect.poll(() => processesOf(`${name}-checkpoints`)).toEqual([]);
  });
  const before = reached(name);
  expect(before).toBeGreaterThan(0);

  await test.step('resume', async () => {
    await detail.getByRole('button', { name: 'Resume' }).click();
    await expect(detail.locator('header')).toContainText('on 2 of 2 nodes');
    await expect(log).toContainText(/epoch \d+ of 100000/);
    await log.evaluate(node => node.scrollTo(0, 0));
    await expect(log).toContainText(`node 0: goes on after epoch ${before}`);
    await expect(log).toContainText(`epoch ${before + 1} of 100000`);
    await expect(log).toContainText('node 1: goes on after epoch');
  });

  await test.step('delete ends every process and closes the tab', async () => {
    expect(processesOf(`${name}-checkpoints`).length).toBeGreaterThanOrEqual(2);
    await panel.getByRole('row', { name: new RegExp(`^${name}`) }).click();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText(name);
    await expect(dialog).toContainText('Volume claims with checkpoints stay.');
    await dialog.getByRole('button', { name: /^Delete/ }).click();
    await expect(panel.getByRole('row')).toHaveCount(0);
    await expect.poll(() => processesOf(`${name}-checkpoints`)).toEqual([]);
    await expect(detail).toBeHidden();
    expect(reached(name)).toBeGreaterThanOrEqual(before);
  });
});
