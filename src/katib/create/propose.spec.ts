import { type ITrialParameter, propose } from './propose';

function parameter(name: string, type: ITrialParameter['type'], value: unknown): ITrialParameter {
  return {
    name,
    flag: `--${name}`,
    type,
    default: value,
    required: value === null,
    description: '',
    choices: []
  };
}

describe('propose', () => {
  it.each([
    ['lr', 0.01, '0.001', '0.1', 'logUniform'],
    ['weight_decay', 1e-5, '0.000001', '0.0001', 'logUniform'],
    ['C', 1, '0.1', '10', 'logUniform'],
    ['dropout', 0.5, '0.25', '0.75', 'uniform'],
    ['momentum', 0.9, '0.45', '0.95', 'uniform'],
    ['bias', 0, '0', '1', 'uniform'],
    ['shift', -2, '-4', '0', 'uniform']
  ])('searches the number %s around %d', (name, value, min, max, distribution) => {
    const { row, tuned } = propose(parameter(name, 'NUMBER_DOUBLE', value));
    expect(row).toMatchObject({ name, type: 'double', min, max, distribution });
    expect(tuned).toBe(true);
  });

  it.each([
    ['batch_size', 32, '16', '64', '16'],
    ['max_depth', 3, '1', '7', '1'],
    ['units', 100, '50', '200', '8'],
    ['extra', 0, '0', '10', '1']
  ])('searches the whole number %s around %d in steps', (name, value, min, max, step) => {
    const { row } = propose(parameter(name, 'NUMBER_INTEGER', value));
    expect(row).toMatchObject({ type: 'int', min, max, step, distribution: 'uniform' });
  });

  it('leaves seeds and workers at their values', () => {
    for (const name of ['seed', 'random_state', 'num_workers', 'n_jobs']) {
      expect(propose(parameter(name, 'NUMBER_INTEGER', 7)).tuned).toBe(false);
    }
  });

  it('leaves budgets at their values: more of them is seldom worse, only dearer', () => {
    for (const name of [
      'epochs',
      'n_epochs',
      'num-train-epochs',
      'EPOCHS',
      'maxIter',
      'max_iter'
    ]) {
      expect(propose(parameter(name, 'NUMBER_INTEGER', 7)).tuned).toBe(false);
    }
    for (const name of ['steps', 'max_steps', 'iterations', 'total_timesteps']) {
      expect(propose(parameter(name, 'NUMBER_INTEGER', 7)).tuned).toBe(false);
    }
    for (const name of ['step_size', 'warmup_steps', 'n_estimators', 'max_depth', 'batch_size']) {
      expect(propose(parameter(name, 'NUMBER_INTEGER', 7)).tuned).toBe(true);
    }
    const given = { ...parameter('epochs', 'NUMBER_INTEGER', 5), choices: [5, 10] };
    expect(propose(given)).toMatchObject({ row: { choices: '5, 10' }, tuned: false });
  });

  it('lists what a parameter may be', () => {
    expect(propose(parameter('fast', 'BOOLEAN', true)).row.choices).toBe('true, false');
    const solver = { ...parameter('solver', 'STRING', 'adam'), choices: ['adam', 'a, b'] };
    expect(propose(solver)).toMatchObject({
      row: { type: 'categorical', choices: '["adam","a, b"]' },
      tuned: true
    });
    const size = { ...parameter('size', 'NUMBER_INTEGER', 8), choices: [8, 16] };
    expect(propose(size).row).toMatchObject({ type: 'discrete', choices: '8, 16' });
  });

  it('does not search what has no range that it could guess', () => {
    expect(propose(parameter('kind', 'STRING', 'a'))).toMatchObject({
      row: { type: 'categorical', choices: 'a' },
      tuned: false
    });
    expect(propose(parameter('depth', 'NUMBER_INTEGER', null))).toMatchObject({
      row: { type: 'int', min: '', max: '' },
      tuned: false
    });
    expect(propose(parameter('layers', 'LIST', [1, 2])).row.choices).toBe('["[1,2]"]');
  });
});
