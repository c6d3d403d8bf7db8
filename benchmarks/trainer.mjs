// The Trainer figures of `npm run bench`: from submit to the first log line, and the panel's list of many jobs.
import path from 'node:path';

import { fail, must, output, root, say } from '../scripts/lib.mjs';
import {
  figure,
  firstRows,
  median,
  python,
  startJupyter,
  withBrowser,
  withLocalKubeflow
} from './support.mjs';

const PAIRS = 7;
const JOBS = 1000;

/** Both figures, each with a Local Kubeflow of its own. */
export async function trainer() {
  await withLocalKubeflow(firstLine);
  await withLocalKubeflow(list);
}

async function firstLine(own) {
  const script = path.join(root, 'benchmarks/train_start.py');
  const line = output(python, [script, `${PAIRS}`], { env: own })
    ?.split('\n')
    .pop();
  const found = line ? JSON.parse(line) : fail(`${script} failed.`);
  say(`The function in a bare process: ${median(found.bare).toFixed(2)} s to its first line`);
  figure(
    'first log line of a TrainJob',
    median(found.local),
    's',
    "TrainerClient's LocalProcessBackend",
    median(found.process),
    1,
    `train() to the function's first line in get_job_logs(), which makes a virtual environment there and pods here; the same function and client, median of ${PAIRS} interleaved pairs`
  );
}

async function list(own, folder) {
  const script = path.join(root, 'benchmarks/seed_train_jobs.py');
  await must(python, [script, `${JOBS}`], { env: own });
  const jupyter = await startJupyter(own, folder);
  try {
    const times = await withBrowser(browser =>
      firstRows(browser, jupyter.url, 'kubeflow-trainer-panel')
    );
    figure(
      `first rows of ${JOBS.toLocaleString('en')} TrainJobs`,
      median(times),
      'ms',
      'a limit of 300 ms',
      300,
      1,
      `click on the panel's icon to rows in the DOM, first time in a fresh page, median of ${times.length}`
    );
  } finally {
    await jupyter.stop();
  }
}
