import { expect, galata, test } from '@jupyterlab/galata';

import { kfp, pipelineSpec } from './support';

test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS } });

interface IListed {
  recurringRuns?: { recurring_run_id: string; display_name: string; status: string }[];
}

test('a run is scheduled with an interval, its runs come, and it is disabled and deleted', async ({
  page
}) => {
  const pipeline_spec = pipelineSpec('tick', { tick: { command: ['echo', 'tick'] } });
  await kfp('galata', 'runs', { display_name: 'tick-first', pipeline_spec });
  await page.evaluate(() => window.jupyterapp.commands.execute('kubeflow-pipelines:show-panel'));
  const panel = page.getByRole('region', { name: 'Pipelines' }).first();
  const detail = page.locator('.jp-Kubeflow-detail');

  await test.step('schedule', async () => {
    await panel.getByRole('row', { name: /^tick-first/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Schedule run…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('ticking');
    const every = dialog.getByRole('textbox', { name: 'Every' });
    await every.fill('0');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await expect(every).toHaveAccessibleDescription(/whole number of at least 1/);
    await every.fill('2');
    await dialog.getByRole('combobox', { name: 'Unit' }).selectOption('seconds');
    await expect(dialog.getByRole('status').first()).toContainText('Every 2 seconds');
    await every.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(detail.locator('header')).toContainText('Enabled · Every 2 seconds');
  });

  await test.step('its runs come', async () => {
    await expect(detail.getByRole('button', { name: /Succeeded.*ticking/ }).first()).toBeVisible();
    await panel.getByRole('tab', { name: 'Recurring' }).click();
    await panel.getByRole('row', { name: 'ticking, Enabled, Every 2 seconds' }).click({
      button: 'right'
    });
    await page.getByRole('menuitem', { name: 'Show its runs' }).click();
    await expect(panel.getByText('Runs of')).toBeVisible();
    await expect(panel.getByRole('row', { name: /^ticking.*, Succeeded$/ }).first()).toBeVisible();
    await expect(panel.getByRole('row', { name: /^tick-first/ })).toBeHidden();
  });

  await test.step('disable', async () => {
    await panel.getByRole('tab', { name: 'Recurring' }).click();
    await panel.getByRole('row', { name: /^ticking/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Disable recurring run' }).click();
    await expect(
      panel.getByRole('row', { name: 'ticking, Disabled, Every 2 seconds' })
    ).toBeVisible();
    await expect(detail.getByRole('button', { name: 'Enable' })).toBeVisible();
    const { recurringRuns } = await kfp<IListed>('galata', 'recurringruns');
    expect(recurringRuns?.find(item => item.display_name === 'ticking')?.status).toBe('DISABLED');
  });

  await test.step('delete with the keyboard; its runs stay', async () => {
    await panel.getByRole('row', { name: /^ticking/ }).click();
    await page.keyboard.press('Delete');
    await expect(page.getByRole('dialog')).toContainText('Delete recurring run “ticking”?');
    await page.getByRole('button', { name: 'Delete recurring run' }).click();
    await expect(panel.getByRole('row', { name: /^ticking/ })).toBeHidden();
    await expect(detail).toBeHidden();
    const { recurringRuns } = await kfp<IListed>('galata', 'recurringruns');
    expect((recurringRuns ?? []).filter(item => item.display_name === 'ticking')).toEqual([]);
    await panel.getByRole('tab', { name: 'Runs', exact: true }).click();
    await expect(panel.getByRole('row', { name: /^ticking.*, Succeeded$/ }).first()).toBeVisible();
  });
});
