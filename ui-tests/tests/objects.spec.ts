import AxeBuilder from '@axe-core/playwright';
import { expect, galata, type IJupyterLabPageFixture, test } from '@jupyterlab/galata';

import {
  connectToKubernetes,
  create,
  deployment,
  disconnect,
  forbidding,
  forwarder,
  type IObject,
  job,
  kube,
  kubernetes,
  NAMESPACE,
  removeAll,
  ROUTES,
  runningPod,
  tell,
  writeLog
} from './kubernetes';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.beforeEach(async () => {
  await removeAll('galata');
});

test.afterEach(() => disconnect('galata'));

/** Opens the list of a kind by its command. */
async function browse(page: IJupyterLabPageFixture, plural: string, group = '') {
  await page.evaluate(
    ([kind, of]) => {
      void window.jupyterapp.commands.execute('kubeflow-objects:browse', {
        plural: kind!,
        group: of!
      });
    },
    [plural, group]
  );
  return page.getByRole('region', { name: 'Kubernetes objects' });
}

/** Opens an object's tab by its command. */
async function open(
  page: IJupyterLabPageFixture,
  kind: string,
  name: string,
  section = 'overview'
) {
  await page.evaluate(
    args => {
      void window.jupyterapp.commands.execute('kubeflow-objects:open', args);
    },
    { kind, namespace: NAMESPACE, name, section }
  );
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('heading', { name })).toBeVisible();
  return detail;
}

const stored = (name: string) =>
  kube<IObject & { spec: { parallelism: number; completions: number } }>(
    'galata',
    'GET',
    `${ROUTES.Job}/${name}`
  );

test('objects are browsed, opened, watched and deleted by the keyboard alone', async ({ page }) => {
  await create('galata', 'Job', job('older'));
  await create('galata', 'Job', job('newer'));
  const list = await browse(page, 'jobs', 'batch');
  await expect(list.getByRole('combobox', { name: 'Kind' })).toHaveValue('jobs/batch');
  await expect(list.getByRole('combobox', { name: 'Namespace' })).toContainText(NAMESPACE);
  await expect(list.getByRole('row')).toHaveCount(2);

  await test.step('what others make appears by itself', async () => {
    await create('galata', 'Job', job('third'));
    await expect(list.getByRole('row', { name: /^third/ })).toBeVisible();
  });

  await test.step('/ filters, Enter opens', async () => {
    await list.getByRole('row').first().focus();
    await page.keyboard.press('/');
    await page.keyboard.type('older');
    await expect(list.getByRole('row')).toHaveCount(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
  });
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('heading', { name: 'older' })).toBeVisible();
  await expect(detail.getByText(/^Job · /)).toBeVisible();

  await test.step('sections by arrow keys', async () => {
    await detail.getByRole('tab', { name: 'Overview' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(detail.getByRole('tab', { name: 'Events' })).toBeFocused();
    await expect(
      detail.getByText(/Nothing has been reported of older|Job suspended/)
    ).toBeVisible();
    await page.keyboard.press('End');
    await expect(detail.getByRole('textbox', { name: 'YAML of older' })).toBeVisible();
  });

  await test.step('Delete asks, names what goes with it, and closes the tab', async () => {
    await detail.getByRole('button', { name: 'Delete…' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('Delete Job “older”?');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await detail.getByRole('button', { name: 'Delete…' }).focus();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('heading', { name: 'older' })).toBeHidden();
  });
});

test('events arrive live, of the object and of what it owns', async ({ page }) => {
  const owner = await create('galata', 'Deployment', deployment('eventful'));
  const detail = await open(page, 'Deployment', 'eventful', 'events');
  await expect(detail.getByText(/Nothing has been reported/)).toBeVisible();
  await tell('galata', owner, 'one', 'SuccessfulCreate', 'Created pod: eventful-0');
  await expect(detail.getByText('Created pod: eventful-0')).toBeVisible();
  const pod = await runningPod('galata', 'eventful-0', owner);
  await tell('galata', pod, 'two', 'FailedScheduling', 'No node has room', 'Warning');
  const first = detail.getByRole('listitem').first();
  await expect(first).toContainText('No node has room');
  await expect(first).toContainText('eventful-0');
  await expect(first.getByRole('img', { name: 'Warning' })).toBeVisible();
});

test('logs of many pods are merged by time and followed', async ({ page }) => {
  const owner = await create('galata', 'Deployment', deployment('chatty'));
  const [one, two] = [
    await runningPod('galata', 'chatty-one', owner),
    await runningPod('galata', 'chatty-two', owner)
  ];
  writeLog('galata', one, [
    [1, 'first'],
    [3, 'third']
  ]);
  writeLog('galata', two, [
    [2, 'second'],
    [4, 'fourth']
  ]);
  const detail = await open(page, 'Deployment', 'chatty', 'logs');
  const log = detail.getByRole('log');
  await expect(log).toContainText(
    /chatty-one first\s*chatty-two second\s*chatty-one third\s*chatty-two fourth/
  );
  await expect(detail.getByText('Following…')).toBeVisible();
  writeLog('galata', one, [[5, 'fifth']]);
  await expect(log).toContainText('chatty-one fifth');
  await detail.getByRole('combobox', { name: 'Pod' }).selectOption('chatty-two');
  await expect(log).toContainText(/^second\s*fourth\s*$/);
});

test('YAML is completed by the schema, checked by the server, compared and applied', async ({
  page
}) => {
  await create('galata', 'Job', job('edited'));
  const detail = await open(page, 'Job', 'edited', 'yaml');
  await detail.getByRole('button', { name: 'Edit', exact: true }).click();
  const editor = detail.getByRole('textbox', { name: /being edited/ });
  await expect(editor).toContainText('completions: 2');
  await expect(editor).not.toContainText('status:');

  /** Puts the cursor at the end of the line that holds a text. */
  const endOf = async (text: string) => {
    await detail.locator('.cm-line', { hasText: text }).first().click();
    await page.keyboard.press('End');
  };

  await test.step('completion offers fields and what they hold', async () => {
    await endOf('completions: 2');
    await page.keyboard.press('Enter');
    await page.keyboard.type('activeD');
    const offered = page.locator('.cm-tooltip-autocomplete');
    const option = offered.getByRole('option', { name: /activeDeadlineSeconds/ }).first();
    await expect(option).toContainText('integer');
    await option.click();
    await page.keyboard.type('300');
    await expect(editor).toContainText('activeDeadlineSeconds: 300');
  });

  await test.step('what the schema does not know is marked at its line', async () => {
    await page.keyboard.press('Enter');
    await page.keyboard.type('nonsense: 1');
    await page.keyboard.press('Escape');
    await expect(detail.locator('.cm-lintRange-error', { hasText: 'nonsense' })).toBeVisible();
    await detail.getByRole('button', { name: 'Check' }).click();
    await expect(detail.getByRole('alert')).toContainText('nonsense');
    await detail.getByRole('button', { name: 'Go to it' }).click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
  });

  await test.step('what the server refuses is marked at its line', async () => {
    await endOf('activeDeadlineSeconds: 300');
    await page.keyboard.press('ControlOrMeta+Shift+ArrowLeft');
    await page.keyboard.type('-1');
    await detail.getByRole('button', { name: 'Check' }).click();
    await expect(detail.getByRole('alert')).toContainText('activeDeadlineSeconds');
    await expect(
      detail.locator('.cm-lintRange-error', { hasText: 'activeDeadlineSeconds' })
    ).toBeVisible();
    await endOf('activeDeadlineSeconds: -1');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('400');
    await detail.getByRole('button', { name: 'Check' }).click();
    await expect(detail.getByText('The server accepts this.')).toBeVisible();
  });

  await test.step('an edit outlives a reload of the page', async () => {
    // Galata's own reload waits for the launcher.
    await page.evaluate(() => window.location.reload());
    await expect(editor).toContainText('activeDeadlineSeconds: 400');
  });

  await test.step('what others have changed meanwhile is named; both changes stay', async () => {
    await kube('galata', 'PATCH', `${ROUTES.Job}/edited`, { spec: { parallelism: 7 } });
    await detail.getByRole('button', { name: 'Apply…' }).click();
    await expect(detail.getByRole('alert')).toContainText('spec.parallelism');
    await detail.getByRole('button', { name: 'Reload and keep my edits' }).click();
    await expect(editor).toContainText('parallelism: 7');
  });

  await test.step('what changes is shown before it is applied', async () => {
    await detail.getByRole('button', { name: 'Apply…' }).click();
    const changes = detail.getByRole('group', { name: 'Changes of edited' });
    await expect(changes).toContainText('activeDeadlineSeconds: 400');
    await expect(changes).not.toContainText('managedFields');
    expect((await stored('edited')).spec).toMatchObject({ parallelism: 7, completions: 2 });
    await detail.getByRole('button', { name: 'Apply changes' }).click();
    await expect(detail.getByRole('button', { name: 'Edit', exact: true })).toBeVisible();
    expect((await stored('edited')).spec).toMatchObject({
      parallelism: 7,
      activeDeadlineSeconds: 400
    });
  });
});

test('offline keeps the last data and goes on by itself', async ({ page }) => {
  await create('galata', 'Job', job('kept'));
  const { token, ca } = kubernetes('galata');
  const upstream = await forwarder('galata');
  connectToKubernetes('galata', { url: upstream.url, token, ca });
  await page.reload();
  const list = await browse(page, 'jobs', 'batch');
  await expect(list.getByRole('row', { name: /^kept/ })).toBeVisible();
  await upstream.close();
  await expect(list.getByText(/Offline since \d/).first()).toBeVisible({ timeout: 60_000 });
  await expect(list.getByRole('row', { name: /^kept/ })).toBeVisible();
});

test('forbidden names verb, kind and namespace', async ({ page }) => {
  const upstream = await forbidding();
  connectToKubernetes('galata', { url: upstream.url, token: 'alice' });
  await page.reload();
  const list = await browse(page, 'pods');
  await expect(list.locator('[data-view-state="forbidden"]')).toContainText(
    `You may not list Pods in ${NAMESPACE}. Ask for the right to “list” pods there.`
  );
  await upstream.close();
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark', 'JupyterLab Dark High Contrast']) {
  test(`the list and every section of a tab are accessible in ${theme}`, async ({ page }) => {
    const violations = async (part: string) => {
      const found = await new AxeBuilder({ page })
        .include(part)
        .exclude('.cm-editor')
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
        .analyze();
      return found.violations.flatMap(rule =>
        rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`)
      );
    };
    const owner = await create('galata', 'Deployment', deployment('looked-at'));
    for (const name of ['looked-at-0', 'looked-at-1']) {
      const pod = await runningPod('galata', name, owner);
      writeLog('galata', pod, [[1, `says ${name}`]]);
      await tell('galata', pod, `event-${name}`, 'Started', `Started ${name}`);
    }
    await page.theme.setTheme(theme);
    const list = await browse(page, 'deployments', 'apps');
    await list.getByRole('row', { name: /^looked-at/ }).click();
    expect(await violations('.jp-Kubeflow-objects')).toEqual([]);
    const detail = await open(page, 'Deployment', 'looked-at');
    await expect(detail.getByRole('button', { name: 'looked-at-0' })).toBeVisible();
    expect(await violations('.jp-Kubeflow-detail')).toEqual([]);
    await detail.getByRole('tab', { name: 'Events' }).click();
    await expect(detail.getByText('Started looked-at-0')).toBeVisible();
    expect(await violations('.jp-Kubeflow-detail')).toEqual([]);
    await detail.getByRole('tab', { name: 'Logs' }).click();
    await expect(detail.getByRole('log')).toContainText('says looked-at-1');
    expect(await violations('.jp-Kubeflow-detail')).toEqual([]);
    await create('galata', 'Job', job('also-looked-at'));
    const other = await open(page, 'Job', 'also-looked-at', 'yaml');
    await other.getByRole('button', { name: 'Edit', exact: true }).click();
    const line = other.locator('.cm-line', { hasText: 'backoffLimit: 6' });
    await line.click();
    await page.keyboard.press('End');
    await page.keyboard.type('0');
    expect(await violations('.jp-Kubeflow-detail')).toEqual([]);
    await other.getByRole('button', { name: 'Apply…' }).click();
    await expect(other.getByRole('group', { name: 'Changes of also-looked-at' })).toBeVisible();
    expect(await violations('.jp-Kubeflow-detail')).toEqual([]);
  });
}
