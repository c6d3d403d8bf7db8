import { expect, galata, test } from '@jupyterlab/galata';

import { execute } from '../tests/commands';
import {
  brush,
  createExperiment,
  openExperiment,
  openPanel,
  removeExperiments
} from '../tests/katib';
import { copyExample } from '../tests/support';
import { connectToLocal } from '../tests/upstreams';
import { leftSide, shoot } from './shoot';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.beforeEach(async () => {
  connectToLocal('galata');
  await removeExperiments('galata');
});

test.afterAll(() => removeExperiments('galata'));

const ALL = ['light', 'dark', 'high-contrast'] as const;

/** A logistic regression on scikit-learn's bundled digits, by stochastic gradient descent. */
const CODE = `from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
images, test_images, labels, test_labels = train_test_split(*load_digits(return_X_y=True), random_state=0)
model = SGDClassifier(loss="log_loss", learning_rate="\${trialParameters.schedule}", eta0=float("\${trialParameters.rate}"), alpha=float("\${trialParameters.decay}"), random_state=0)
for epoch in range(1, 11):
    model.partial_fit(images / 16, labels, classes=range(10))
    print(f"epoch={epoch} accuracy={model.score(test_images / 16, test_labels):.4f}", flush=True)`;

const SPACE = [
  {
    name: 'rate',
    parameterType: 'double',
    feasibleSpace: { min: '0.001', max: '1', distribution: 'logUniform' }
  },
  {
    name: 'decay',
    parameterType: 'double',
    feasibleSpace: { min: '0.00001', max: '0.1', distribution: 'logUniform' }
  },
  {
    name: 'schedule',
    parameterType: 'categorical',
    feasibleSpace: { list: ['constant', 'invscaling', 'adaptive'] }
  }
];

test('katib', async ({ page, tmpPath }) => {
  test.setTimeout(900_000);
  const name = 'digits-rate-and-decay';
  const panel = await openPanel(page);
  await page.sidebar.setWidth(300, 'left');
  await expect(panel.locator('[data-view-state="empty"]')).toBeVisible({ timeout: 60_000 });
  await shoot(page, 'katib-empty', leftSide(page), { height: 360 });

  await createExperiment('galata', 'one-to-six');
  await createExperiment(
    'galata',
    'forecast-weekly',
    { maxFailedTrialCount: 1 },
    'raise SystemExit(3 + 0 * ${trialParameters.x})'
  );
  await expect(panel.getByRole('row', { name: 'forecast-weekly, Failed' })).toBeVisible({
    timeout: 120_000
  });
  await expect(panel.getByRole('row', { name: 'one-to-six, Succeeded' })).toBeVisible({
    timeout: 120_000
  });
  await createExperiment(
    'galata',
    name,
    {
      objective: { type: 'maximize', objectiveMetricName: 'accuracy', goal: 0.99 },
      algorithm: {
        algorithmName: 'tpe',
        algorithmSettings: [{ name: 'random_state', value: '1' }]
      },
      maxTrialCount: 24,
      parameters: SPACE
    },
    CODE
  );
  const detail = await openExperiment(page, name, 'parallel');
  await expect(detail.locator('header')).toContainText(/(1[6-9]|2\d) of 24 trials/, {
    timeout: 600_000
  });
  await expect(panel.getByRole('row', { name: `${name}, Running` })).toBeVisible();
  const chart = detail.getByRole('figure', { name: 'Parameters and accuracy' });
  await brush(page, chart, 'rate', 0.75, 0.2);
  await expect(detail.getByText('trials chosen')).toBeVisible();
  await page.mouse.move(640, 790);
  await shoot(page, 'katib', undefined, { themes: ['light'], file: 'katib.png' });
  await shoot(page, 'katib-panel', leftSide(page), { height: 360, themes: ALL });
  await detail.getByRole('button', { name: 'Clear selection' }).click();
  await expect(detail.locator('header')).toContainText('all 24 trials are done', {
    timeout: 600_000
  });
  for (const [tab, ready] of [
    ['Overview', () => detail.getByRole('button', { name: 'Train with these…' })],
    ['Parallel axes', () => chart.getByRole('img', { name: /^Parallel coordinates/ })],
    ['Objective', () => detail.getByRole('img', { name: /over 24 trials/ })],
    ['Curves', () => detail.getByRole('img', { name: /^accuracy, line chart/ })],
    ['Trials', () => detail.getByRole('row', { name: /, Succeeded(,|$)/ }).first()]
  ] as const) {
    await detail.getByRole('tab', { name: tab, exact: true }).click();
    await expect(ready()).toBeVisible();
    await shoot(page, `katib-${tab.toLowerCase().replace(' ', '-')}`, detail);
  }

  copyExample('galata', tmpPath, 'tune_digits.py');
  await page.sidebar.close('left');
  await execute(page, 'kubeflow-katib:tune-notebook', { path: `${tmpPath}/tune_digits.py` });
  const form = page.locator('.jp-Kubeflow-Create').filter({ visible: true });
  await form.getByRole('radio', { name: /^python-distributed/ }).check();
  await expect(form.getByRole('checkbox', { name: /^rate/ })).toBeChecked();
  await shoot(page, 'katib-form', form, { themes: ALL });
});
