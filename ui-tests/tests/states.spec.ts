import { expect, galata, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import { localKubeflow } from './support';
import {
  connectTo,
  connectToLocal,
  forbidding,
  forwarder,
  type IUpstream,
  slow
} from './upstreams';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS }, autoGoto: false });

let upstream: IUpstream | undefined;

test.afterEach(async () => {
  connectToLocal('galata');
  await upstream?.close();
  upstream = undefined;
});

/** The Pipelines panel, opened by command so that it shows whatever the connection has. */
async function openPanel(page: IJupyterLabPageFixture) {
  await page.goto();
  await page.evaluate(() => window.jupyterapp.commands.execute('kubeflow-pipelines:show-panel'));
  return page.getByRole('region', { name: 'Pipelines' }).first();
}

test('loading shows rows in outline', async ({ page }) => {
  upstream = await slow();
  connectTo('galata', upstream.url);
  const panel = await openPanel(page);
  await expect(panel.getByRole('status', { name: 'Loading…' })).toBeVisible();
});

test('forbidden names what may not be done and where', async ({ page }) => {
  upstream = await forbidding();
  connectTo('galata', upstream.url);
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="forbidden"]')).toContainText('team-a');
});

test('a connection without Pipelines says what to install', async ({ page }) => {
  connectTo('galata', undefined);
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="absent"]')).toBeVisible();
});

test('an unreachable Pipelines says so in the panel and in the status bar', async ({ page }) => {
  upstream = await slow();
  const { url } = upstream;
  await upstream.close();
  upstream = undefined;
  connectTo('galata', url);
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state]')).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Retry now' })).toBeVisible();
});

test('offline keeps the last data, and goes on by itself when the network is back', async ({
  page
}) => {
  const { token } = localKubeflow('galata');
  upstream = await forwarder('galata');
  connectTo('galata', `${upstream.url}/pipelines`, { token });
  const panel = await openPanel(page);
  await expect(panel.getByRole('row').first()).toBeVisible();
  await upstream.close();
  await expect(panel.getByText(/Offline since \d/).first()).toBeVisible({ timeout: 60_000 });
  await expect(panel.getByRole('row').first()).toBeVisible();
});

test('a filter that nothing matches can be cleared', async ({ page }) => {
  connectToLocal('galata');
  const panel = await openPanel(page);
  const filter = panel.getByRole('searchbox', { name: 'Filter runs' });
  await filter.fill('no such run');
  await expect(panel.getByText('No run matches.')).toBeVisible();
  await panel.getByRole('button', { name: 'Clear filter' }).click();
  await expect(panel.getByRole('row').first()).toBeVisible();
});
