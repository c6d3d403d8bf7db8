/** *Insert SDK code*, run with the Kubeflow SDK as it is: it must make the job that the form makes. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

import { type ITrainJob, trainingRuntimes, trainJobs } from '../../../client/kubernetes/kinds';
import { type Json, list, object } from '../../../graph/wire';
import { clientOf, cluster, localHome, ownNamespace } from '../../../testing/kubernetes';
import { python, pythonEnvironment } from '../../../testing/python';
import { claimOf, claims } from '../claims';
import { type IDraft, newJob, readDraft, writeDraft } from '../model';
import { functionScript, readScript } from '../../../ui/training/script';
import { type ICalled, sdkCode } from '../sdkCode';

const client = clientOf();
const namespace = ownNamespace(client);
const RUNTIME = 'plain';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sdk-code-'));
  await client.resource(trainingRuntimes).create({
    metadata: {
      name: RUNTIME,
      namespace: namespace(),
      labels: { 'trainer.kubeflow.org/framework': 'plain' }
    },
    spec: {
      mlPolicy: { numNodes: 1 },
      template: {
        spec: {
          replicatedJobs: [
            {
              name: 'node',
              template: {
                metadata: { labels: { 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' } },
                spec: {
                  template: {
                    spec: {
                      restartPolicy: 'Never',
                      containers: [{ name: 'node', image: 'python:3.11' }]
                    }
                  }
                }
              }
            }
          ]
        }
      }
    }
  });
  const claim = { name: 'ckpt', size: '1Mi', mode: 'ReadWriteMany', storageClass: '' } as const;
  await client.resource(claims).create(claimOf(claim, namespace()));
  await runSdk();
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const SHARED: Partial<IDraft> = {
  runtime: { kind: 'TrainingRuntime', name: RUNTIME },
  nodes: '2',
  cpu: '100m',
  memory: '64Mi',
  env: [{ name: 'TEXT', value: `it's "$HOME" \\n\n{x} \u{1f600}` }],
  checkpoint: { claim: 'ckpt', path: '/checkpoints' },
  priority: 'low'
};

function job(name: string, change: Partial<IDraft>): Json {
  const first = newJob(name, namespace());
  return writeDraft(first, { ...readDraft(first), ...SHARED, ...change });
}

/** The jobs of the form, and the functions that they call. */
const SOURCE = 'def train(lr, words):\n    print(lr, words)';
const CALL = new Map([
  ['lr', '0.5'],
  ['words', `["it's", None, True]`]
]);
const TEXT = `import os\nprint("$(TEXT) $$", '''\\\\ "x" \\n''', os.environ["TEXT"])\nEOM = 1\nEOM\n`;
const FUNCTION = functionScript(SOURCE, 'train', CALL);
const CASES: Record<string, { draft: Partial<IDraft>; called?: ICalled }> = {
  script: { draft: { code: scriptOf(TEXT), args: ['--lr', "0.1 'x'", ''] } },
  function: {
    draft: { code: scriptOf(FUNCTION) },
    called: { name: 'train', source: SOURCE, call: CALL }
  },
  own: { draft: { code: { kind: 'command', command: ['python', '-c', 'print(1)'] } } }
};

function scriptOf(text: string): IDraft['code'] {
  return { kind: 'script', script: { file: 'train.py', launcher: 'python', text } };
}

/** Runs the code of all cases, each as a file of its own, in one process: the SDK takes seconds to import. */
async function runSdk(): Promise<void> {
  const files = Object.entries(CASES).map(async ([name, { draft, called }]) => {
    const { code, missing } = sdkCode(job(name, draft), { called });
    expect(missing).toEqual([]);
    const file = path.join(folder, `${name}.py`);
    await writeFile(file, code);
    return file;
  });
  const unnamed = path.join(folder, 'unnamed.py');
  await writeFile(unnamed, sdkCode(job('unnamed', CASES['own']!.draft), { named: false }).code);
  const kubeconfig = cluster?.kubeconfig ?? path.join(localHome(), 'kubeconfig');
  const all = 'import runpy, sys\nfor file in sys.argv[1:]:\n    runpy.run_path(file)';
  await promisify(execFile)(
    python(),
    ['-c', all, ...(await Promise.all(files)), unnamed, unnamed],
    {
      env: pythonEnvironment({ KUBECONFIG: kubeconfig })
    }
  );
}

const sdkJob = (name: string) => client.resource(trainJobs).get({ name, namespace: namespace() });

/** What the server makes of the form's job. */
const formJob = (name: string) =>
  client
    .resource(trainJobs)
    .create({ ...job(name, CASES[name]!.draft), metadata: metadata(name) } as never, {
      dryRun: true
    });

/** Another name: the SDK's job has it by now. */
function metadata(name: string): Json {
  return { ...object(job(name, CASES[name]!.draft)['metadata']), name: `${name}-form` };
}

/** Without the name, and who has patched and when. */
function comparable({ metadata: { labels } = {}, spec }: ITrainJob) {
  const patches = list(spec.runtimePatches).map(each => object(each)['trainingRuntimeSpec']);
  return { labels, spec: { ...spec, runtimePatches: patches } };
}

it.each(['script', 'own'])('makes the same job: %s', async name => {
  expect(comparable(await sdkJob(name))).toEqual(comparable(await formJob(name)));
});

it('carries a script to the node as it is', async () => {
  const { spec } = await sdkJob('script');
  expect(readScript(spec.trainer?.command ?? [])?.text).toBe(TEXT);
});

it('makes the same job of a function, but for the words around its code', async () => {
  const theirs = comparable(await sdkJob('function'));
  const ours = comparable(await formJob('function'));
  const { command = [], ...trainer } = theirs.spec.trainer ?? {};
  const { command: own, ...expected } = ours.spec.trainer ?? {};
  expect(trainer).toEqual(expected);
  expect(own?.slice(0, 2)).toEqual(command.slice(0, 2));
  expect(command[2]).toContain(SOURCE);
  expect(command[2]).toContain(FUNCTION.split('\n').at(-2));
  expect({ ...theirs.spec, trainer: {} }).toEqual({ ...ours.spec, trainer: {} });
});

it('makes another job at each run where nobody has named it', async () => {
  const jobs = await client.resource(trainJobs).list({ namespace: namespace() });
  const named = new Set(Object.keys(CASES));
  const others = jobs.filter(each => !named.has(each.metadata?.name ?? ''));
  expect(others).toHaveLength(2);
  for (const each of others) {
    expect(each.metadata?.name).not.toBe('unnamed');
    expect(comparable(each).spec).toEqual(comparable(await sdkJob('own')).spec);
  }
});
