// The figures of the Model Registry of `npm run bench`: Local Kubeflow's service against SQLite itself.
import path from 'node:path';

import { fail, must, output, root, say } from '../scripts/lib.mjs';
import { figure, python, withLocalKubeflow } from './support.mjs';

const VERSIONS = 10_000;
const WRITES = 2_000;

/** Durable writes and reads by several clients at once, and lists of many versions. */
export async function registry() {
  const script = path.join(root, 'benchmarks/registry_api.py');
  await withLocalKubeflow(
    async own => {
      const line = output(python, [script, `${WRITES}`], { env: own })
        ?.split('\n')
        .pop();
      const found = line ? JSON.parse(line) : fail(`${script} failed.`);
      const each = rate => 1000 / rate;
      const clock = `${WRITES} over HTTP by ${found.clients} processes at once, median of 3 interleaved with SQLite's`;
      const against = (name, rate) =>
        figure(
          name,
          each(rate),
          'ms',
          'a raw SQLite transaction of one row, same pragmas',
          each(found.transactions),
          5,
          clock
        );
      against('registry: a version made, durably', found.writes);
      against('registry: a version read', found.reads);
      say(
        `${found.writes.toFixed(0)} writes and ${found.reads.toFixed(0)} reads a second; SQLite alone ${found.transactions.toFixed(0)} transactions and ${found.selects.toFixed(0)} selects`
      );
      const [name, slowest] = Object.entries(found.lists).sort(([, a], [, b]) => b - a)[0];
      figure(
        `registry: page of ${VERSIONS} versions by filter (slowest: ${name})`,
        1000 * slowest,
        'ms',
        'a limit of 100 ms',
        100,
        1,
        `GET of the 50 newest, by ${Object.keys(found.lists).join(', ')}, median of 9 each`
      );
    },
    own =>
      must(python, [path.join(root, 'benchmarks/seed_versions.py'), `${VERSIONS}`], { env: own })
  );
}
