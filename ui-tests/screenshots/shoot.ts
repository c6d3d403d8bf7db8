import { expect, type IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';

import { folders } from '../servers';
import { execute } from '../tests/commands';
import { localKubeflow } from '../tests/support';

const root = path.resolve(__dirname, '../..');
const target = path.join(root, 'docs/screenshots');

export const THEMES = {
  light: 'JupyterLab Light',
  dark: 'JupyterLab Dark',
  'high-contrast': 'JupyterLab Dark High Contrast'
} as const;
export type Theme = keyof typeof THEMES;

/** Ids of the seeded runs by name; seeds them the first time. */
export function seed(): Record<string, string> {
  const file = path.join(folders('galata').config, 'seeded.json');
  if (!fs.existsSync(file)) {
    const { pipelines, token } = localKubeflow('galata');
    const result = spawnSync(
      path.join(root, '.venv/bin/python'),
      [path.join(__dirname, 'seed.py'), pipelines, token],
      { encoding: 'utf8', timeout: 280_000 }
    );
    if (result.status !== 0) {
      throw new Error(result.stderr);
    }
    fs.writeFileSync(file, result.stdout.trim().split('\n').pop()!);
  }
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** Switches the theme and waits until its style sheets are in use. */
export async function wear(page: IJupyterLabPageFixture, theme: Theme): Promise<void> {
  await page.theme.setTheme(THEMES[theme]);
  await expect(page.locator('body')).toHaveAttribute('data-jp-theme-name', THEMES[theme]);
}

/**
 * Takes pictures `NAME-THEME.png` of a part of the page, or of all of it.
 * @param options.height - cuts the picture off below, where nothing more is to be seen
 */
export async function shoot(
  page: IJupyterLabPageFixture,
  name: string,
  part?: Locator,
  options: { themes?: readonly Theme[]; height?: number; file?: string } = {}
): Promise<void> {
  for (const theme of options.themes ?? (['light', 'dark'] as const)) {
    await wear(page, theme);
    const box = part && (await part.boundingBox());
    await page.screenshot({
      path: path.join(target, options.file ?? `${name}-${theme}.png`),
      animations: 'disabled',
      caret: 'hide',
      ...(box ? { clip: { ...box, height: Math.min(box.height, options.height ?? Infinity) } } : {})
    });
  }
  await wear(page, 'light');
}

/** The whole left side: the bar with the panels' icons and the panel. */
export function leftSide(page: IJupyterLabPageFixture): Locator {
  return page.locator('#jp-left-stack');
}

/** Opens the Pipelines panel at a width. */
export async function openPanel(page: IJupyterLabPageFixture, width = 300): Promise<Locator> {
  await execute(page, 'kubeflow-pipelines:show-panel');
  const panel = page.getByRole('region', { name: 'Pipelines' }).first();
  await expect(panel).toBeVisible();
  await page.sidebar.setWidth(width, 'left');
  return panel;
}

/** Opens a run's detail tab. */
export async function openRun(
  page: IJupyterLabPageFixture,
  runId: string,
  name: string
): Promise<Locator> {
  await execute(page, 'kubeflow-pipelines:open-run', { runId, name });
  const detail = page.locator('.jp-Kubeflow-detail').filter({ visible: true });
  await expect(detail.getByRole('heading', { name })).toBeVisible();
  return detail;
}
