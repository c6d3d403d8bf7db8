import { nullTranslator } from '@jupyterlab/translation';

import { at, conditions, makeExperiment, makeOptimizationJob, makeTrial } from '../testing/katib';
import { condition } from '../testing/trainer';
import { trialOf } from './model/experiment';
import { budgetOf, factsOfExperiment, factsOfStudy } from './model/facts';
import { studyOfOptimizationJob } from './model/optimizationJob';
import { remedyWords, stateWords, trialWords } from './stateWords';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const now = Date.parse(at(90));
const say = (...[name, change]: Parameters<typeof makeExperiment>) => {
  const experiment = makeExperiment(name, change);
  return stateWords(experiment, factsOfExperiment(experiment, now), now, trans);
};
const ended = (type: string, reason: string, message = '') => ({
  conditions: conditions(['Created', 'Running!', type], reason, message),
  completionTime: at(75)
});

describe('the state of an experiment in words', () => {
  it.each([
    ['a new one', { status: { conditions: [] } }, 'Waits for its controller for 1 min 30 s'],
    ['one without trials', {}, 'Waits for the first suggestions for 1 min 30 s'],
    [
      'one that runs',
      { status: { trialsSucceeded: 3, trialsRunning: 2 } },
      'Running for 1 min 30 s: 3 of 12 trials, about 4 min 30 s left'
    ],
    [
      'one without a limit',
      { spec: { maxTrialCount: undefined }, status: { trialsRunning: 1 } },
      'Running for 1 min 30 s: 0 trials'
    ],
    [
      'one that used its budget up',
      { status: { trialsSucceeded: 12, ...ended('Succeeded', 'ExperimentMaxTrialsReached') } },
      'Succeeded after 1 min 15 s: all 12 trials are done'
    ],
    [
      'one whose trials reported nothing',
      {
        status: {
          trialMetricsUnavailable: 12,
          ...ended('Succeeded', 'ExperimentMaxTrialsReached')
        }
      },
      'Succeeded after 1 min 15 s: 12 trials gave no metrics'
    ],
    [
      'one that reached its goal',
      { status: { trialsSucceeded: 2, ...ended('Succeeded', 'ExperimentGoalReached') } },
      'Succeeded after 1 min 15 s: the goal was reached'
    ],
    [
      'one with too many failures',
      { status: { trialsFailed: 3, ...ended('Failed', 'ExperimentFailed') } },
      'Failed after 1 min 15 s: 3 trials failed'
    ],
    [
      'one without metrics',
      { status: { trialMetricsUnavailable: 3, ...ended('Failed', 'ExperimentFailed') } },
      'Failed after 1 min 15 s: 3 trials gave no metrics'
    ],
    [
      'one with both',
      {
        status: {
          trialsFailed: 1,
          trialMetricsUnavailable: 2,
          ...ended('Failed', 'ExperimentFailed')
        }
      },
      'Failed after 1 min 15 s: 3 trials failed or gave no metrics'
    ],
    [
      'one that failed otherwise',
      { status: ended('Failed', 'ExperimentFailed', 'Suggestion has failed') },
      'Failed after 1 min 15 s: Suggestion has failed'
    ],
    ['one that is deleted', { metadata: { deletionTimestamp: at(80) } }, 'Being deleted']
  ])('%s', (_, change, expected) => {
    expect(say('digits', change)).toBe(expected);
  });

  it('says what keeps an OptimizationJob from starting', () => {
    const job = makeOptimizationJob('tune', {
      status: {
        conditions: [condition('Created', 'False', 'TrainJobsCreationFailed', 'no such runtime')]
      }
    });
    const facts = factsOfStudy(studyOfOptimizationJob(job, []), budgetOf(job), now);
    expect(stateWords(job, facts, now, trans)).toBe('Does not start: no such runtime');
    expect(remedyWords(job, facts, trans)).toMatch(/^See the events/);
  });
});

describe('what to do about a failure', () => {
  const remedy = (status: object) => {
    const experiment = makeExperiment('digits', { status });
    return remedyWords(experiment, factsOfExperiment(experiment, now), trans);
  };

  it('is about the trials, what they report, or the algorithm', () => {
    const failed = ended('Failed', 'ExperimentFailed');
    expect(remedy({ trialsFailed: 3, ...failed })).toMatch(/^Open a failed trial for its log/);
    expect(remedy({ trialMetricsUnavailable: 3, ...failed })).toMatch(/Print it as “name=value”/);
    expect(remedy(ended('Failed', 'ExperimentFailed', 'Suggestion has failed'))).toMatch(
      /^The algorithm or its settings/
    );
    expect(remedy({ trialsSucceeded: 1 })).toBeUndefined();
    const succeeded = ended('Succeeded', 'ExperimentMaxTrialsReached');
    expect(remedy({ trialMetricsUnavailable: 3, ...succeeded })).toMatch(
      /Print it as “name=value”/
    );
    expect(
      remedy({ trialMetricsUnavailable: 3, trialsSucceeded: 1, ...succeeded })
    ).toBeUndefined();
  });
});

describe('the state of a trial in words', () => {
  const say = (change: Parameters<typeof makeTrial>[2]) =>
    trialWords(trialOf(makeTrial('digits', 'a', change)), 'accuracy', now, trans);

  it.each([
    [
      { created: 10, end: 51, accuracy: ['0.98123', '0.5', '0.98123'] as const },
      'Succeeded after 41 s: accuracy 0.9812'
    ],
    [{ created: 60, state: ['Created', 'Running'] }, 'Running for 30 s'],
    [
      { created: 10, end: 20, state: ['Created', 'Running!', 'Failed'], message: 'Exit code 1' },
      'Failed after 10 s: Exit code 1'
    ],
    [
      {
        created: 10,
        state: ['Created', 'Running!', 'EarlyStopped'],
        message: 'Trial is early stopped'
      },
      'Stopped early after 52 s: Trial is early stopped'
    ]
  ])('%j', (change, expected) => {
    expect(say(change)).toBe(expected);
  });
});
