import { expect, galata, test } from '@jupyterlab/galata';

import { createCode, createTrainJob, openJob, openPanel, removeTrainJobs } from './trainer';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

test.afterEach(() => removeTrainJobs('galata'));

test('why a training failed or does not start is told in the row and in the tab', async ({
  page
}) => {
  await createCode('galata', 'exits', 'import sys; print("no data for May"); sys.exit(3)');
  await createCode('galata', 'lacks', 'import no_such_module');
  await createTrainJob('galata', 'grows', {
    command: ['python', '-u', '-c', 'held = []\nwhile True: held.append(bytearray(10_000_000))'],
    resourcesPerNode: { requests: { memory: '64Mi' }, limits: { memory: '128Mi' } }
  });
  const panel = await openPanel(page);
  const row = (name: string) => panel.getByRole('row', { name: `${name}, Failed` });
  await expect(row('exits')).toContainText('exit code 3');
  await expect(row('lacks')).toContainText('module no_such_module is missing');
  await expect(row('grows')).toContainText('out of memory');

  await test.step('exit code: the log says where', async () => {
    const detail = await openJob(page, 'exits');
    await expect(detail.locator('header')).toContainText(/Failed .*exit code 3/);
    await detail.getByRole('button', { name: 'Show its log' }).click();
    await expect(detail.getByRole('log')).toContainText('no data for May');
  });
  await test.step('missing module: the package is the remedy', async () => {
    const detail = await openJob(page, 'lacks');
    await expect(detail.getByRole('alert')).toContainText(
      'Add the package that has no_such_module'
    );
  });
  await test.step('out of memory: more memory is the remedy', async () => {
    const detail = await openJob(page, 'grows');
    await expect(detail.getByRole('alert')).toContainText('more memory for each node');
    await expect(detail.getByRole('button', { name: 'Clone…' })).toBeEnabled();
  });
});
