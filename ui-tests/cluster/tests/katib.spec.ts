import { type APIRequestContext, expect, type Locator, type Page, test } from '@playwright/test';

import {
  condition,
  installKatib,
  KATIB,
  observation,
  removeKatib,
  running,
  writeExperiment,
  writeStatus
} from '../katib';
import { asRoot, connect, execute, openLab } from '../page';

const NAME = 'tuned';

let api: APIRequestContext;

test.beforeAll(async () => {
  const root = await asRoot();
  await installKatib(root);
  await root.dispose();
});

test.afterAll(async () => {
  const root = await asRoot();
  await removeKatib(root);
  await root.dispose();
});

test.beforeEach(async () => {
  api = await asRoot();
  await writeExperiment(api, NAME);
});

test.afterEach(async () => {
  await connect('root');
  await api.delete(`${KATIB}/experiments/${NAME}`);
  await expect.poll(() => names('trials')).toEqual([]);
  await expect.poll(() => names('suggestions')).toEqual([]);
  await api.dispose();
});

test('what Katib writes is told, live, until the experiment is deleted', async ({ page }) => {
  await openLab(page);
  const panel = await openPanel(page);
  const row = panel.getByRole('row', { name: `${NAME}, Running` });
  await expect(row).toContainText('0.93');
  await expect(row).toContainText('2/12');
  await row.dblclick();
  const detail = detailOf(page);

  await test.step('the best trial, and all of them', async () => {
    await expect(detail.locator('header')).toContainText('2 of 12 trials');
    await expect(detail.getByRole('button', { name: `No. 2, ${NAME}-two` })).toBeVisible();
    await section(detail, 'Trials');
    for (const [trial, state] of [
      ['one', 'Succeeded'],
      ['two', 'Succeeded'],
      ['running', 'Running']
    ]) {
      await expect(detail.getByRole('row', { name: `${NAME}-${trial}, ${state}` })).toBeVisible();
    }
  });

  await test.step('what happens to a trial shows by itself', async () => {
    await writeStatus(api, `trials/${NAME}-running`, {
      completionTime: '2026-11-20T10:00:50Z',
      observation: observation('0.97'),
      conditions: [
        condition('Created', 'Trial'),
        condition('Running', 'Trial', 'False'),
        condition('Succeeded', 'Trial', 'True', 50)
      ]
    });
    const all = ['one', 'two', 'running'].map(each => `${NAME}-${each}`);
    await writeStatus(api, `experiments/${NAME}`, running(NAME, all, `${NAME}-running 0.02 0.97`));
    await expect(detail.getByRole('row', { name: `${NAME}-running, Succeeded` })).toContainText(
      '0.97'
    );
    await expect(row).toContainText('0.97');
    await expect(row).toContainText('3/12');
  });

  await test.step('charts and the suggestion', async () => {
    await section(detail, 'Parallel axes');
    await expect(
      detail.getByRole('img', { name: /^Parallel coordinates of 3 trials over lr, layers/ })
    ).toBeVisible();
    await section(detail, 'Suggestion');
    await expect(detail.getByRole('row', { name: 'Asked for 3' })).toBeVisible();
  });

  await test.step('a trial: latest values and why there is no history, and why there is no log', async () => {
    await execute(page, 'kubeflow-katib:open-trial', {
      name: `${NAME}-two`,
      namespace: 'team',
      section: 'curves'
    });
    await expect(detail.getByRole('heading', { name: `${NAME}-two` })).toBeVisible();
    await expect(detail.getByText('no history is to be had')).toBeVisible();
    await expect(detail.getByRole('table', { name: 'Latest values' })).toContainText('0.93');
    await section(detail, 'Logs');
    await expect(detail.getByText('unless its experiment has “retain: true”')).toBeVisible();
  });

  await test.step('delete', async () => {
    await row.click();
    await page.keyboard.press('Delete');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click();
    await expect(row).toBeHidden();
    await expect.poll(() => names('experiments')).toEqual([]);
    await expect.poll(() => names('trials')).toEqual([]);
  });
});

test('a larger budget is written, as is a smaller one that stops', async ({ page }) => {
  await openLab(page);
  await execute(page, 'kubeflow-katib:open-experiment', { name: NAME, namespace: 'team' });
  const detail = detailOf(page);
  const budget = async () => {
    const { spec } = await (await api.get(`${KATIB}/experiments/${NAME}`)).json();
    return spec.maxTrialCount;
  };
  await expect(detail.getByRole('button', { name: 'Stop…' })).toBeVisible();
  await execute(page, 'kubeflow-katib:edit-budget', { name: NAME, namespace: 'team' });
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Trials in all' }).fill('20');
  await dialog.getByRole('button', { name: 'Change budget' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(budget).toBe(20);
  await expect(detail.locator('header')).toContainText('2 of 20 trials');
  await detail.getByRole('button', { name: 'Stop…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop experiment' }).click();
  // Three trials have begun, and Katib takes no fewer than one more.
  await expect.poll(budget).toBe(4);
});

test('a user who may only look is told so', async ({ page }) => {
  await connect('bob');
  await openLab(page);
  const panel = await openPanel(page);
  const row = panel.getByRole('row', { name: `${NAME}, Running` });
  await expect(row).toContainText('0.93');
  await row.dblclick();
  const detail = detailOf(page);
  const stop = detail.getByRole('button', { name: 'Stop…' });
  await expect(stop).toHaveAttribute('aria-disabled', 'true');
  await expect(stop).toHaveAccessibleDescription(/You may not patch Experiments in team/);
  await row.click({ button: 'right' });
  const remove = page.getByRole('menuitem', { name: /^Delete tuning experiment/ });
  await expect(remove).toContainText('You may not delete Experiments in team');
  await expect(remove).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Escape');
  await execute(page, 'kubeflow-katib:create-experiment');
  const form = page.locator('.jp-Kubeflow-Create').filter({ visible: true });
  await expect(form.getByRole('button', { name: 'Create', exact: true })).toHaveAttribute(
    'aria-disabled',
    'true'
  );
});

/** The names of Katib's objects of a kind. */
async function names(plural: string): Promise<string[]> {
  const { items } = (await (await api.get(`${KATIB}/${plural}`)).json()) as {
    items: { metadata: { name: string } }[];
  };
  return items.map(({ metadata }) => metadata.name);
}

async function openPanel(page: Page): Promise<Locator> {
  await execute(page, 'kubeflow-katib:show-panel');
  const panel = page.getByRole('region', { name: 'Katib' }).first();
  await expect(panel).toBeVisible();
  return panel;
}

const detailOf = (page: Page) => page.locator('.jp-Kubeflow-detail').filter({ visible: true });

const section = (detail: Locator, name: string) =>
  detail.getByRole('tab', { name, exact: true }).click();
