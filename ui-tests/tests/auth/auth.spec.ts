import { expect, test } from '@playwright/test';

import { AUTH_TOKEN, AUTH_URL } from '../../servers';
import { writeNotebook } from '../support';

/** The whole path on a server that asks for a token and checks XSRF, as every user's does. */
test('with token and XSRF check: sign in, run a notebook, read its log over the stream socket', async ({
  page,
  request
}) => {
  const refused = await request.get(`${AUTH_URL}/kubeflow/connection`);
  expect(refused.status()).toBe(403);

  writeNotebook('auth', 'hello.ipynb', ['print("hello from the run")']);
  await page.goto(`${AUTH_URL}/lab?token=${AUTH_TOKEN}`);
  await page.getByRole('listitem', { name: /Name: hello.ipynb/ }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Run as pipeline…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click();
  const detail = page.locator('.jp-Kubeflow-detail');
  await detail.getByRole('tab', { name: 'Logs' }).click();
  await expect(detail.getByRole('log')).toContainText('hello from the run');
  await expect(detail.locator('header')).toContainText('Succeeded after', { timeout: 60_000 });

  // The signed-in browser without the XSRF header is refused: the cookie alone must not act.
  const status = await page.evaluate(async () => {
    const answer = await fetch('/kubeflow/connection', { method: 'PUT', body: '{}' });
    return answer.status;
  });
  expect(status).toBe(403);

  // No credential of the upstream reaches the page.
  const seen = await page.evaluate(async () => (await fetch('/kubeflow/connection')).text());
  expect(seen).not.toMatch(/token|bearer/i);
});
