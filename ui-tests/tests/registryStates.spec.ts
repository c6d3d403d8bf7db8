import { expect, galata, test } from '@jupyterlab/galata';

import { createModel, openPanel, registry } from './registry';
import { localKubeflow } from './support';
import { connectTo, connectToLocal, forbidding, forwarder, type IUpstream } from './upstreams';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS }, autoGoto: false });

const services = ['registry'];
let upstream: IUpstream | undefined;

test.afterEach(async () => {
  connectToLocal('galata');
  await upstream?.close();
  upstream = undefined;
});

test('a registry that refuses names whom to ask', async ({ page }) => {
  upstream = await forbidding();
  connectTo('galata', upstream.url, { services });
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="forbidden"]')).toContainText(
    'You may not read models of this registry.'
  );
});

test('a connection without a registry says what to install', async ({ page }) => {
  connectTo('galata', undefined);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="absent"]')).toBeVisible();
});

test('offline keeps the models, and goes on by itself', async ({ page }) => {
  await createModel('galata', 'kept');
  const { token } = localKubeflow('galata');
  upstream = await forwarder('galata');
  connectTo('galata', `${upstream.url}/registry`, { token, services });
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.getByRole('row', { name: 'kept' })).toBeVisible();
  await upstream.close();
  await expect(panel.getByText(/Offline since \d/).first()).toBeVisible({ timeout: 60_000 });
  await expect(panel.getByRole('row', { name: 'kept' })).toBeVisible();
});

test('what somebody else has written meanwhile is not overwritten unasked', async ({ page }) => {
  const { id } = await createModel('galata', 'shared');
  await page.goto();
  const panel = await openPanel(page);
  await panel.getByRole('row', { name: 'shared' }).dblclick();
  const detail = page.locator('.jp-Kubeflow-detail:visible');
  await detail.getByRole('button', { name: 'Edit description' }).click();
  const text = detail.getByRole('textbox', { name: 'Description, as Markdown' });
  await text.fill('mine');
  await registry('galata', 'PATCH', `registered_models/${id}`, { description: 'theirs' });
  await detail.getByRole('button', { name: 'Save description' }).click();
  await expect(detail.getByRole('alert')).toContainText('It reads now: theirs');
  await expect(text).toHaveValue('mine');
  await detail.getByRole('button', { name: 'Save mine' }).click();
  await expect(detail.locator('.jp-Kubeflow-markdown')).toHaveText('mine');
  const model = await registry('galata', 'GET', `registered_models/${id}`);
  expect(model.description).toBe('mine');
});
