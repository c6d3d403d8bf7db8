import { expect, type IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import type { ServerName } from '../servers';
import { execute } from './commands';
import { answerOf, localKubeflow } from './support';

/** An object of the Model Registry. */
export interface IRegistered {
  id: string;
  name: string;
  description?: string;
}

/** The answer of the Model Registry of a server's Local Kubeflow, past the Jupyter server. */
export function registry<T = IRegistered>(
  server: ServerName,
  method: 'GET' | 'POST' | 'PATCH',
  route: string,
  body?: unknown
): Promise<T> {
  const { registry: url, token } = localKubeflow(server);
  return answerOf(`${url}/api/model_registry/v1alpha3/${route}`, token, body, method);
}

/** Makes a model with one version. */
export async function createModel(server: ServerName, name: string): Promise<IRegistered> {
  const model = await registry(server, 'POST', 'registered_models', { name, state: 'LIVE' });
  await registry(server, 'POST', `registered_models/${model.id}/versions`, {
    name: 'v1',
    registeredModelId: model.id,
    state: 'LIVE'
  });
  return model;
}

/** The Model Registry panel. */
export async function openPanel(page: IJupyterLabPageFixture): Promise<Locator> {
  await execute(page, 'kubeflow-registry:show-panel');
  const panel = page.getByRole('region', { name: 'Model Registry' }).first();
  await expect(panel).toBeVisible();
  return panel;
}
