// The figures of the Model Registry of `npm run bench`: Local Kubeflow's service against SQLite itself, and the panel.
import path from 'node:path';

import { fail, must, output, root, say } from '../scripts/lib.mjs';
import {
  TOKEN,
  figure,
  firstRows,
  median,
  python,
  startJupyter,
  withBrowser,
  withLocalKubeflow
} from './support.mjs';

const VERSIONS = 10_000;
const WRITES = 2_000;
const ROUNDS = 5;

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
    own => seed(own)
  );
  await withLocalKubeflow(panel, own => seed(own, 1));
}

/** @param models - how many have the versions */
function seed(own, ...models) {
  const script = path.join(root, 'benchmarks/seed_versions.py');
  return must(python, [script, `${VERSIONS}`, ...models.map(String)], { env: own });
}

/** First rows of the panel and of a model with all the versions, and a search among them. */
async function panel(own, folder) {
  const jupyter = await startJupyter(own, folder, ['--LabApp.expose_app_in_browser=True']);
  try {
    await withBrowser(async browser => {
      const limit = (name, taken, clock) =>
        figure(name, median(taken), 'ms', 'a limit of 300 ms', 300, 1, clock);
      limit(
        'registry: first rows of the panel',
        await firstRows(browser, jupyter.url, 'kubeflow-registry-panel', ROUNDS),
        `click on the panel's icon to the first row, median of ${ROUNDS} fresh pages`
      );
      const looks = [];
      for (let round = 0; round <= ROUNDS; round++) {
        looks.push(await look(browser, jupyter.url));
      }
      const many = `${VERSIONS.toLocaleString('en')} versions`;
      const seen = looks.slice(1);
      limit(
        `registry: first rows of ${many}`,
        seen.map(({ first }) => first),
        `command to the first row in the DOM and the frame after, median of ${ROUNDS} fresh pages`
      );
      limit(
        `registry: a search among ${many}`,
        seen.map(({ search }) => search),
        `text in the filter to the rows that have it and the frame after, median of ${ROUNDS} fresh pages`
      );
      figure(
        `registry: longest block while ${many} are read and searched`,
        median(seen.map(({ block }) => block)),
        'ms',
        'a limit of 50 ms',
        50,
        1,
        `longest task of the main thread from the command to the end of the search, median of ${ROUNDS} fresh pages`
      );
    });
  } finally {
    await jupyter.stop();
  }
}

/** Opens the model at its versions in a fresh page, waits until all are there, and searches for one of them. */
async function look(browser, url) {
  const page = await browser.newPage();
  await page.goto(`${url}/lab?token=${TOKEN}&reset`);
  await page.waitForSelector('#jp-main-statusbar');
  await page.waitForLoadState('networkidle');
  const found = await page.evaluate(async count => {
    let block = 0;
    new PerformanceObserver(list => {
      block = Math.max(block, ...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
    const shows = test =>
      new Promise(resolve => {
        const observer = new MutationObserver(() => {
          if (test()) {
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
          }
        });
        observer.observe(document.body, {
          childList: true,
          subtree: true,
          characterData: true,
          attributes: true
        });
      });
    const rows = () => [...document.querySelectorAll('.jp-Kubeflow-dataTable [data-key]')];
    const told = () =>
      document.querySelector('.jp-Kubeflow-detail .jp-Kubeflow-footer')?.textContent ?? '';
    const start = performance.now();
    const first = shows(() => rows().length > 0);
    const whole = shows(() => told().includes(count));
    void window.jupyterapp.commands.execute('kubeflow-registry:open-model', {
      modelId: '1',
      name: 'model-000',
      section: 'versions'
    });
    const firstAt = await first;
    await whole;
    const input = document.querySelector('.jp-Kubeflow-detail input[type="search"]');
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    const searched = shows(() => rows().length === 1 && rows()[0].textContent.includes('v04321'));
    const typed = performance.now();
    set.call(input, 'v04321');
    input.dispatchEvent(new Event('input', { bubbles: true }));
    return { first: firstAt - start, search: (await searched) - typed, block };
  }, VERSIONS.toLocaleString('en'));
  await page.close();
  return found;
}
