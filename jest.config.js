const jestJupyterLab = require('@jupyterlab/testing/lib/jest-config');

/** Packages that ship ES modules only, which jest has to translate. */
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@kubernetes/client-node',
  '@marijn',
  '@microsoft/',
  '@rjsf/',
  'color',
  'echarts',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yaml/browser',
  'yjs',
  'zrender'
].join('|');

const { moduleFileExtensions, moduleNameMapper, resolver, transform } = jestJupyterLab(__dirname);

/** What all specs share; `reporters` and the like stand outside the projects. */
const shared = {
  rootDir: __dirname,
  roots: ['<rootDir>/src'],
  moduleFileExtensions,
  resolver,
  moduleNameMapper: {
    ...moduleNameMapper,
    '^undici$': '<rootDir>/scripts/shims/undici.cjs',
    '^\\.\\./models/ObjectSerializer\\.js$': '<rootDir>/scripts/shims/objectSerializer.cjs',
    '/layout\\.client$': '<rootDir>/src/testing/layout.client.ts'
  },
  transform: {
    '\\.svg$': transform['\\.svg$'],
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.test.json', diagnostics: false }],
    '^.+\\.[cm]?jsx?$': [
      'babel-jest',
      {
        babelrc: false,
        configFile: false,
        presets: [['@babel/preset-env', { targets: { node: 'current' } }]]
      }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules}))`]
};

module.exports = {
  testTimeout: 10000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testRegex: 'src/.*\\.spec\\.tsx?$',
      testPathIgnorePatterns: ['/node_modules/', '/contract/', '/kubernetes/cluster/'],
      // A spec that names `@jest-environment node` runs without a DOM.
      testEnvironment: '@jupyterlab/testing/lib/jest-env.js',
      setupFiles: ['<rootDir>/src/testing/shim.cjs'],
      setupFilesAfterEnv: ['<rootDir>/src/testing/setup.ts']
    },
    {
      // The client in plain Node against a real Local Kubeflow, started once for all of these specs.
      ...shared,
      displayName: 'contract',
      testRegex: 'src/.*/contract/.*\\.spec\\.ts$',
      testEnvironment: 'node',
      globalSetup: '<rootDir>/src/testing/startLocalKubeflow.ts',
      globalTeardown: '<rootDir>/src/testing/stopLocalKubeflow.ts'
    }
  ]
};
