import { nullTranslator } from '@jupyterlab/translation';

import { makeExperiment } from '../testing/katib';
import { checkBudget, textsOf } from './budgetForm';

const trans = nullTranslator.load('jupyterlab_kubeflow');
const experiment = makeExperiment('digits', { status: { trials: 7, trialsRunning: 3 } });
const check = (texts: Partial<ReturnType<typeof textsOf>>) =>
  checkBudget({ ...textsOf(experiment), ...texts }, experiment, trans);

describe('the budget that is typed', () => {
  it('is the one it has, until something else is typed', () => {
    expect(check({}).budget).toEqual({ max: 12, parallel: 3, maxFailed: 3 });
    expect(check({ max: '', maxFailed: ' ' }).budget).toEqual({
      max: undefined,
      parallel: 3,
      maxFailed: undefined
    });
  });

  it.each([
    [{ max: '7' }, { max: 'This must be more than the 7 trials that have begun.' }],
    [{ max: 'many' }, { max: 'This must be a whole number of at least 8.' }],
    [{ parallel: '' }, { parallel: 'This must be a whole number of at least 1.' }],
    [{ parallel: '0' }, { parallel: 'This must be a whole number of at least 1.' }],
    [
      { max: '9', parallel: '10' },
      { parallel: 'No more than 9, all trials, can run at the same time.' }
    ],
    [{ maxFailed: '13' }, { maxFailed: 'This must be no more than 12, all trials.' }],
    [{ maxFailed: '-1' }, { maxFailed: 'This must be a whole number of at least 0.' }]
  ])('refuses %j as Katib does, at the field', (texts, problems) => {
    expect(check(texts)).toEqual({ problems });
  });
});
