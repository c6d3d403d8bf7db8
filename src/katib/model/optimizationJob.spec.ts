import { makeOptimizationJob, makeTrialJob } from '../../testing/katib';
import { condition } from '../../testing/trainer';
import { studyOfOptimizationJob } from './optimizationJob';

const complete = [condition('Complete')];
const env = {
  KUBEFLOW_TRAINER_OPT_LR: '0.01',
  KUBEFLOW_TRAINER_OPT_HIDDEN_UNITS: '16',
  KUBEFLOW_TRAINER_OPT_OPTIMIZER: 'adam'
};

describe('the study of an OptimizationJob', () => {
  it('has objective, algorithm and search space', () => {
    expect(studyOfOptimizationJob(makeOptimizationJob('tune'), [])).toEqual({
      trials: [],
      kind: 'OptimizationJob',
      namespace: 'team-a',
      name: 'tune',
      uid: 'uid-tune',
      objective: { metric: 'loss', direction: 'minimize' },
      additionalMetrics: [],
      algorithm: 'random',
      parameters: [
        { name: 'lr', type: 'double', min: 0.0001, max: 0.1, log: true },
        { name: 'hidden-units', type: 'int', min: 8, max: 64, log: false },
        { name: 'optimizer', type: 'categorical', choices: ['adam', 'sgd'], log: false }
      ]
    });
  });

  it('has its own TrainJobs as trials, with parameters, metrics and times', () => {
    const { trials, additionalMetrics } = studyOfOptimizationJob(makeOptimizationJob('tune'), [
      makeTrialJob('tune', 'b', { created: 9 }),
      makeTrialJob('tune', 'a', {
        created: 2,
        env,
        metrics: { loss: '0.25', accuracy: '0.9', note: 'good' },
        conditions: complete
      }),
      makeTrialJob('tune', 'old', { owner: 'of-an-earlier-one' })
    ]);
    expect(trials.map(({ number, name, state }) => [number, name, state])).toEqual([
      [1, 'tune-a', 'succeeded'],
      [2, 'tune-b', 'pending']
    ]);
    expect(trials[0]).toMatchObject({
      parameters: { lr: '0.01', 'hidden-units': '16', optimizer: 'adam' },
      metrics: { loss: { latest: 0.25 }, accuracy: { latest: 0.9 }, note: {} },
      objective: 0.25,
      start: Date.parse('2026-01-01T10:00:02Z'),
      end: Date.parse('2026-01-01T10:01:00Z')
    });
    expect(additionalMetrics).toEqual(['accuracy', 'note']);
  });

  it('reads the parameters from an annotation where no variable tells them', () => {
    const annotations = {
      note: '{not JSON',
      other: '{"lr": 1}',
      trial: '{"lr": 0.02, "hidden-units": 32, "optimizer": "sgd"}'
    };
    const { trials } = studyOfOptimizationJob(makeOptimizationJob('tune'), [
      makeTrialJob('tune', 'a', { annotations })
    ]);
    expect(trials[0]!.parameters).toEqual({
      lr: '0.02',
      'hidden-units': '32',
      optimizer: 'sgd'
    });
  });

  it('says why a trial failed, and that one ended without the objective', () => {
    const failed = [condition('Failed', 'True', 'FailedJobs', 'exit code 1')];
    const { trials } = studyOfOptimizationJob(makeOptimizationJob('tune'), [
      makeTrialJob('tune', 'a', { conditions: failed }),
      makeTrialJob('tune', 'b', { conditions: complete, metrics: { accuracy: '1' } })
    ]);
    expect(trials).toMatchObject([
      { state: 'failed', reason: 'exit code 1' },
      { state: 'metrics-unavailable' }
    ]);
  });

  it('has the best trial of the result, and before that the best that has succeeded', () => {
    const trials = [
      makeTrialJob('tune', 'a', { metrics: { loss: '0.3' }, conditions: complete }),
      makeTrialJob('tune', 'b', { metrics: { loss: '0.2' }, conditions: complete }),
      makeTrialJob('tune', 'c', { metrics: { loss: '0.1' } })
    ];
    const told = makeOptimizationJob('tune', { status: { result: { trainJobName: 'tune-a' } } });
    expect(studyOfOptimizationJob(told, trials).best).toBe('tune-a');
    expect(studyOfOptimizationJob(makeOptimizationJob('tune'), trials).best).toBe('tune-b');
  });
});
