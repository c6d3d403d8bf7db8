import { type APIRequestContext, expect, type Locator, type Page, test } from '@playwright/test';

import { asRoot, connect, execute, openLab } from '../page';

const JOBS = '/apis/trainer.kubeflow.org/v1alpha1/namespaces/team/trainjobs';
const RUNTIMES = '/apis/trainer.kubeflow.org/v1alpha1/namespaces/team/trainingruntimes';
const PODS = '/api/v1/namespaces/team/pods';
const QUOTAS = '/api/v1/namespaces/team/resourcequotas';

const MADE = [
  ...['no-pods', 'no-jobs'].map(name => `${QUOTAS}/${name}`),
  ...['trained', 'fails', 'waits', 'one-too-many', 'of-others'].map(name => `${JOBS}/${name}`),
  `${RUNTIMES}/once`
];

let api: APIRequestContext;

test.beforeEach(async () => {
  api = await asRoot();
});

test.afterEach(async () => {
  await connect('root');
  for (const made of MADE) {
    await api.delete(made);
  }
  await api.dispose();
});

test('a training job on a real cluster, from the form to its end', async ({ page }) => {
  await openLab(page);
  const panel = await openPanel(page);
  const row = (state: string) => panel.getByRole('row', { name: `trained, ${state}` });
  const nodes = async () => (await names(PODS)).filter(name => name.startsWith('trained-node'));
  const form = await openForm(page);

  await test.step('the server checks what the form would create, and nothing is made', async () => {
    await fill(form, 'Trained', 'hold');
    await form.getByRole('textbox', { name: 'Nodes', exact: true }).fill('2');
    await press(form, 'Check');
    const name = form.getByRole('textbox', { name: 'Name', exact: true });
    await expect(name).toHaveAttribute('aria-invalid', 'true');
    await name.fill('trained');
    await press(form, 'Check');
    await expect(form.getByText('The server accepts this.')).toBeVisible();
    expect(await names(JOBS)).not.toContain('trained');
  });

  await press(form, 'Create');
  const detail = detailOf(page);
  await expect(detail.getByRole('heading', { name: 'trained' })).toBeVisible();

  await test.step('nodes and logs', async () => {
    await expect(detail.locator('header')).toContainText('on 2 of 2 nodes');
    await expect(row('Running')).toContainText('2/2');
    await section(detail, 'Graph');
    await expect(detail.getByRole('treeitem', { name: /^node [01], task, Running/ })).toHaveCount(
      2
    );
    await section(detail, 'Logs');
    await expect(detail.getByRole('log')).toContainText('epoch 3 of 3: loss 0.7');
  });

  await test.step('what the training reports, from when the tab was opened', async () => {
    await section(detail, 'Progress');
    for (const [percent, loss] of [
      [40, '0.5'],
      [60, '0.25']
    ] as const) {
      const trainerStatus = {
        lastUpdatedTime: new Date().toISOString(),
        progressPercentage: percent,
        metrics: [{ name: 'loss', value: loss }]
      };
      const told = await api.patch(`${JOBS}/trained/status`, {
        headers: { 'Content-Type': 'application/merge-patch+json' },
        data: { status: { trainerStatus } }
      });
      expect(told.status(), await told.text()).toBe(200);
      await expect(detail.getByText(`${percent} %`, { exact: true })).toBeVisible();
    }
    await expect(detail.getByText('this cluster keeps the last report only')).toBeVisible();
    await expect(detail.getByRole('img', { name: /^loss, .* from 0\.5 to 0\.25/ })).toBeVisible();
    await expect(row('Running')).toContainText('60 %');
  });

  await test.step('suspend and resume', async () => {
    await press(detail, 'Suspend…');
    await press(page.getByRole('dialog'), 'Suspend training job');
    await expect(row('Suspended')).toBeVisible();
    await expect.poll(nodes).toEqual([]);
    const conditions = detail.getByRole('list', { name: 'Conditions' });
    await expect(conditions).toContainText('TrainJob is suspended');
    await press(detail, 'Resume');
    await expect(detail.locator('header')).toContainText('on 2 of 2 nodes');
  });

  await test.step('delete', async () => {
    await row('Running').click();
    await page.keyboard.press('Delete');
    await press(page.getByRole('dialog'), /^Delete/);
    await expect(row('Running')).toBeHidden();
    await expect.poll(nodes).toEqual([]);
  });
});

test('a failure, and what a quota refuses, are told in words', async ({ page }) => {
  await createRuntime('once');
  await createJob('fails', 'fail', { kind: 'TrainingRuntime', name: 'once' });
  await openLab(page);
  const panel = await openPanel(page);
  await expect(panel.getByRole('row', { name: 'fails, Failed' })).toContainText('exit code 1');

  await test.step('a quota of pods: the job waits, and says for what', async () => {
    await createQuota('no-pods', { pods: '0' });
    await createJob('waits', 'hold');
    await execute(page, 'kubeflow-trainer:open-job', { name: 'waits', namespace: 'team' });
    const detail = detailOf(page);
    await expect(detail.locator('header')).toContainText('quota no-pods is used up');
    await expect(
      detail.getByText('It starts when others in the namespace have ended')
    ).toBeVisible();
    await expect(panel.getByRole('row', { name: /^waits/ })).toContainText('quota no-pods');
    await api.delete(`${QUOTAS}/no-pods`);
  });

  await test.step('a quota of jobs: the form says who refuses and what, and keeps what was typed', async () => {
    await createQuota('no-jobs', { 'count/trainjobs.trainer.kubeflow.org': '0' });
    const form = await openForm(page);
    await fill(form, 'one-too-many', 'hold');
    await press(form, 'Create');
    await expect(form.getByRole('alert').first()).toContainText('no-jobs');
    await expect(form.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(
      'one-too-many'
    );
    expect(await names(JOBS)).not.toContain('one-too-many');
  });
});

test('a user who may only look is told so', async ({ page }) => {
  await createJob('of-others', 'hold');
  await connect('bob');
  await openLab(page);
  const panel = await openPanel(page);
  const job = panel.getByRole('row', { name: /^of-others/ });
  await expect(job).toBeVisible();
  await job.dblclick();
  const detail = detailOf(page);
  await expect(detail.getByRole('heading', { name: 'of-others' })).toBeVisible();

  await test.step('actions are disabled, with the right to ask for', async () => {
    const suspend = detail.getByRole('button', { name: 'Suspend…' });
    await expect(suspend).toHaveAttribute('aria-disabled', 'true');
    await expect(suspend).toHaveAccessibleDescription(/You may not patch TrainJobs in team/);
    await job.click({ button: 'right' });
    const remove = page.getByRole('menuitem', { name: /^Delete training job/ });
    await expect(remove).toContainText('You may not delete TrainJobs in team');
    await expect(remove).toHaveAttribute('aria-disabled', 'true');
    await page.keyboard.press('Escape');
  });

  await test.step('so is creating, and the runtimes that cannot be read', async () => {
    const form = await openForm(page);
    await expect(form.getByRole('button', { name: 'Create', exact: true })).toHaveAttribute(
      'aria-disabled',
      'true'
    );
    await expect(form.getByText('You may not list ClusterTrainingRuntimes')).toBeVisible();
  });
});

/** The names of objects. */
async function names(route: string): Promise<string[]> {
  const { items } = (await (await api.get(route)).json()) as {
    items: { metadata: { name: string } }[];
  };
  return items.map(({ metadata }) => metadata.name);
}

/** Creates a TrainJob whose pods do as the command says. */
async function createJob(
  name: string,
  command: string,
  runtimeRef: object = { name: 'torch-distributed' }
): Promise<void> {
  const made = await api.post(JOBS, {
    data: {
      apiVersion: 'trainer.kubeflow.org/v1alpha1',
      kind: 'TrainJob',
      metadata: { name },
      spec: {
        runtimeRef,
        trainer: { image: 'python:3.11', command: [command] }
      }
    }
  });
  expect(made.status(), await made.text()).toBe(201);
}

/** Creates a runtime like `torch-distributed` whose jobs fail with the first node that does. */
async function createRuntime(name: string): Promise<void> {
  const shipped = '/apis/trainer.kubeflow.org/v1alpha1/clustertrainingruntimes/torch-distributed';
  const { apiVersion, metadata, spec } = await (await api.get(shipped)).json();
  spec.template.spec.replicatedJobs[0].template.spec.backoffLimit = 0;
  const made = await api.post(RUNTIMES, {
    data: {
      apiVersion,
      kind: 'TrainingRuntime',
      metadata: { name, labels: metadata.labels },
      spec
    }
  });
  expect(made.status(), await made.text()).toBe(201);
}

/** Creates a quota; resolves when it holds. */
async function createQuota(name: string, hard: Record<string, string>): Promise<void> {
  const data = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name },
    spec: { hard }
  };
  const made = await api.post(QUOTAS, { data });
  expect(made.status(), await made.text()).toBe(201);
  const holds = async () => {
    const { status } = await (await api.get(`${QUOTAS}/${name}`)).json();
    return status?.hard;
  };
  await expect.poll(holds).toEqual(hard);
}

async function openPanel(page: Page): Promise<Locator> {
  await execute(page, 'kubeflow-trainer:show-panel');
  const panel = page.getByRole('region', { name: 'Trainer' }).first();
  await expect(panel).toBeVisible();
  return panel;
}

async function openForm(page: Page): Promise<Locator> {
  await execute(page, 'kubeflow-trainer:create-job');
  const form = page.locator('.jp-Kubeflow-Create').filter({ visible: true });
  await expect(form.getByRole('heading', { name: 'New training job in team' })).toBeVisible();
  return form;
}

/** Fills in a job that runs one command. */
async function fill(form: Locator, name: string, command: string): Promise<void> {
  await form.getByRole('radio', { name: /^torch-distributed torch/ }).check();
  await form.getByRole('combobox', { name: 'What to train' }).selectOption({
    label: 'A command of the image'
  });
  await press(form, 'Add a part of the command');
  await form.getByRole('textbox', { name: 'Part 1' }).fill(command);
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
}

const detailOf = (page: Page) => page.locator('.jp-Kubeflow-detail').filter({ visible: true });

const press = (within: Locator, name: string | RegExp) =>
  within.getByRole('button', { name, exact: true }).click();

const section = (detail: Locator, name: string) => detail.getByRole('tab', { name }).click();
