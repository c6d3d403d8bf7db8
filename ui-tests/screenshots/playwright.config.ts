import { defineConfig } from '@playwright/test';

import { GALATA_URL, serverCommand } from '../servers';

/** The pictures of docs/screenshots: `npm run screenshots`. Not part of `npm test`. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.shots.ts',
  timeout: 300_000,
  expect: { timeout: 20_000 },
  fullyParallel: false,
  workers: 1,
  reporter: [['list']],
  outputDir: '../test-results/screenshots',
  globalTeardown: '../teardown.ts',
  use: {
    baseURL: GALATA_URL,
    launchOptions: {
      executablePath: process.env.KUBEFLOW_CHROMIUM || undefined,
      args: ['--no-sandbox', '--force-color-profile=srgb']
    },
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    video: 'off',
    trace: 'off'
  },
  webServer: [
    {
      ...serverCommand('galata'),
      cwd: '..',
      url: `${GALATA_URL}/lab`,
      timeout: 120_000,
      reuseExistingServer: false
    }
  ]
});
