// The Katib figures of `npm run bench`: what a trial costs beside its own command, and an experiment with many trials.
import path from 'node:path';

import { fail, must, output, root, say } from '../scripts/lib.mjs';
import {
  TOKEN,
  figure,
  median,
  python,
  startJupyter,
  withBrowser,
  withLocalKubeflow
} from './support.mjs';

const TRIALS = 8;
const PAIRS = 3;
const MANY = 1000;
const ROUNDS = 5;

/** Both figures, each with a Local Kubeflow of its own. */
export async function katib() {
  await withLocalKubeflow(overhead);
  await withLocalKubeflow(detail, own =>
    must(python, [path.join(root, 'benchmarks/seed_experiment.py'), `${MANY}`], { env: own })
  );
}

async function overhead(own) {
  const script = path.join(root, 'benchmarks/tune_trials.py');
  const line = output(python, [script, `${TRIALS}`, `${PAIRS}`], { env: own })
    ?.split('\n')
    .pop();
  const found = line ? JSON.parse(line) : fail(`${script} failed.`);
  for (const [which, byParallel] of Object.entries(found)) {
    for (const [parallel, { local: ours, optuna }] of Object.entries(byParallel)) {
      const clock = `request to the experiment's end, a trial; ${TRIALS} trials, the same sampler and command, median of ${PAIRS} interleaved pairs`;
      const name = `a trial, ${parallel} at a time, ${which === 'bare' ? 'of a Python that only prints' : 'that trains with scikit-learn'}`;
      if (which === 'bare') {
        // What is said of such a trial is a difference: there is nothing in it that a ratio could be about.
        const [mine, peer] = [median(ours), median(optuna)].map(each => 1000 * each);
        say(
          `${name}: ${mine.toFixed(0)} ms; Optuna with the same subprocess: ${peer.toFixed(0)} ms`
        );
      } else {
        figure(
          name,
          median(ours),
          's',
          'Optuna with the same subprocess',
          median(optuna),
          1.2,
          clock
        );
      }
    }
  }
}

async function detail(own, folder) {
  const jupyter = await startJupyter(own, folder, ['--LabApp.expose_app_in_browser=True']);
  try {
    await withBrowser(async browser => {
      const rounds = [];
      for (let round = 0; round <= ROUNDS; round++) {
        rounds.push(await looks(browser, jupyter.url));
      }
      for (const section of Object.keys(rounds[0])) {
        const seen = rounds.slice(1).map(each => each[section]);
        const many = `${MANY.toLocaleString('en')} trials, ${section}`;
        const clock = `median of ${ROUNDS} fresh pages`;
        figure(
          `first paint of ${many}`,
          median(seen.map(({ painted }) => painted)),
          'ms',
          'a limit of 1 s',
          1000,
          1,
          `command to its own part in the DOM and the frame after, ${clock}`
        );
        figure(
          `longest block of ${many}`,
          median(seen.map(({ block }) => block)),
          'ms',
          'a limit of 50 ms',
          50,
          1,
          `longest task of the main thread from the command until a second after, ${clock}`
        );
      }
    });
  } finally {
    await jupyter.stop();
  }
}

/** A tab of the detail → what tells that it has been painted. */
const SECTIONS = {
  overview: '.jp-Kubeflow-best strong',
  parallel: '.jp-Kubeflow-parallel svg path',
  objective: '.jp-Kubeflow-chart svg circle, .jp-Kubeflow-chart svg path',
  trials: '.jp-Kubeflow-dataTable [data-key]'
};

/** Opens the experiment at each section, once in a fresh page; milliseconds until it was painted, and of the longest task. */
async function looks(browser, url) {
  const found = {};
  for (const [section, selector] of Object.entries(SECTIONS)) {
    const page = await browser.newPage();
    await page.goto(`${url}/lab?token=${TOKEN}&reset`);
    await page.waitForSelector('#jp-main-statusbar');
    await page.waitForLoadState('networkidle');
    found[section] = await page.evaluate(
      async ([at, wanted]) => {
        let block = 0;
        const tasks = new PerformanceObserver(list => {
          block = Math.max(block, ...list.getEntries().map(({ duration }) => duration));
        });
        tasks.observe({ type: 'longtask' });
        const start = performance.now();
        const painted = new Promise(resolve => {
          const observer = new MutationObserver(() => {
            if (document.querySelector(`.jp-Kubeflow-detail :is(${wanted})`)) {
              observer.disconnect();
              requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
            }
          });
          observer.observe(document.body, { childList: true, subtree: true, attributes: true });
        });
        void window.jupyterapp.commands.execute('kubeflow-katib:open-experiment', {
          name: 'many-trials',
          section: at
        });
        const taken = await painted;
        await new Promise(resolve => setTimeout(resolve, 1000));
        tasks.disconnect();
        return { painted: taken, block };
      },
      [section, selector]
    );
    await page.close();
  }
  return found;
}
