import { expect, galata, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import { execute } from '../tests/commands';
import { create, job, kube, NAMESPACE, removeAll, ROUTES } from '../tests/kubernetes';
import { connectToLocal } from '../tests/upstreams';
import { shoot } from './shoot';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

// Local Kubeflow's processes outlive it.
test.afterAll(() => removeAll('galata'));

const ALL = ['light', 'dark', 'high-contrast'] as const;

const TRAIN = `
for epoch in 0 1 2 3 4 5 6 7 8; do
  echo "epoch $epoch  loss 0.$((7692 - epoch * 713))  examples $((epoch * 12000 + 12000))"
  if [ $epoch = 4 ]; then printf '\\033[33mWARNING\\033[0m gradient clipped at 1.0\\n'; fi
  sleep 0.2
done
sleep 600`;

/** Jobs in every state, all of them real; one has pods that run and a pod that waits. */
async function seedObjects(): Promise<void> {
  connectToLocal('galata');
  await removeAll('galata');
  const failing = { completions: 1, parallelism: 1, backoffLimit: 0 };
  await create(
    'galata',
    'Job',
    job('etl-nightly-2026-11-20', failing, 'echo no such table; exit 3')
  );
  await create('galata', 'Job', job('waiting-for-quota'));
  await create('galata', 'Job', job('digits-2026-11-20', { completions: 1 }));
  await create(
    'galata',
    'Job',
    job('a-name-that-is-as-long-as-names-may-be-since-somebody-wrote-all')
  );
  await create('galata', 'Job', job('fraud-train', { completions: 4, parallelism: 3 }, TRAIN));
}

async function openObject(page: IJupyterLabPageFixture, kind: string, name: string) {
  await execute(page, 'kubeflow-objects:open', { kind, namespace: NAMESPACE, name });
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('heading', { name })).toBeVisible();
  return detail;
}

test('objects', async ({ page }) => {
  await seedObjects();
  await page.sidebar.close('left');
  await execute(page, 'kubeflow-objects:browse', { plural: 'jobs', group: 'batch' });
  const list = page.getByRole('region', { name: 'Kubernetes objects' });
  await expect(list.getByRole('row')).toHaveCount(5);
  await expect(list.getByRole('row', { name: /^etl-nightly.*Failed/ })).toBeVisible({
    timeout: 60_000
  });
  await page.mouse.move(640, 700);
  await shoot(page, 'objects-list', list, { height: 360, themes: ALL });
  for (const width of [240, 400]) {
    await page.setViewportSize({ width: width + 66, height: 500 });
    await shoot(page, `objects-list-${width}`, list, { themes: ['light'] });
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  const detail = await openObject(page, 'Job', 'fraud-train');
  await expect(
    detail.getByRole('list', { name: 'Owned objects' }).getByRole('listitem')
  ).toHaveCount(3);
  await shoot(page, 'object-overview', detail, { height: 480, themes: ALL });
  await detail.getByRole('tab', { name: 'Events' }).click();
  await expect(detail.getByRole('listitem').nth(3)).toBeVisible();
  await shoot(page, 'object-events', detail, { height: 420, themes: ALL });
  await detail.getByRole('tab', { name: 'Logs' }).click();
  await expect(detail.getByRole('log')).toContainText('epoch 8');
  await shoot(page, 'object-logs', detail, { height: 560, themes: ALL });
  for (const width of [240, 400]) {
    await page.setViewportSize({ width: width + 66, height: 600 });
    await shoot(page, `object-logs-${width}`, detail, { themes: ['light'] });
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  await detail.getByRole('tab', { name: 'YAML' }).click();
  await expect(detail.getByRole('textbox', { name: /^YAML of/ })).toContainText('completions');
  await shoot(page, 'object-yaml', detail, { themes: ['light'] });
  await detail.getByRole('button', { name: 'Edit' }).click();
  await detail.locator('.cm-line', { hasText: 'completions: 4' }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('nonsense: 1');
  await page.keyboard.press('Enter');
  await page.keyboard.type('po');
  await expect(page.locator('.cm-tooltip-autocomplete')).toBeVisible();
  await expect(detail.locator('.cm-lintRange-error').first()).toBeVisible();
  await shoot(page, 'object-edit', undefined, { themes: ALL });
  await page.keyboard.press('Escape');
  await detail.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard edit' }).click();
  await detail.getByRole('button', { name: 'Edit' }).click();
  await detail.locator('.cm-line', { hasText: 'backoffLimit: 6' }).click();
  await page.keyboard.press('End');
  await page.keyboard.type('0');
  await kube('galata', 'PATCH', `${ROUTES.Job}/fraud-train`, { spec: { parallelism: 1 } });
  await detail.getByRole('button', { name: 'Apply…' }).click();
  await expect(detail.getByRole('alert')).toContainText('spec.parallelism');
  await shoot(page, 'object-conflict', detail, { height: 420, themes: ALL });
  await detail.getByRole('button', { name: 'Reload and keep my edits' }).click();
  await detail.getByRole('button', { name: 'Apply…' }).click();
  await expect(detail.getByRole('group', { name: /^Changes of/ })).toBeVisible();
  await shoot(page, 'object-diff', detail, { height: 420, themes: ALL });
  await detail.getByRole('button', { name: 'Back to editing' }).click();
  await execute(page, 'kubeflow-objects:delete', {
    kind: 'Job',
    namespace: NAMESPACE,
    name: 'fraud-train'
  });
  await expect(page.getByRole('dialog')).toBeVisible();
  await shoot(page, 'object-delete', page.locator('.jp-Dialog-content'), { themes: ['light'] });
  await page.keyboard.press('Escape');
  const failed = await openObject(page, 'Job', 'etl-nightly-2026-11-20');
  await expect(failed.getByText(/Read the logs/).first()).toBeVisible();
  await shoot(page, 'object-failed', failed, { height: 420, themes: ALL });
});
