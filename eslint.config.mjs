import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import boundaries from 'eslint-plugin-boundaries';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const PANELS = ['objects', 'pipelines', 'trainer', 'katib', 'registry', 'kserve', 'feast'];

/** Which layer may import which (docs/architecture.md, Layers). A folder may always import itself. */
const MAY_IMPORT = {
  graph: [],
  client: ['graph'],
  ui: ['client', 'graph'],
  mime: ['graph', 'client'],
  connection: ['client', 'graph', 'ui'],
  notebook: ['client', 'graph', 'ui'],
  ...Object.fromEntries(PANELS.map(panel => [panel, ['client', 'graph', 'ui']])),
  testing: ['client', 'graph', 'ui', ...PANELS, 'notebook', 'connection', 'mime']
};

const layers = Object.keys(MAY_IMPORT);

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      'lib',
      'build',
      '.venv',
      '.local',
      'jupyter_extension',
      'ui-tests/node_modules',
      'ui-tests/test-results',
      'ui-tests/playwright-report',
      'examples',
      'coverage'
    ]
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  {
    plugins: { boundaries },
    settings: {
      'import/resolver': { node: { extensions: ['.ts', '.tsx', '.js'] } },
      'boundaries/files': [{ category: 'spec', pattern: 'src/**/*.spec.{ts,tsx}' }],
      'boundaries/elements': layers.map(layer => ({ type: layer, pattern: `src/${layer}` }))
    },
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
            ...layers.map(layer => ({
              from: { element: { type: layer } },
              allow: { to: { element: { types: { anyOf: [layer, ...MAY_IMPORT[layer]] } } } }
            })),
            {
              from: { file: { categories: { anyOf: ['spec'] } } },
              allow: { to: { element: { type: 'testing' } } }
            }
          ]
        }
      ]
    }
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
      ],
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // What activation itself needs: tokens, icons, commands and the clients behind them; views are imported when they are first shown.
      'jupyter/prefer-lazy-imports': [
        'error',
        {
          ignoreImports: [
            '../ui/detailTabs',
            '../ui/icons',
            '../ui/kubernetes/served',
            '../ui/panelPlugin',
            '../ui/sidePanel',
            '../client/*',
            './commands',
            './create/commands',
            './detailTabs',
            './drive',
            './sidePanel',
            './statusItem',
            './watcher'
          ]
        }
      ],
      curly: ['error', 'all'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': ['error', { allow: ['warn', 'error'] }],
      'prefer-arrow-callback': 'error'
    }
  },
  {
    files: ['**/*.spec.{ts,tsx}', 'src/testing/**'],
    rules: { 'jupyter/no-untranslated-string': 'off', 'jupyter/command-described-by': 'off' }
  },
  {
    // What it hands to the page runs there.
    files: ['scripts/bench.mjs', 'benchmarks/*.mjs'],
    languageOptions: { globals: { ...globals.browser } }
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: { globals: { ...globals.node } },
    rules: { '@typescript-eslint/no-require-imports': 'off' }
  },
  prettier
);
