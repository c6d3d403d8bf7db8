/** @jest-environment node */
import { readFileSync } from 'fs';
import { join } from 'path';

import { makeStudy, makeTrial } from '../../testing/study';
import type { IParameter, ITrial } from '../model/study';
import { importancesOf } from './importance';
import { normalBetween, normalUpTo } from './normal';

/** A study as `fixtures/ped_anova.py` writes it, with what Optuna says of it. */
interface IFixture {
  name: string;
  direction: 'maximize' | 'minimize';
  parameters: IParameter[];
  trials: { parameters: Record<string, string>; objective: number }[];
  importances: Record<string, number>;
}

const fixtures = readFileSync(join(__dirname, 'fixtures/ped_anova.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as IFixture);

const studyOf = (
  direction: 'maximize' | 'minimize',
  parameters: IParameter[],
  trials: Partial<ITrial>[]
) =>
  makeStudy(
    trials.map((each, index) => makeTrial(index + 1, each)),
    { objective: { metric: 'loss', direction }, parameters }
  );

const LR: IParameter = { name: 'lr', type: 'double', min: 0, max: 1, log: false };
const KIND: IParameter = { name: 'kind', type: 'categorical', choices: ['a', 'b'], log: false };

it.each(fixtures.map(each => [each.name, each] as const))(
  'are those that Optuna gives: %s',
  (_, { direction, parameters, trials, importances }) => {
    const found = importancesOf(studyOf(direction, parameters, trials));
    expect(found.trials).toBe(trials.length);
    expect(found.shares.map(({ name }) => name).sort()).toEqual(Object.keys(importances).sort());
    for (const { name, value } of found.shares) {
      expect(value).toBeCloseTo(importances[name]!, 9);
    }
  }
);

it('tell what decides from what does not', () => {
  const trials = Array.from({ length: 100 }, (_, index) => ({
    parameters: { lr: String(((index * 37) % 100) / 100), kind: index % 2 ? 'a' : 'b' },
    objective: (((index * 37) % 100) / 100 - 0.304) ** 2
  }));
  const { shares, best } = importancesOf(studyOf('minimize', [KIND, LR], trials));
  expect(best).toBe(10);
  expect(shares[0]!.name).toBe('lr');
  expect(shares[0]!.value).toBeGreaterThan(0.9);
});

it('leave out trials that have no objective or did not succeed', () => {
  const trials: Partial<ITrial>[] = [
    { parameters: { lr: '0.1' }, objective: 1 },
    { parameters: { lr: '0.2' }, objective: 2 },
    { parameters: { lr: '0.9' }, objective: 0, state: 'early-stopped' },
    { parameters: { lr: '0.9' }, state: 'succeeded' },
    { parameters: { lr: '0.9' }, state: 'failed' }
  ];
  expect(importancesOf(studyOf('minimize', [LR], trials))).toMatchObject({ trials: 2, best: 1 });
});

it('count what a trial lacks, or is no number, nowhere', () => {
  const trials: Partial<ITrial>[] = [
    { parameters: { kind: 'a' }, objective: 1 },
    { parameters: { lr: 'NaN', kind: 'c' }, objective: 2 },
    { parameters: { lr: '0.3', kind: 'b' }, objective: 3 }
  ];
  const log: IParameter = { ...LR, name: 'lr', min: 0, log: true };
  for (const parameter of [LR, log, { ...LR, min: undefined, max: undefined }]) {
    const { shares } = importancesOf(studyOf('maximize', [parameter, KIND], trials));
    expect(shares.every(({ value }) => Number.isFinite(value))).toBe(true);
  }
});

it('are equal where there is nothing to tell them apart', () => {
  const none = importancesOf(studyOf('minimize', [LR, KIND], []));
  expect(none).toEqual({
    shares: [
      { name: 'lr', value: 0.5 },
      { name: 'kind', value: 0.5 }
    ],
    trials: 0,
    best: 0
  });
});

it.each([
  [0, 0.5],
  [1, 0.8413447460685429],
  [-1, 0.15865525393145707],
  [2.8, 0.9974448696695721],
  [-3, 0.0013498980316300957],
  [-10, 7.61985302416047e-24]
])('know the normal distribution up to %d', (z, value) => {
  expect(Math.abs(normalUpTo(z) / value - 1)).toBeLessThan(1e-13);
  expect(normalBetween(-Infinity, z, 0, 1)).toBeCloseTo(value, 14);
});
