import { expect, galata, test } from '@jupyterlab/galata';

import { localKubeflow } from '../tests/support';
import {
  connectTo,
  connectToLocal,
  forbidding,
  forwarder,
  type IUpstream,
  nonsense,
  slow
} from '../tests/upstreams';
import { leftSide, openPanel, seed, shoot } from './shoot';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS }, autoGoto: false });

let upstream: IUpstream | undefined;

test.afterEach(async () => {
  connectToLocal('galata');
  await upstream?.close();
  upstream = undefined;
});

test('state-empty', async ({ page }) => {
  connectToLocal('galata');
  localKubeflow('galata');
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="empty"]')).toBeVisible({ timeout: 60_000 });
  await shoot(page, 'state-empty', leftSide(page), { height: 360 });
});

test('state-loading', async ({ page }) => {
  upstream = await slow();
  connectTo('galata', upstream.url);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.getByRole('status', { name: 'Loading…' })).toBeVisible();
  await shoot(page, 'state-loading', leftSide(page), { height: 360 });
});

test('state-forbidden', async ({ page }) => {
  upstream = await forbidding();
  connectTo('galata', upstream.url);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="forbidden"]')).toBeVisible();
  await shoot(page, 'state-forbidden', leftSide(page), { height: 360 });
});

test('state-absent', async ({ page }) => {
  connectTo('galata', undefined);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="absent"]')).toBeVisible();
  await shoot(page, 'state-absent', leftSide(page), { height: 360 });
});

test('state-error', async ({ page }) => {
  upstream = await nonsense();
  connectTo('galata', upstream.url);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="error"]')).toBeVisible();
  await shoot(page, 'state-error', leftSide(page), { height: 360 });
});

test('state-unreachable', async ({ page }) => {
  const gone = await slow();
  await gone.close();
  connectTo('galata', gone.url);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.locator('[data-view-state="offline"]')).toBeVisible();
  await shoot(page, 'state-unreachable', leftSide(page), { height: 360 });
  await page.locator('.jp-Kubeflow-ConnectionStatus').click();
  await expect(page.locator('.jp-Kubeflow-Switcher')).toBeVisible();
  await shoot(page, 'connection-broken', page.locator('.jp-Kubeflow-Switcher'));
});

test('state-offline', async ({ page }) => {
  test.setTimeout(400_000);
  seed();
  const { token } = localKubeflow('galata');
  upstream = await forwarder('galata');
  connectTo('galata', `${upstream.url}/pipelines`, { token });
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.getByRole('row').first()).toBeVisible();
  await upstream.close();
  await expect(panel.getByText(/Offline since \d/).first()).toBeVisible({ timeout: 60_000 });
  await shoot(page, 'state-offline', leftSide(page), { height: 360 });
});
