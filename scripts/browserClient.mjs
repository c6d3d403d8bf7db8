// The client layer as one script for a page, for browser tests and measurements that drive it without a panel.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { root } from './lib.mjs';

/** Writes into `folder` a script that gives a page the global `kubeflowClient`: all of `src/client` and `src/client/kubernetes`. Resolves to its path. */
export async function browserClient(folder) {
  const { rspack } = await import('@rspack/core');
  const builder = createRequire(import.meta.url)('./builder.config.cjs');
  const entry = path.join(folder, 'entry.ts');
  const layer = JSON.stringify(path.join(root, 'src/client'));
  const kubernetes = JSON.stringify(path.join(root, 'src/client/kubernetes'));
  fs.writeFileSync(entry, `export * from ${layer};\nexport * from ${kubernetes};\n`);
  const compiler = rspack({
    mode: 'production',
    devtool: false,
    entry,
    output: {
      path: folder,
      filename: 'client.js',
      publicPath: '',
      library: { name: 'kubeflowClient', type: 'var' }
    },
    resolve: { ...builder.resolve, extensions: ['.ts', '.js'] },
    module: {
      rules: [
        {
          test: /\.ts$/,
          loader: 'builtin:swc-loader',
          options: { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }
        }
      ]
    }
  });
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      compiler.close(() => {
        if (error || stats.hasErrors()) {
          reject(error ?? new Error(stats.toString('errors-only')));
        } else {
          resolve(path.join(folder, 'client.js'));
        }
      });
    });
  });
}
