import { type APIRequestContext, expect, type Locator, type Page, test } from '@playwright/test';

import { asRoot, connect, openLab } from '../page';

const JOBS = '/apis/trainer.kubeflow.org/v1alpha1/namespaces/team/trainjobs';
const NAME = 'looked-at';

/** Requests past the Jupyter server, as the user with all rights. */
let api: APIRequestContext;

test.beforeEach(async () => {
  api = await asRoot();
});

test.afterEach(async () => {
  await connect('root');
  await api.delete(`${JOBS}/${NAME}`);
  await api.dispose();
});

test('objects of a real cluster are listed, understood, edited and refused', async ({ page }) => {
  const made = await api.post(JOBS, {
    data: {
      apiVersion: 'trainer.kubeflow.org/v1alpha1',
      kind: 'TrainJob',
      metadata: { name: NAME },
      spec: {
        runtimeRef: { name: 'torch-distributed' },
        trainer: { numNodes: 2, image: 'python:3.11', command: ['hold'] }
      }
    }
  });
  expect(made.status(), await made.text()).toBe(201);
  await openLab(page);
  const list = await browse(page, 'trainjobs', 'trainer.kubeflow.org');
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  const section = (name: string) => detail.getByRole('tab', { name, exact: true }).click();

  await test.step('what the controllers have made of a TrainJob', async () => {
    await list.getByRole('row', { name: new RegExp(`^${NAME}`) }).dblclick();
    await expect(detail.getByRole('heading', { name: NAME })).toBeVisible();
    const owned = detail.getByRole('list', { name: 'Owned objects' });
    await expect(owned.getByRole('button', { name: /^looked-at-node-0-[01]-/ })).toHaveCount(2);
    await expect(owned).toContainText('JobSet');
    await expect(detail.getByText(/^TrainJob · /)).toBeVisible();
  });

  await test.step('events and logs of all its pods', async () => {
    await section('Events');
    await expect(
      detail.getByText(/Successfully assigned team\/looked-at-node/).first()
    ).toBeVisible();
    await section('Logs');
    await expect(detail.getByRole('log')).toContainText('epoch 3 of 3: loss 0.7');
  });

  await section('YAML');
  await detail.getByRole('button', { name: 'Edit', exact: true }).click();
  const alert = detail.getByRole('alert');
  const press = (name: string) => detail.getByRole('button', { name }).click();

  await test.step('a value that the API server refuses (422) is marked at its line', async () => {
    await setLine(page, detail, 'numNodes', '3');
    await press('Check');
    await expect(alert).toContainText('spec.trainer');
    await expect(alert).toContainText('immutable');
    await expect(detail.locator('.cm-lintRange-error', { hasText: 'trainer' })).toBeVisible();
    await setLine(page, detail, 'numNodes', '2');
  });

  await test.step('what others have changed meanwhile (409) is named and kept', async () => {
    await setLine(page, detail, 'suspend', 'true');
    const changed = await api.patch(`${JOBS}/${NAME}`, {
      headers: { 'Content-Type': 'application/merge-patch+json' },
      data: { metadata: { labels: { others: 'were-here' } } }
    });
    expect(changed.status()).toBe(200);
    await press('Apply…');
    await expect(alert).toContainText('metadata.labels');
    await press('Reload and keep my edits');
    await press('Apply…');
    const changes = detail.getByRole('group', { name: `Changes of ${NAME}` });
    await expect(changes.getByRole('row', { name: /^.?Added: suspend: true/ })).toBeVisible();
    await expect(changes).not.toContainText('were-here');
    await press('Apply changes');
    await expect(detail.getByText(/^TrainJob · Suspended/)).toBeVisible();
    const stored = await (await api.get(`${JOBS}/${NAME}`)).json();
    expect(stored.spec.suspend).toBe(true);
    expect(stored.metadata.labels).toMatchObject({ others: 'were-here' });
  });

  await test.step('what a user may not do (403) is disabled or told, with the right to ask for', async () => {
    await connect('bob');
    await page.reload();
    await section('YAML');
    const edit = detail.getByRole('button', { name: 'Edit', exact: true });
    await expect(edit).toHaveAttribute('aria-disabled', 'true');
    await expect(edit).toHaveAccessibleDescription(
      'You may not update TrainJobs in team. Ask for the right to “update” trainjobs.trainer.kubeflow.org there.'
    );
    const pods = await browse(page, 'pods', '');
    await expect(pods.locator('[data-view-state="forbidden"]')).toContainText(
      'You may not list Pods in team. Ask for the right to “list” pods there.'
    );
  });
});

/** Opens the list of objects of a kind. */
async function browse(page: Page, plural: string, group: string): Promise<Locator> {
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.evaluate(
    async args => {
      const { jupyterapp } = window as unknown as IWindow;
      await jupyterapp.restored;
      await jupyterapp.commands.execute('kubeflow-objects:browse', args);
    },
    { plural, group }
  );
  return page.getByRole('region', { name: 'Kubernetes objects' });
}

interface IWindow {
  jupyterapp: {
    restored: Promise<unknown>;
    commands: { execute(id: string, args: object): Promise<unknown> };
  };
}

/** Gives a field that stands on a line of its own another value. */
async function setLine(page: Page, detail: Locator, field: string, value: string): Promise<void> {
  await detail.locator('.cm-line', { hasText: new RegExp(`^ *${field}:`) }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+Home');
  await page.keyboard.type(`${field}: ${value}`);
  await page.keyboard.press('Escape');
}
