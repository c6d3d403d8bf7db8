/** Tuning experiments as the Katib panel's model has them, for specs. */
import type { IStudy, ITrial } from '../katib/model/study';

/** A trial that has succeeded, and of which nothing else is known. */
export const makeTrial = (number: number, more: Partial<ITrial> = {}): ITrial => ({
  name: `t${number}`,
  uid: `u${number}`,
  number,
  state: 'succeeded',
  parameters: {},
  metrics: {},
  ...more
});

/** A study of these trials that searches a learning rate for the least loss. */
export const makeStudy = (trials: readonly ITrial[], more: Partial<IStudy> = {}): IStudy => ({
  kind: 'Experiment',
  namespace: 'team-a',
  name: 'tunes',
  uid: 'tunes',
  objective: { metric: 'loss', direction: 'minimize' },
  additionalMetrics: [],
  algorithm: 'random',
  parameters: [{ name: 'lr', type: 'double', min: 1e-4, max: 1, log: true }],
  trials,
  ...more
});
