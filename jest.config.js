const jestJupyterLab = require('@jupyterlab/testutils/lib/jest-config');

const esModules = [
  '@jupyter/',
  '@jupyterlab/',
  '@kubernetes/client-node',
  '@microsoft/',
  '@rjsf/',
  'exenv-es6',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const base = jestJupyterLab(__dirname);

module.exports = {
  ...base,
  testEnvironment: 'jsdom',
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^undici$': '<rootDir>/scripts/shims/undici.cjs',
    '/layout\\.client$': '<rootDir>/src/testing/layout.client.ts'
  },
  modulePathIgnorePatterns: ['<rootDir>/jupyter_extension', '<rootDir>/lib', '<rootDir>/build'],
  testRegex: 'src/.*\\.spec\\.tsx?$',
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/ui-tests', '<rootDir>/lib'],
  transform: {
    ...base.transform,
    '^.+\\.tsx?$': [
      'ts-jest',
      { tsconfig: 'tsconfig.test.json', isolatedModules: true, diagnostics: false }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules}))`],
  setupFilesAfterEnv: [...(base.setupFilesAfterEnv ?? []), '<rootDir>/src/testing/setup.ts'],
  collectCoverage: false,
  reporters: ['default']
};
