import { defineConfig } from '@playwright/test';

import { AUTH_URL, GALATA_URL, serverCommand } from './servers';

/**
 * Two JupyterLab servers, each with its own Local Kubeflow: Galata's, which has neither token nor XSRF check, and one with both, for the
 * specs under `tests/auth`.
 */
export default defineConfig({
  testDir: 'tests',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  fullyParallel: false,
  workers: 1,
  forbidOnly: !!process.env.CI,
  // A test that passes only the second time is listed as flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  globalTeardown: './teardown.ts',
  use: {
    launchOptions: {
      executablePath: process.env.KUBEFLOW_CHROMIUM || undefined,
      args: ['--no-sandbox']
    },
    viewport: { width: 1280, height: 800 },
    video: 'off',
    trace: 'retain-on-failure'
  },
  projects: [
    { name: 'lab', testIgnore: /auth\//, use: { baseURL: GALATA_URL } },
    { name: 'auth', testMatch: /auth\/.*\.spec\.ts/, use: { baseURL: AUTH_URL } }
  ],
  webServer: [
    {
      ...serverCommand('galata'),
      url: `${GALATA_URL}/lab`,
      timeout: 120_000,
      reuseExistingServer: false
    },
    {
      ...serverCommand('auth'),
      url: `${AUTH_URL}/api`,
      timeout: 120_000,
      reuseExistingServer: false
    }
  ]
});
