import { expect, galata, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import {
  create,
  job,
  kube,
  NAMESPACE,
  removeAll,
  ROUTES,
  runningPod,
  tell,
  writeLog
} from '../tests/kubernetes';
import { connectToLocal } from '../tests/upstreams';
import { execute, shoot } from './shoot';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

const ALL = ['light', 'dark', 'high-contrast'] as const;

/** Jobs in every state, one of them with pods, logs and events. */
async function seedObjects(): Promise<void> {
  connectToLocal('galata');
  await removeAll('galata');
  const time = new Date(Date.now() - 250_000).toISOString().replace(/\.\d+/, '');
  const status = (name: string, content: unknown) =>
    kube('galata', 'PATCH', `${ROUTES.Job}/${name}/status`, { status: content });
  const condition = (type: string, reason: string, message: string) => ({
    conditions: [{ type, status: 'True', reason, message, lastTransitionTime: time }]
  });
  await create('galata', 'Job', job('etl-nightly-2026-11-20'));
  await status('etl-nightly-2026-11-20', {
    startTime: time,
    failed: 7,
    conditions: [
      ...condition(
        'FailureTarget',
        'BackoffLimitExceeded',
        'Job has reached the specified backoff limit'
      ).conditions,
      ...condition('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit')
        .conditions
    ]
  });
  await create('galata', 'Job', job('waiting-for-quota', { suspend: true }));
  await create(
    'galata',
    'Job',
    job('a-name-that-is-as-long-as-names-may-be-since-somebody-wrote-all')
  );
  const owner = await create('galata', 'Job', job('fraud-train', { completions: 4 }));
  await status('fraud-train', { startTime: time, active: 2, ready: 2, succeeded: 1 });
  for (const [index, name] of ['fraud-train-0', 'fraud-train-1'].entries()) {
    const pod = await runningPod('galata', name, owner);
    const lines = Array.from(
      { length: 9 },
      (_, epoch) =>
        [
          epoch * 6 + index * 2,
          epoch === 4 && index === 1
            ? '\x1b[33mWARNING\x1b[0m gradient clipped at 1.0'
            : `epoch ${epoch}  loss ${(1 / (epoch + 1.3 + index / 10)).toFixed(4)}  examples ${(epoch + 1) * 12000}`
        ] as const
    );
    writeLog('galata', pod, lines);
    await tell(
      'galata',
      pod,
      `${name}-pulled`,
      'Pulled',
      'Container image "python:3.11" already present on machine'
    );
    await tell('galata', pod, `${name}-started`, 'Started', 'Started container node');
  }
  await tell(
    'galata',
    owner,
    'fraud-train-created',
    'SuccessfulCreate',
    'Created pod: fraud-train-1'
  );
  const waiting = await create('galata', 'Pod', {
    metadata: {
      name: 'fraud-train-2',
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'Job', name: 'fraud-train', uid: owner.metadata.uid }
      ]
    },
    spec: { containers: [{ name: 'node', image: 'python:3.11' }] }
  });
  await kube('galata', 'PATCH', `${ROUTES.Pod}/fraud-train-2/status`, {
    status: {
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
          lastTransitionTime: time
        }
      ]
    }
  });
  await tell(
    'galata',
    waiting,
    'fraud-train-2-unscheduled',
    'FailedScheduling',
    '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
    'Warning'
  );
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
  await expect(list.getByRole('row')).toHaveCount(4);
  await shoot(page, 'objects-list', list, { height: 360, themes: ALL });
  for (const width of [240, 400]) {
    await page.setViewportSize({ width: width + 66, height: 500 });
    await shoot(page, `objects-list-${width}`, list, { themes: ['light'] });
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  const detail = await openObject(page, 'Job', 'fraud-train');
  await expect(detail.getByRole('button', { name: 'fraud-train-2' })).toBeVisible();
  await shoot(page, 'object-overview', detail, { height: 480, themes: ALL });
  await detail.getByRole('tab', { name: 'Events' }).click();
  await expect(detail.getByText('Created pod: fraud-train-1')).toBeVisible();
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
  await detail.locator('.cm-line', { hasText: 'completions: 4' }).click();
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
