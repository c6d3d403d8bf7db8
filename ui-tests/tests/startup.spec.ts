import { expect, test } from '@jupyterlab/galata';

test('the Pipelines panel stands in the left sidebar', async ({ page }) => {
  await expect(page.getByRole('tab', { name: 'Pipelines' })).toBeVisible();
});
