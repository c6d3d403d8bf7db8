import {
  at,
  conditions,
  makeExperiment,
  makeOptimizationJob,
  makeTrial
} from '../../testing/katib';
import { studyOfExperiment } from './experiment';
import { budgetOf, factsOfExperiment, factsOfStudy } from './facts';

const now = (seconds: number) => Date.parse(at(seconds));

describe('the facts of an Experiment alone', () => {
  const status = {
    trialsSucceeded: 2,
    trialsFailed: 1,
    trialMetricsUnavailable: 1,
    trialsRunning: 3
  };

  it('counts trials and tells how long the rest takes at the same pace', () => {
    const facts = factsOfExperiment(makeExperiment('digits', { status }), now(60));
    expect(facts).toMatchObject({ ended: 4, budget: 12, remaining: 120_000 });
    expect(facts.counts).toMatchObject({ running: 3, succeeded: 2, 'metrics-unavailable': 1 });
  });

  it('tells no time before a trial has ended, without a limit, and after a restart', () => {
    const remaining = (change: object) =>
      factsOfExperiment(makeExperiment('digits', change), now(60)).remaining;
    expect(remaining({})).toBeUndefined();
    expect(remaining({ status, spec: { maxTrialCount: undefined } })).toBeUndefined();
    const restarted = { ...status, conditions: conditions(['Created', 'Restarting', 'Running']) };
    expect(remaining({ status: restarted })).toBeUndefined();
  });
});

describe('the facts of a study', () => {
  it('tells the time that is left by that of the trials, less what is behind the running ones', () => {
    const experiment = makeExperiment('digits', {
      spec: { maxTrialCount: 6, parallelTrialCount: 2 }
    });
    const study = studyOfExperiment(experiment, [
      makeTrial('digits', 'a', { created: 0, end: 10, accuracy: ['0.9', '0.9', '0.9'] }),
      makeTrial('digits', 'b', { created: 0, end: 30, accuracy: ['0.8', '0.8', '0.8'] }),
      makeTrial('digits', 'c', { created: 30, state: ['Created', 'Running'] })
    ]);
    // Four trials of 20 s, one of them since 10 s, two at a time.
    expect(factsOfStudy(study, budgetOf(experiment), now(40))).toMatchObject({
      ended: 2,
      budget: 6,
      best: 0.9,
      remaining: 35_000
    });
  });

  it('tells no time when the budget is used up', () => {
    const experiment = makeExperiment('digits', { spec: { maxTrialCount: 1 } });
    const study = studyOfExperiment(experiment, [
      makeTrial('digits', 'a', { created: 0, end: 10 })
    ]);
    expect(factsOfStudy(study, budgetOf(experiment), now(40))).not.toHaveProperty('remaining');
  });

  it('reads the budget of either kind', () => {
    expect(budgetOf(makeExperiment('a'))).toEqual({ max: 12, parallel: 3 });
    expect(budgetOf(makeOptimizationJob('a'))).toEqual({ max: 4, parallel: 2 });
    expect(budgetOf(makeOptimizationJob('a', { spec: { numTrials: undefined } })).max).toBe(1);
  });
});
