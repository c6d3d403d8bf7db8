import { nullTranslator } from '@jupyterlab/translation';

import type { ITrainJob } from '../../client/kubernetes/kinds/trainer';
import type { Json } from '../../graph/wire';
import type { StudyKind } from '../context';
import type { StudyObject } from '../kinds';
import { algorithmsOf, settingProblem } from './algorithms';
import { checkDraft, fieldOf } from './check';
import { studyCodec } from './codec';
import {
  cloneStudy,
  type IDraft,
  newStudy,
  placeIn,
  readDraft,
  studyOfTrainJob,
  writeDraft
} from './model';
import { choicesOf, choicesText, EMPTY_ROW } from './space';

const trans = nullTranslator.load('');
const LR = {
  ...EMPTY_ROW,
  name: 'lr',
  min: '0.001',
  max: '0.1',
  distribution: 'logUniform' as const
};
const SOLVER = {
  ...EMPTY_ROW,
  name: 'solver',
  type: 'categorical' as const,
  choices: 'adam, sgd'
};

function written(kind: StudyKind, change: Partial<IDraft>, of = newStudy(kind, 'a', 'team')): Json {
  return writeDraft(kind, of, { ...readDraft(kind, of), ...change });
}

function wrong(kind: StudyKind, of: Json, change: Partial<IDraft> = {}) {
  const draft = { ...readDraft(kind, of), ...change };
  const algorithm = algorithmsOf(kind, trans).find(({ name }) => name === draft.algorithm);
  return checkDraft(kind, draft, of, algorithm, trans).fields;
}

const FULL: Partial<IDraft> = {
  name: 'b',
  metric: 'loss',
  direction: 'minimize',
  goal: '0.1',
  additional: 'accuracy,  f1',
  algorithm: 'hyperband',
  settings: { r_l: '9', eta: '3', resource_name: 'lr', random_state: '' },
  stopping: 'medianstop',
  stoppingSettings: { min_trials_required: '2' },
  space: [LR, SOLVER],
  max: '7',
  parallel: '3',
  maxFailed: '',
  resume: 'LongRunning',
  collector: 'File',
  file: '/tmp/metrics.log',
  formats: ['(\\w+): (.*)'],
  retain: false,
  runtime: { kind: 'ClusterTrainingRuntime', name: 'torch' },
  args: ['--lr=${trialParameters.lr}', '--solver=${trialParameters.solver}'],
  env: [{ name: 'A', value: '1' }],
  nodes: '2',
  resources: [{ name: 'cpu', value: '2' }]
};

describe('an Experiment', () => {
  it('is written as Katib has it', () => {
    expect(written('Experiment', FULL)).toEqual({
      apiVersion: 'kubeflow.org/v1beta1',
      kind: 'Experiment',
      metadata: { name: 'b', namespace: 'team' },
      spec: {
        objective: {
          type: 'minimize',
          objectiveMetricName: 'loss',
          goal: 0.1,
          additionalMetricNames: ['accuracy', 'f1']
        },
        algorithm: {
          algorithmName: 'hyperband',
          algorithmSettings: [
            { name: 'r_l', value: '9' },
            { name: 'eta', value: '3' },
            { name: 'resource_name', value: 'lr' }
          ]
        },
        earlyStopping: {
          algorithmName: 'medianstop',
          algorithmSettings: [{ name: 'min_trials_required', value: '2' }]
        },
        parameters: [
          {
            name: 'lr',
            parameterType: 'double',
            feasibleSpace: { min: '0.001', max: '0.1', distribution: 'logUniform' }
          },
          {
            name: 'solver',
            parameterType: 'categorical',
            feasibleSpace: { list: ['adam', 'sgd'] }
          }
        ],
        maxTrialCount: 7,
        parallelTrialCount: 3,
        resumePolicy: 'LongRunning',
        metricsCollectorSpec: {
          collector: { kind: 'File' },
          source: {
            fileSystemPath: { kind: 'File', path: '/tmp/metrics.log', format: 'TEXT' },
            filter: { metricsFormat: ['(\\w+): (.*)'] }
          }
        },
        trialTemplate: {
          primaryContainerName: 'node',
          trialParameters: [
            { name: 'lr', reference: 'lr' },
            { name: 'solver', reference: 'solver' }
          ],
          trialSpec: {
            apiVersion: 'trainer.kubeflow.org/v1alpha1',
            kind: 'TrainJob',
            spec: {
              runtimeRef: { kind: 'ClusterTrainingRuntime', name: 'torch' },
              trainer: {
                args: ['--lr=${trialParameters.lr}', '--solver=${trialParameters.solver}'],
                env: [{ name: 'A', value: '1' }],
                numNodes: 2,
                resourcesPerNode: { requests: { cpu: 2 }, limits: { cpu: 2 } }
              }
            }
          }
        }
      }
    });
  });

  it('is read as it was written, and written again as it is', () => {
    const of = written('Experiment', FULL);
    const draft = readDraft('Experiment', of);
    expect(draft).toMatchObject({ ...FULL, additional: 'accuracy, f1', settings: { r_l: '9' } });
    expect(writeDraft('Experiment', of, draft)).toEqual(of);
  });

  it('keeps what the form does not know', () => {
    const of = written('Experiment', FULL);
    const spec = of['spec'] as Json;
    spec['nasConfig'] = { graphConfig: { numLayers: 3 } };
    (spec['trialTemplate'] as Json)['trialParameters'] = [
      { name: 'learningRate', reference: 'lr', description: 'how fast' },
      { name: 'solver', reference: 'solver' },
      { name: 'own', reference: '${trialSpec.Name}' }
    ];
    expect(placeIn('Experiment', of, 'lr')).toBe('${trialParameters.learningRate}');
    const after = writeDraft('Experiment', of, {
      ...readDraft('Experiment', of),
      space: [LR],
      max: '8'
    })['spec'] as Json;
    expect(after['nasConfig']).toEqual({ graphConfig: { numLayers: 3 } });
    expect((after['trialTemplate'] as Json)['trialParameters']).toEqual([
      { name: 'learningRate', reference: 'lr', description: 'how fast' },
      { name: 'own', reference: '${trialSpec.Name}' }
    ]);
  });

  it('of a Job is left to the YAML', () => {
    const job = { template: { spec: { containers: [{ name: 'main', command: ['a'] }] } } };
    const of = newStudy('Experiment', 'a', 'team');
    const template = (of['spec'] as Json)['trialTemplate'] as Json;
    template['trialSpec'] = { apiVersion: 'batch/v1', kind: 'Job', spec: job };
    const after = written('Experiment', { max: '3', args: ['--x'] }, of);
    expect(((after['spec'] as Json)['trialTemplate'] as Json)['trialSpec']).toEqual(
      template['trialSpec']
    );
  });

  it('is cloned without its status, and made of a TrainJob without what controllers wrote', () => {
    const of = { ...written('Experiment', FULL), status: { trials: 3 } } as unknown as StudyObject;
    expect(cloneStudy('Experiment', of, 'c')).toEqual({
      ...written('Experiment', { ...FULL, name: 'c' })
    });
    const job = {
      metadata: { name: 'digits', namespace: 'other', labels: { team: 'a' } },
      spec: {
        runtimeRef: { kind: 'ClusterTrainingRuntime', name: 'torch' },
        suspend: true,
        managedBy: 'x',
        trainer: { args: ['--lr=0.1'] },
        runtimePatches: [
          { manager: 'kueue.x-k8s.io/manager', time: 't' },
          { manager: 'me', time: 't' }
        ]
      }
    } as unknown as ITrainJob;
    const made = studyOfTrainJob('Experiment', job, 'c', 'team');
    expect(made['metadata']).toEqual({ name: 'c', namespace: 'other' });
    expect((made['spec'] as Json)['trialTemplate']).toMatchObject({
      trialSpec: {
        kind: 'TrainJob',
        metadata: { labels: { team: 'a' } },
        spec: {
          runtimeRef: { kind: 'ClusterTrainingRuntime', name: 'torch' },
          trainer: { args: ['--lr=0.1'] },
          runtimePatches: [{ manager: 'me' }]
        }
      }
    });
  });
});

describe('an OptimizationJob', () => {
  it('is written as Trainer has it, and read again', () => {
    const of = written('OptimizationJob', {
      metric: 'loss',
      direction: 'minimize',
      settings: { seed: '3' },
      space: [
        LR,
        { ...LR, name: 'n', type: 'int', min: '1', max: '9', distribution: 'uniform' },
        SOLVER
      ],
      max: '4',
      parallel: '1',
      runtime: { kind: 'TrainingRuntime', name: 'own' },
      args: ['--lr=$(KUBEFLOW_TRAINER_OPT_LR)']
    });
    expect(of['spec']).toEqual({
      objectives: [{ metric: 'loss', direction: 'Minimize' }],
      searchAlgorithm: { random: { seed: 3 } },
      parameters: [
        { name: 'lr', searchSpace: { logUniform: { min: '0.001', max: '0.1', type: 'Float' } } },
        { name: 'n', searchSpace: { uniform: { min: '1', max: '9', type: 'Int' } } },
        { name: 'solver', searchSpace: { categorical: { choices: ['adam', 'sgd'] } } }
      ],
      numTrials: 4,
      parallelTrials: 1,
      trainJobTemplate: {
        spec: {
          runtimeRef: { kind: 'TrainingRuntime', name: 'own' },
          trainer: { args: ['--lr=$(KUBEFLOW_TRAINER_OPT_LR)'] }
        }
      }
    });
    expect(writeDraft('OptimizationJob', of, readDraft('OptimizationJob', of))).toEqual(of);
    expect(placeIn('OptimizationJob', of, 'batch-size')).toBe('$(KUBEFLOW_TRAINER_OPT_BATCH_SIZE)');
    expect(wrong('OptimizationJob', of, { algorithm: 'grid' })['space.0']).toContain(
      'choices only'
    );
  });
});

describe('what is wrong', () => {
  const of = written('Experiment', { ...FULL, algorithm: 'tpe', settings: {} });

  it('is nothing with a whole experiment', () => {
    expect(wrong('Experiment', of)).toEqual({});
  });

  it.each<[Partial<IDraft>, string, string]>([
    [{ name: 'A' }, 'name', 'lower-case'],
    [{ name: 'a'.repeat(40) }, 'name', 'at most 39'],
    [{ metric: '' }, 'metric', 'made better'],
    [{ metric: 'val.loss', formats: [] }, 'metric', 'letters, digits'],
    [{ additional: 'loss' }, 'additional', 'objective already'],
    [{ goal: 'high' }, 'goal', 'a number'],
    [{ space: [] }, 'space', 'Nothing is searched'],
    [{ space: [LR, LR] }, 'space.1', 'twice'],
    [{ space: [{ ...LR, min: '0' }] }, 'space.0', 'above 0'],
    [{ space: [{ ...LR, min: '1' }] }, 'space.0', 'above the greatest'],
    [{ space: [{ ...LR, type: 'int' }] }, 'space.0', 'whole'],
    [{ space: [{ ...LR, step: '0' }] }, 'space.0', 'step'],
    [{ space: [{ ...LR, min: '' }] }, 'space.0', 'are needed'],
    [{ space: [{ ...SOLVER, choices: '' }] }, 'space.0', 'List'],
    [{ space: [{ ...SOLVER, type: 'discrete' }] }, 'space.0', 'no number'],
    [{ space: [{ ...LR, name: 'other' }] }, 'space.0', 'takes “other”'],
    [{ algorithm: 'grid' }, 'space.0', 'give a step'],
    [{ algorithm: 'hyperband', settings: { r_l: '0' } }, 'settings.r_l', 'from 1 on'],
    [{ algorithm: 'hyperband', settings: {} }, 'settings.resource_name', 'needs it'],
    [{ stoppingSettings: { start_step: '-1' } }, 'stoppingSettings.start_step', 'whole number'],
    [{ max: '2' }, 'parallel', 'at most'],
    [{ max: '0' }, 'max', 'from 1 on'],
    [{ maxFailed: 'x' }, 'maxFailed', 'from 0 on'],
    [{ file: 'metrics.log' }, 'file', 'begins with /'],
    [{ formats: ['(.*)'] }, 'formats.0', 'two groups'],
    [{ runtime: { kind: 'ClusterTrainingRuntime', name: '' } }, 'runtime', 'Choose'],
    [{ resources: [{ name: 'cpu', value: '' }] }, 'resources.0', 'How much'],
    [{ image: 'two words' }, 'image', 'must be an image'],
    [{ env: [{ name: '', value: 'x' }] }, 'env.0', 'name']
  ])('%j is told at %s', (change, field, words) => {
    expect(wrong('Experiment', of, change)[field]).toContain(words);
  });

  it('is not an image that is searched', () => {
    const change = { image: 'train:${trialParameters.tag}' };
    expect(wrong('Experiment', of, change)).not.toHaveProperty('image');
  });

  it('is told at the field that a path of the object is about', () => {
    const draft = readDraft('Experiment', of);
    const field = (path: (string | number)[], kind: StudyKind = 'Experiment') =>
      fieldOf(kind, path, of, draft);
    expect(field(['spec', 'objective', 'goal'])).toBe('goal');
    expect(field(['spec', 'parameters', 1, 'feasibleSpace', 'min'])).toBe('space.1');
    expect(field(['spec', 'maxTrialCount'])).toBe('max');
    expect(field(['spec', 'earlyStopping', 'algorithmSettings', 0, 'value'])).toBe(
      'stoppingSettings.min_trials_required'
    );
    expect(field(['spec', 'algorithm', 'algorithmName'])).toBe('algorithm');
    expect(field(['spec', 'metricsCollectorSpec', 'source', 'filter', 'metricsFormat', 0])).toBe(
      'formats.0'
    );
    const run = ['spec', 'trialTemplate', 'trialSpec', 'spec'];
    expect(field([...run, 'runtimeRef', 'name'])).toBe('runtime');
    expect(field([...run, 'trainer', 'resourcesPerNode', 'limits', 'cpu'])).toBe('resources.0');
    expect(field([...run, 'trainer', 'env', 0, 'value'])).toBe('env.0');
    expect(
      field(['spec', 'trainJobTemplate', 'spec', 'trainer', 'numNodes'], 'OptimizationJob')
    ).toBe('nodes');
    expect(field(['spec', 'searchAlgorithm', 'random', 'seed'], 'OptimizationJob')).toBe(
      'settings.seed'
    );
  });
});

describe('choices', () => {
  it('are typed with commas, or as JSON where they have some themselves', () => {
    expect(choicesOf(' a, b,, c ')).toEqual(['a', 'b', 'c']);
    expect(choicesOf('["a, b", 1]')).toEqual(['a, b', '1']);
    expect(choicesOf('[a')).toEqual(['[a']);
    for (const all of [['a', 'b'], ['a, b'], ['', 'x'], ['[1]'], []]) {
      expect(choicesOf(choicesText(all))).toEqual(all);
    }
  });

  it('stay as they were typed while the YAML says the same', () => {
    const codec = studyCodec('Experiment');
    const of = newStudy('Experiment', 'a', '');
    const before = { ...codec.read(of), space: [{ ...SOLVER, choices: 'adam,sgd,' }, EMPTY_ROW] };
    const read = codec.read(codec.write(of, before));
    expect(codec.carry!(before, read).space).toEqual(before.space);
  });
});

describe('settings', () => {
  it('have words and rules for each algorithm', () => {
    for (const kind of ['Experiment', 'OptimizationJob'] as const) {
      for (const { settings, words } of algorithmsOf(kind, trans)) {
        expect(words).not.toBe('');
        for (const setting of settings) {
          expect(settingProblem(setting, '', trans) === undefined).toBe(!setting.required);
          expect(setting.type === 'text' || settingProblem(setting, 'x-', trans)).toBeTruthy();
        }
      }
    }
  });
});
