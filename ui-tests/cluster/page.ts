import { type APIRequestContext, expect, type Page, request } from '@playwright/test';

import { plane, TOKEN, URL } from './jupyter';

interface IWindow {
  jupyterapp: {
    restored: Promise<unknown>;
    commands: { execute(id: string, args: object): Promise<unknown> };
  };
}

/** Requests past the Jupyter server, as the user with all rights. */
export function asRoot(): Promise<APIRequestContext> {
  return request.newContext({
    baseURL: plane.url,
    ignoreHTTPSErrors: true,
    extraHTTPHeaders: { Authorization: `Bearer ${plane.users.root}` }
  });
}

/** Makes the context of a user the active connection. */
export async function connect(active: string): Promise<void> {
  const jupyter = await request.newContext({
    extraHTTPHeaders: { Authorization: `token ${TOKEN}` }
  });
  const answer = await jupyter.put(`${URL}/kubeflow/connection`, { data: { active } });
  expect(answer.status(), await answer.text()).toBe(200);
  await jupyter.dispose();
}

/** Opens JupyterLab with nothing in it. */
export async function openLab(page: Page): Promise<void> {
  await page.goto(`/lab?reset&token=${TOKEN}`);
  await page.waitForFunction(() => 'jupyterapp' in window);
}

/** Begins one of the application's commands once it is restored; does not wait for its end, which a dialog may hold up. */
export async function execute(page: Page, id: string, args: object = {}): Promise<void> {
  await page.evaluate(
    async ([command, given]) => {
      const { jupyterapp } = window as unknown as IWindow;
      await jupyterapp.restored;
      void jupyterapp.commands.execute(command, given);
    },
    [id, args] as const
  );
}
