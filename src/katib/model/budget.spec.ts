import { conditions, makeExperiment } from '../../testing/katib';
import {
  budgetPatch,
  canStop,
  currentBudget,
  leastBudget,
  obstacleOf,
  trialsToCome
} from './budget';

const ended = (reason: string, spec: object = {}, type = 'Succeeded') =>
  makeExperiment('digits', {
    spec,
    status: { conditions: conditions(['Created', 'Running!', type], reason) }
  });

describe('changing the budget', () => {
  it.each([
    [
      'while it runs, whatever its policy',
      makeExperiment('a', { spec: { resumePolicy: 'Never' } }),
      undefined
    ],
    ['after its budget was used up', ended('ExperimentMaxTrialsReached'), undefined],
    [
      'not with the policy Never',
      ended('ExperimentMaxTrialsReached', { resumePolicy: 'Never' }),
      'policy'
    ],
    ['not after its goal', ended('ExperimentGoalReached'), 'ended'],
    ['not after all suggestions', ended('ExperimentSuggestionEndReached'), 'ended'],
    ['not after a failure', ended('ExperimentFailed', {}, 'Failed'), 'failed']
  ])('%s', (_, experiment, obstacle) => {
    expect(obstacleOf(experiment)).toBe(obstacle);
  });

  it('writes what is without a limit as null, so that a merge removes it', () => {
    expect(budgetPatch({ max: undefined, parallel: 2, maxFailed: undefined })).toEqual({
      spec: { maxTrialCount: null, parallelTrialCount: 2, maxFailedTrialCount: null }
    });
  });
});

describe('stopping', () => {
  const running = makeExperiment('digits', {
    status: { trials: 7, trialsSucceeded: 4, trialsRunning: 2, trialsFailed: 1 }
  });

  it('takes the least budget that Katib allows, without ending trials that run', () => {
    expect(leastBudget(running)).toEqual({ max: 8, parallel: 3, maxFailed: 3 });
    expect(trialsToCome(running, leastBudget(running))).toBe(1);
    expect(trialsToCome(running, currentBudget(running))).toBe(5);
    expect(canStop(running)).toBe(true);
  });

  it('lowers with it what may not be more', () => {
    const early = makeExperiment('digits', { status: { trials: 1, trialsRunning: 1 } });
    expect(leastBudget(early)).toEqual({ max: 2, parallel: 2, maxFailed: 2 });
  });

  it('counts as still to come what Katib leaves out: trials without metrics', () => {
    const without = makeExperiment('digits', {
      status: { trials: 7, trialsSucceeded: 3, trialsRunning: 2, trialMetricsUnavailable: 2 }
    });
    expect(trialsToCome(without, leastBudget(without))).toBe(3);
  });

  it('cannot make less of what has begun already, or is over', () => {
    expect(canStop(makeExperiment('a', { status: { trials: 11, trialsRunning: 3 } }))).toBe(false);
    expect(canStop(ended('ExperimentMaxTrialsReached'))).toBe(false);
    const endless = { spec: { maxTrialCount: undefined }, status: { trials: 40 } };
    expect(canStop(makeExperiment('a', endless))).toBe(true);
  });
});
