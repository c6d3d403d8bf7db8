/** What the form writes, and the Python that it inserts: the server has to take all of it, with each algorithm and setting that the form offers. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

import { nullTranslator } from '@jupyterlab/translation';

import { tuningExperiments } from '../../../client/kubernetes/kinds';
import type { Json } from '../../../graph/wire';
import { clientOf, cluster, localHome, ownNamespace } from '../../../testing/kubernetes';
import { python, pythonEnvironment } from '../../../testing/python';
import type { StudyKind } from '../../context';
import { kindOf } from '../../kinds';
import { algorithmsOf, type ISetting, medianStopSettings } from '../algorithms';
import { checkDraft } from '../check';
import { type IDraft, newStudy, readDraft, writeDraft } from '../model';
import { sdkCode } from '../sdkCode';
import { EMPTY_ROW } from '../space';
import { placeOf } from '../template';

/** A control plane alone has no Katib. */
const onlyLocal = cluster ? it.skip : it;
const trans = nullTranslator.load('');
const client = clientOf();
const namespace = ownNamespace(client);
const NUMBERS = { ...EMPTY_ROW, min: '0.1', max: '0.9', step: '0.1' };
const CODE = { file: 'fit.py', launcher: 'python' as const, text: `print("loss=0.5 it's $$")\n` };

function valueOf({ name, type, least = 0, placeholder }: ISetting): string {
  if (name === 'resource_name') {
    return 'a';
  }
  if (typeof type !== 'string') {
    return type[0]!;
  }
  return Number(placeholder) ? placeholder! : type === 'whole' ? '7' : String(least + 0.5);
}

function settingsOf(settings: readonly ISetting[]): Record<string, string> {
  return Object.fromEntries(settings.map(each => [each.name, valueOf(each)]));
}

function study(kind: StudyKind, name: string, change: Partial<IDraft>): Json {
  const listed = change.algorithm === 'grid' && kind === 'OptimizationJob';
  const choices = { ...EMPTY_ROW, type: 'categorical' as const, choices: 'x, y' };
  const step = kind === 'Experiment' ? '0.1' : '';
  const rows = ['a', 'b'].map(row => ({ ...(listed ? choices : { ...NUMBERS, step }), name: row }));
  const of = newStudy(kind, name, namespace());
  return writeDraft(kind, of, {
    ...readDraft(kind, of),
    metric: 'loss',
    direction: 'minimize',
    space: rows,
    max: '4',
    parallel: '4',
    code: { kind: 'script', script: CODE },
    args: rows.map(row => `--${row.name}=${placeOf(kind, row.name)}`),
    runtime: { kind: 'ClusterTrainingRuntime', name: 'python-distributed' },
    ...change
  });
}

const CASES = (['Experiment', 'OptimizationJob'] as const).flatMap(kind =>
  algorithmsOf(kind, trans)
    // What it needs is installed by hand.
    .filter(({ name }) => name !== 'bayesianoptimization')
    .map(algorithm => [kind, algorithm.name, algorithm] as const)
);

onlyLocal.each(CASES)(
  'takes an %s that searches by %s with all its settings',
  async (kind, name, algorithm) => {
    const of = study(kind, `by-${name}`, {
      algorithm: name,
      settings: settingsOf(algorithm.settings),
      ...(kind === 'Experiment'
        ? { stopping: 'medianstop', stoppingSettings: settingsOf(medianStopSettings(trans)) }
        : {})
    });
    expect(checkDraft(kind, readDraft(kind, of), of, algorithm, trans)).toEqual({
      fields: {},
      top: []
    });
    const made = await client.resource(kindOf(kind)).create(of as never, { dryRun: true });
    expect(made.kind).toBe(kind);
  }
);

onlyLocal(
  'inserts Python that makes the same experiment',
  async () => {
    const of = study('Experiment', 'by-code', { goal: '0.1' });
    const folder = await mkdtemp(path.join(tmpdir(), 'katib-code-'));
    try {
      const file = path.join(folder, 'code.py');
      await writeFile(file, sdkCode(of, { kind: 'Experiment', named: true }));
      await promisify(execFile)(python(), [file], {
        env: pythonEnvironment({
          KUBECONFIG: path.join(localHome(), 'kubeconfig')
        })
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const resource = client.resource(tuningExperiments);
    const { spec } = await resource.get({ name: 'by-code', namespace: namespace() });
    const twin = study('Experiment', 'by-form', { goal: '0.1' });
    expect(spec).toEqual((await resource.create(twin as never, { dryRun: true })).spec);
  },
  120_000
);
