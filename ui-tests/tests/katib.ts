import { expect, type IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import type { ServerName } from '../servers';
import { execute } from './commands';
import { type IObject, kube, NAMESPACE, ROUTES } from './kubernetes';

const EXPERIMENTS = `/apis/kubeflow.org/v1beta1/namespaces/${NAMESPACE}/experiments`;
const TRIALS = `/apis/kubeflow.org/v1beta1/namespaces/${NAMESPACE}/trials`;

/** What trials of `createExperiment` run: a score that is best where `x` is 3, reported five times. */
const SCORE = `x = float("\${trialParameters.x}")
for step in range(1, 6):
    print(f"step {step}: score={-(x - 3) ** 2 / step}", flush=True)`;

/**
 * Creates an experiment over the whole numbers 1 to 6 whose trials are Jobs of plain Python; `spec` comes on top. The code has the values of
 * its parameters in its places.
 */
export function createExperiment(
  server: ServerName,
  name: string,
  spec: Record<string, unknown> & { parameters?: readonly { name: string }[] } = {},
  code = SCORE
): Promise<IObject> {
  const container = { name: 'main', image: 'python:3.11', command: ['python', '-u', '-c', code] };
  const parameters = spec.parameters ?? [
    { name: 'x', parameterType: 'int', feasibleSpace: { min: '1', max: '6', step: '1' } }
  ];
  return kube(server, 'POST', EXPERIMENTS, {
    apiVersion: 'kubeflow.org/v1beta1',
    kind: 'Experiment',
    metadata: { name },
    spec: {
      objective: { type: 'maximize', objectiveMetricName: 'score' },
      algorithm: { algorithmName: 'grid' },
      maxTrialCount: 6,
      parallelTrialCount: 2,
      resumePolicy: 'LongRunning',
      parameters,
      trialTemplate: {
        retain: true,
        primaryContainerName: 'main',
        trialParameters: parameters.map(each => ({ name: each.name, reference: each.name })),
        trialSpec: {
          apiVersion: 'batch/v1',
          kind: 'Job',
          spec: {
            backoffLimit: 0,
            template: { spec: { restartPolicy: 'Never', containers: [container] } }
          }
        }
      },
      ...spec
    }
  });
}

/** Removes all experiments; resolves when no trial or pod is left of them. */
export async function removeExperiments(server: ServerName): Promise<void> {
  await kube(server, 'DELETE', EXPERIMENTS);
  for (const route of [TRIALS, ROUTES.Pod]) {
    const left = async () => (await kube<{ items: unknown[] }>(server, 'GET', route)).items.length;
    await expect.poll(left, { timeout: 60_000 }).toBe(0);
  }
}

/** The Katib panel. */
export async function openPanel(page: IJupyterLabPageFixture): Promise<Locator> {
  await execute(page, 'kubeflow-katib:show-panel');
  const panel = page.getByRole('region', { name: 'Katib' }).first();
  await expect(panel).toBeVisible();
  return panel;
}

/** An experiment's tab, at a section. */
export async function openExperiment(
  page: IJupyterLabPageFixture,
  name: string,
  section?: string
): Promise<Locator> {
  await execute(page, 'kubeflow-katib:open-experiment', { name, ...(section ? { section } : {}) });
  return detailOf(page, name);
}

/** The tab of an experiment or a trial, which is in front. */
export async function detailOf(page: IJupyterLabPageFixture, name: string): Promise<Locator> {
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('heading', { name, exact: true })).toBeVisible();
  return detail;
}

/** The form of a new experiment, which is in front. */
export async function formOf(page: IJupyterLabPageFixture): Promise<Locator> {
  const form = page.locator('.jp-Kubeflow-Create').filter({ visible: true });
  await expect(form.getByRole('heading', { name: 'New tuning experiment in' })).toBeVisible();
  return form;
}

/** Drags along the axis of a column of the parallel axes, from and to shares of its height from above. */
export async function brush(
  page: IJupyterLabPageFixture,
  chart: Locator,
  column: string,
  from: number,
  to: number
): Promise<void> {
  const axis = chart
    .locator('g', { has: page.locator('text.jp-mod-name > title', { hasText: column }) })
    .locator('line.jp-mod-axis')
    .first();
  await chart.scrollIntoViewIfNeeded();
  const box = (await axis.boundingBox())!;
  await page.mouse.move(box.x, box.y + from * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x, box.y + to * box.height, { steps: 5 });
  await page.mouse.up();
}
